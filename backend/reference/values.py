"""Values that clients send. What the database cannot keep, or clients could not read again, is refused as 422.

Use them qualified, as in ``values.Text``: fields may have any of these names themselves.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, GetJsonSchemaHandler, JsonValue
from pydantic import WithJsonSchema as JsonSchema
from pydantic_core import CoreSchema

INTEGER_LIMIT = 2**53 - 1
"""Integers further from zero are not exact in the JSON of most clients (RFC 8259 section 6)."""
JSON_DEPTH = 32
"""Lists and objects inside one another."""

NO_NUL = r"^[^\x00]*$"
EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)
"""As browsers check it (HTML Living Standard, "valid e-mail address"), and the domain has a dot."""
URL = r"^https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#][!-~]*)?$"
"""Printable ASCII, as RFC 3986 has it; nobody's password before the host."""
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,100}(\.\d{1,100})?", re.ASCII)


def _moment(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    raise ValueError("Write a date and time with its offset, as in 2030-01-31T12:00:00Z (RFC 3339)")


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("This lies outside the years 1 to 9999 in UTC") from None


def _day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("Write a date, as in 2030-01-31")


def _decimal(value: object) -> object:
    if isinstance(value, Decimal) or (isinstance(value, str) and _DECIMAL.fullmatch(value)):
        return value
    raise ValueError('Write a decimal as text, as in "12.50"')


def _portable(value: JsonValue) -> JsonValue:
    """The value, if every engine keeps it and every client reads it as it was sent (RFC 7493)."""
    level: list[Any] = [value]
    for _ in range(JSON_DEPTH):
        for item in level:
            _check_scalar(item)
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return value
    raise ValueError(f"Lists and objects may stand at most {JSON_DEPTH} deep in one another")


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    return item if isinstance(item, list) else []


def _check_scalar(item: Any) -> None:
    if isinstance(item, str):
        if "\x00" in item:
            raise ValueError("NUL characters cannot be kept")
        try:
            item.encode()
        except UnicodeEncodeError:
            raise ValueError("Half a surrogate pair is no character") from None
    elif isinstance(item, float) and not math.isfinite(item):
        raise ValueError("Numbers must be finite")
    elif isinstance(item, int) and abs(item) > INTEGER_LIMIT:
        raise ValueError(f"Whole numbers lie between -{INTEGER_LIMIT} and {INTEGER_LIMIT}")


@dataclass(frozen=True)
class Digits:
    """At most ``precision`` digits, ``scale`` of them after the point; travels as text, so that none is lost."""

    precision: int
    scale: int

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        whole = max(1, self.precision - self.scale)
        point = rf"(?:\.[0-9]{{1,{self.scale}}})?" if self.scale else ""
        return {"type": "string", "pattern": f"^-?[0-9]{{1,{whole}}}{point}$"}


Text = Annotated[str, Field(pattern=NO_NUL)]
"""PostgreSQL keeps every character but NUL."""
Email = Annotated[str, Field(pattern=EMAIL)]
"""An address of e-mail."""
Url = Annotated[str, Field(pattern=URL)]
"""An address of the web."""
Slug = Annotated[str, Field(pattern=SLUG)]
"""Small letters and digits, joined by single hyphens."""
Integer = Annotated[int, Field(strict=True, ge=-INTEGER_LIMIT, le=INTEGER_LIMIT)]
"""A whole number, written as one."""
IntegerText = Annotated[int, Field(ge=-INTEGER_LIMIT, le=INTEGER_LIMIT)]
"""The same in a query string, where everything is text."""
Boolean = Annotated[bool, Field(strict=True)]
"""``true`` or ``false``, and nothing that could be taken for them."""
Number = Annotated[Decimal, BeforeValidator(_decimal)]
"""An exact decimal; say how many :class:`Digits` it has."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_utc)]
"""A moment with its offset, kept in UTC."""
Day = Annotated[date, BeforeValidator(_day)]
"""A day of the calendar."""
Json = Annotated[
    JsonValue,
    AfterValidator(_portable),
    JsonSchema({"type": ["object", "array", "string", "number", "boolean"]}),
]
"""Any JSON value but null."""
