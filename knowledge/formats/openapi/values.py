"""Fields as JSON Schema: what clients may send, what they get back, what they may ask for.

Patterns use explicit ASCII classes: ``\\s``, ``\\d`` and ``\\w`` mean other things in ECMA-262 than in Python or Rust.
"""

from __future__ import annotations

from typing import Any, Final

from knowledge.blueprint.fields import INTEGER_LIMIT, FieldSpec, FieldType, StringFormat

JsonSchema = dict[str, Any]

NO_NUL: Final = r"^[^\x00]*$"
PATTERNS: Final = {
    StringFormat.ANY: NO_NUL,
    StringFormat.EMAIL: (
        r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
        r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
    ),
    StringFormat.URL: r"^https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#][!-~]*)?$",
    StringFormat.SLUG: r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
}
"""The same as the reference backend demands."""

ANY_JSON: Final[JsonSchema] = {"type": ["object", "array", "string", "number", "boolean"]}
_UUID: Final[JsonSchema] = {"type": "string", "format": "uuid"}
_SCALARS: Final[dict[FieldType, JsonSchema]] = {
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATETIME: {"type": "string", "format": "date-time"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.UUID: _UUID,
    FieldType.JSON: ANY_JSON,
}


def uuid() -> JsonSchema:
    """The key of a row."""
    return dict(_UUID)


def sent(spec: FieldSpec) -> JsonSchema:
    """A value in a body, null included where the field may be null."""
    return _described(spec, _nullable(spec, _constrained(spec)))


def shown(spec: FieldSpec) -> JsonSchema:
    """A value in an answer: its kind, without what was demanded when it was written."""
    return _described(spec, _nullable(spec, _kind(spec)))


def asked(spec: FieldSpec) -> JsonSchema:
    """A value in a query string, to which the stored one is to be equal."""
    if spec.type is FieldType.INTEGER:
        return {"type": "integer", "minimum": -INTEGER_LIMIT, "maximum": INTEGER_LIMIT}
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        return {"type": "string", "pattern": NO_NUL}
    return _constrained(spec) if spec.type is FieldType.ENUM else _digits(spec) or _kind(spec)


def _kind(spec: FieldSpec) -> JsonSchema:
    if spec.type is FieldType.ENUM:
        return {"type": "string", "enum": list(spec.values)}
    if spec.type is FieldType.INTEGER:
        return {"type": "integer"}
    return dict(_SCALARS.get(spec.type, {"type": "string"}))


def _constrained(spec: FieldSpec) -> JsonSchema:
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        least = {"minLength": spec.min_length} if spec.min_length else {}
        return {"type": "string", **least, "maxLength": spec.longest, "pattern": PATTERNS[spec.format]}
    if spec.type is FieldType.INTEGER:
        low = -INTEGER_LIMIT if spec.minimum is None else int(spec.minimum)
        high = INTEGER_LIMIT if spec.maximum is None else int(spec.maximum)
        return {"type": "integer", "minimum": low, "maximum": high}
    return _digits(spec) or _kind(spec)


def _digits(spec: FieldSpec) -> JsonSchema:
    """Of a decimal: it travels as text, so that no digit is lost."""
    if spec.type is not FieldType.DECIMAL:
        return {}
    whole = max(1, spec.precision - spec.scale)
    point = rf"(?:\.[0-9]{{1,{spec.scale}}})?" if spec.scale else ""
    return {"type": "string", "pattern": f"^-?[0-9]{{1,{whole}}}{point}$"}


def _nullable(spec: FieldSpec, schema: JsonSchema) -> JsonSchema:
    return schema if spec.required else {"anyOf": [schema, {"type": "null"}]}


def _described(spec: FieldSpec, schema: JsonSchema) -> JsonSchema:
    return {**schema, "description": spec.description} if spec.description else schema
