"""Values as documents hold them: what a driver makes of a value that travelled."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from knowledge.blueprint.fields import FieldSpec, FieldType


class Unfit(Exception):
    """A value the driver cannot turn into one of the field's type."""


def stored(spec: FieldSpec, value: Any) -> Any:
    """The value for a validator in JSON's words: decimals are numbers, the rest is as it travelled.

    Raises:
        Unfit: a decimal is none.
    """
    if spec.type is not FieldType.DECIMAL or value is None:
        return value
    return float(decimal_of(value))


def decimal_of(value: Any) -> Decimal:
    """A decimal that travels as text.

    Raises:
        Unfit: it is none.
    """
    if not isinstance(value, str) or "e" in value.lower():
        raise Unfit(repr(value))
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Unfit(repr(value)) from None
