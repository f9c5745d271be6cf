"""What clients send is what the database keeps and clients can read again; the rest is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from backend.reference import values

PRICE = Annotated[values.Number, Field(max_digits=5, decimal_places=2, ge=0), values.Digits(5, 2)]
KEPT: list[tuple[Any, Any, Any]] = [
    (values.Text, "line\nbreaks, \u2028 and 😀", "line\nbreaks, \u2028 and 😀"),
    (values.Email, "o'neill+tag@mail.example.org", "o'neill+tag@mail.example.org"),
    (values.Url, "https://example.org:8443/a?b=%20#c", "https://example.org:8443/a?b=%20#c"),
    (values.Slug, "first-post-2", "first-post-2"),
    (values.Integer, -(2**53) + 1, -(2**53) + 1),
    (values.IntegerText, "12", 12),
    (values.Moment, "2030-01-31t12:00:00.5+02:00", datetime(2030, 1, 31, 10, 0, 0, 500_000, UTC)),
    (values.Day, "2028-02-29", date(2028, 2, 29)),
    (PRICE, "12.5", Decimal("12.5")),
    (PRICE, "000.00", Decimal("0.00")),
    (values.Json, {"a": [1, 2.5, None, True, "x"]}, {"a": [1, 2.5, None, True, "x"]}),
]
REFUSED: list[tuple[Any, Any]] = [
    *((values.Text, text) for text in ("\x00", "a\x00b", "\ud800", 5, None)),
    *((values.Email, text) for text in ("", "a@b", "a b@c.de", "ü@example.org", "a@b.c\n", "@b.de", "a@-b.de")),
    *((values.Url, text) for text in ("ftp://a.de", "https://", "https://u:p@a.de", "https://a.de/\x00", "//a.de")),
    *((values.Url, text) for text in ("javascript:alert(1)", "https://a.de/ ", "https://a.de\n", "https://ü.de")),
    *((values.Slug, text) for text in ("", "-a", "a-", "a--b", "A", "a_b", "a\n")),
    *((values.Integer, number) for number in (2**53, -(2**53), 1.0, "1", True, 10**400)),
    *((values.Boolean, word) for word in (1, "true", "yes", None)),
    *((values.Moment, text) for text in ("2030-01-31", "2030-01-31T12:00:00", 0, "0", "2030-01-31T25:00:00Z")),
    *((values.Moment, text) for text in ("0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "\u0661-01-01")),
    *((values.Day, text) for text in ("2030-02-29", "0000-01-01", "20300131", 20300131, "2030-01-31T00:00:00Z")),
    *((PRICE, text) for text in ("1.234", "1234", "-0.01", "1e2", "NaN", "Infinity", " 1", "", 1, 1.5, True, "\u0663")),
    *((values.Json, item) for item in (float("nan"), float("inf"), 2**53, {"\x00": 1}, ["\udfff"], [[-(2**60)]])),
]


@pytest.mark.parametrize(("kind", "sent", "kept"), KEPT)
def test_fitting_values_are_kept_as_they_were_meant(kind: Any, sent: Any, kept: Any) -> None:
    assert TypeAdapter(kind).validate_python(sent) == kept


@pytest.mark.parametrize(("kind", "sent"), REFUSED)
def test_values_that_do_not_fit_are_refused(kind: Any, sent: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(sent)


@pytest.mark.parametrize(("depth", "fits"), [(31, True), (32, True), (33, False), (5000, False)])
def test_json_is_as_deep_as_every_reader_can_follow(depth: int, fits: bool) -> None:
    value: Any = 1
    for _ in range(depth - 1):
        value = [value]
    adapter = TypeAdapter(values.Json)
    if fits:
        assert adapter.validate_python(value) == value
        return
    with pytest.raises(ValidationError):
        adapter.validate_python(value)


@given(st.decimals(0, 999, places=2, allow_nan=False))
def test_a_decimal_that_fits_its_digits_is_documented_and_read_exactly(number: Decimal) -> None:
    schema = TypeAdapter(PRICE).json_schema()
    assert schema == {"type": "string", "pattern": r"^-?[0-9]{1,3}(?:\.[0-9]{1,2})?$"}
    assert TypeAdapter(PRICE).validate_python(str(number)) == number
