"""Whether a default is a value its field takes."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue

from knowledge.blueprint.fields import INTEGER_LIMIT, FieldSpec, FieldType, StringFormat

_FORMATS = {
    StringFormat.EMAIL: (re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"), "an e-mail address, as in info@example.org"),
    StringFormat.URL: (re.compile(r"https?://[^\s/]+(/\S*)?"), "an address, as in https://example.org/"),
    StringFormat.SLUG: (re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), "a slug, as in first-post"),
}


def unfit(spec: FieldSpec) -> str:
    """What to write instead of the field's default; empty where the default fits."""
    value = spec.default
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        return _text(spec, value)
    if spec.type is FieldType.INTEGER:
        fitting = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INTEGER_LIMIT
        return _bounded(spec, Decimal(str(value))) if fitting else "Write a whole number, without quotes."
    if spec.type is FieldType.DECIMAL:
        return _decimal(spec, value)
    if spec.type is FieldType.BOOLEAN:
        return "" if isinstance(value, bool) else "Write true or false."
    if spec.type is FieldType.ENUM:
        return "" if value in spec.values else f"Write one of: {', '.join(spec.values[:12])}."
    return _written(spec.type, value)


def _text(spec: FieldSpec, value: JsonValue) -> str:
    if not isinstance(value, str):
        return "Write text, in quotes where it looks like a number or like true, false or null."
    if not spec.min_length <= len(value) <= spec.longest:
        return f"Write {spec.min_length} to {spec.longest} characters."
    if spec.format in _FORMATS:
        pattern, example = _FORMATS[spec.format]
        return "" if pattern.fullmatch(value) else f"Write {example}."
    return ""


def _decimal(spec: FieldSpec, value: JsonValue) -> str:
    example = f"{0:.{spec.scale}f}"
    remedy = f'Write a number of {spec.precision} digits with {spec.scale} after the point, as in "{example}".'
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return remedy
    if not re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", str(value), re.ASCII):
        return remedy
    number = Decimal(str(value))
    return _bounded(spec, number) if fits(number, spec) else remedy


def fits(number: Decimal, spec: FieldSpec) -> bool:
    """Whether a decimal has room in the field's digits."""
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= spec.scale and abs(number) < 10 ** (spec.precision - spec.scale)


def _bounded(spec: FieldSpec, number: Decimal) -> str:
    if spec.minimum is not None and number < Decimal(str(spec.minimum)):
        return f"Write at least {spec.minimum:g}."
    if spec.maximum is not None and number > Decimal(str(spec.maximum)):
        return f"Write at most {spec.maximum:g}."
    return ""


def _written(kind: FieldType, value: JsonValue) -> str:
    """Of the types whose values are written as text; JSON takes every value."""
    if kind is FieldType.JSON:
        return ""
    text = value if isinstance(value, str) else ""
    try:
        if kind is FieldType.DATE:
            date.fromisoformat(text)
        elif kind is FieldType.UUID:
            return "" if str(UUID(text)) == text.lower() else "Write it as 8-4-4-4-12 digits."
        elif datetime.fromisoformat(text).tzinfo is None or not re.match(r"\d{4}-\d\d-\d\dT", text):
            raise ValueError(text)
    except ValueError:
        examples = {FieldType.DATE: '"2030-01-31"', FieldType.DATETIME: '"2030-01-31T12:00:00Z"'}
        example = examples.get(kind, '"0190163d-8694-739b-aea5-966c26f8ad91"')
        return f"Write it as in {example}, in quotes."
    return ""
