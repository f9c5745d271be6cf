"""The blueprint's JSON Schema, for editors that complete and check YAML while it is written."""

from __future__ import annotations

from typing import Any

from knowledge.blueprint.checks.fields import options_of
from knowledge.blueprint.checks.names import NAME_PATTERN, PROJECT_PATTERN
from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a blueprint as it is written.

    It knows keys, types, bounds, how names are written and which options belong to which type. What spans several
    places (names that must exist, who may read what) only ``read_blueprint`` tells.
    """
    schema = Blueprint.model_json_schema(mode="validation")
    parts = schema["$defs"]
    for part in (schema, *parts.values()):
        for name, value in part.get("properties", {}).items():
            if name != "default":
                part["properties"][name] = _without_null(value)
    schema["properties"]["name"]["pattern"] = PROJECT_PATTERN
    parts["Resource"]["properties"]["plural"]["pattern"] = NAME_PATTERN
    _name_keys(schema["properties"]["resources"])
    for group in ("fields", "belongs_to", "many_to_many"):
        _name_keys(parts["Resource"]["properties"][group])
    parts["FieldSpec"]["allOf"] = [_options(kind) for kind in FieldType]
    return {"$schema": DIALECT, **schema}


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    """The alternative to ``null``: in the text, a key that has no value is left out."""
    others = [option for option in value.get("anyOf", []) if option.get("type") != "null"]
    if len(others) != 1:
        return value
    kept = {key: item for key, item in value.items() if key not in ("anyOf", "default")}
    return {**others[0], **kept}


def _name_keys(mapping: dict[str, Any]) -> None:
    mapping["propertyNames"] = {"pattern": NAME_PATTERN}


def _options(kind: FieldType) -> dict[str, Any]:
    """What a field of one type must have, and must not."""
    fitting, others = options_of(kind)
    unused: dict[str, Any] = {}
    for option in sorted(others):
        default = FieldSpec.model_fields[option].default
        unused[option] = {"maxItems": 0} if default == () else default is not None and {"const": default}
    then: dict[str, Any] = {"properties": unused}
    if "values" in fitting:
        then |= {"required": ["values"], "properties": {**then["properties"], "values": {"minItems": 1}}}
    return {"if": {"properties": {"type": {"const": kind.value}}, "required": ["type"]}, "then": then}
