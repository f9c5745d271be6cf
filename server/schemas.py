"""JSON Schemas as strict hosts accept them: no titles, no references, nothing open-ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Change = Callable[[Mapping[str, Any]], Json]

_MAPS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")
_SINGLES = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)


def without_titles(schema: Mapping[str, Any]) -> Json:
    """``schema`` without the ``title`` of any node; properties that are *called* title stay."""
    return _walk(schema, lambda node: _but(node, lambda key, value: key == "title" and isinstance(value, str)))


def closed(schema: Mapping[str, Any]) -> Json:
    """``schema`` with ``additionalProperties: false`` at its root, unless it says something itself."""
    return {"additionalProperties": False, **schema}


def inlined(schema: Mapping[str, Any]) -> Json:
    """``schema`` with each local ``$ref`` replaced by what it points at. Recursive schemas are refused.

    Raises:
        ValueError: a definition contains itself.
    """
    definitions: Mapping[str, Any] = schema.get("$defs", {})

    def expand(node: Mapping[str, Any], above: tuple[str, ...]) -> Json:
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith("#/$defs/"):
            name = target.removeprefix("#/$defs/")
            if name in above:
                raise ValueError(f"the schema {name} contains itself")
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            return {**expand(definitions[name], (*above, name)), **siblings}
        return _children(node, lambda child: expand(child, above))

    return expand({key: value for key, value in schema.items() if key != "$defs"}, ())


def without_empty_defaults(schema: Mapping[str, Any]) -> Json:
    """``schema`` without the defaults that any reader would assume: ``""``, ``false``, 0, ``[]``, null."""
    return _walk(schema, lambda node: _but(node, lambda key, value: key == "default" and not value))


def bare(schema: Mapping[str, Any]) -> Json:
    """``schema`` without descriptions and defaults: the shape alone, for a result."""
    return _walk(schema, lambda node: _but(node, lambda key, _: key in ("description", "default")))


def _but(node: Mapping[str, Any], drop: Callable[[str, Any], bool]) -> Json:
    return {key: value for key, value in node.items() if not drop(key, value)}


def _walk(node: Mapping[str, Any], change: Change) -> Json:
    return _children(change(node), lambda child: _walk(child, change))


def _children(node: Mapping[str, Any], visit: Change) -> Json:
    """``node`` with ``visit`` applied to its sub-schemas; values such as defaults are left alone."""
    result: Json = {}
    for key, value in node.items():
        if key in _MAPS and isinstance(value, dict):
            result[key] = {name: visit(child) if isinstance(child, dict) else child for name, child in value.items()}
        elif key in _LISTS and isinstance(value, list):
            result[key] = [visit(child) if isinstance(child, dict) else child for child in value]
        elif key in _SINGLES and isinstance(value, dict):
            result[key] = visit(value)
        else:
            result[key] = value
    return result
