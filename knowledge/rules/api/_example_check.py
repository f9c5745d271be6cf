"""Whether an example fits the schema it stands with, and where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from knowledge.api.context import ApiContext
from knowledge.api.node import Node
from knowledge.rules.api._example_cost import affordable
from knowledge.rules.api._example_schema import Converter
from knowledge.rules.api._schema_use import REQUEST, RESPONSE, uses_of

if TYPE_CHECKING:
    import jsonschema_rs

MOST_TEXT = 120
MOST_ALTERNATIVES = 10
"""Alternatives within alternatives that are followed to find the reason."""
ONE_WAY = {REQUEST: ("readOnly",), RESPONSE: ("writeOnly",), "": ("readOnly", "writeOnly")}


class Checker:
    """Examples of one direction: ``request``, ``response``, or empty where both may be meant."""

    def __init__(self, context: ApiContext, direction: str) -> None:
        self._converter = Converter(context, ONE_WAY[direction])
        self._validators: dict[str, jsonschema_rs.Validator | None] = {}

    def misfit(self, value: Any, schema: Any) -> tuple[str, tuple[str | int, ...]]:
        """What the schema has against ``value``, and where in it; empty where nothing, or the schema cannot be used."""
        if not isinstance(schema, Mapping):
            return "", ()
        try:
            validator = self._validator(schema)
            if validator is None or validator.is_valid(value):
                return "", ()
            for error in validator.iter_errors(value):
                closest = _closest(error)
                return _text(closest), tuple(closest.instance_path)
        except (ValueError, TypeError, OverflowError):  # NaN, lone surrogates: no JSON, and not this rule's to say
            return "", ()
        return "", ()

    def _validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator | None:
        reference = schema.get("$ref") if len(schema) == 1 else None
        if not isinstance(reference, str):
            return self._made(schema)
        if reference not in self._validators:
            self._validators[reference] = self._made(schema)
        return self._validators[reference]

    def _made(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator | None:
        import jsonschema_rs

        try:
            whole = self._converter.whole(schema)
            return jsonschema_rs.Draft202012Validator(whole, validate_formats=True) if affordable(whole) else None
        except (ValueError, TypeError, OverflowError):  # a schema that is none, or a pattern that no engine reads
            return None


def _closest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Of alternatives that all refuse the value, what the one has against it that follows it furthest."""
    for _ in range(MOST_ALTERNATIVES):
        if error.kind.name != "anyOf":
            break
        branches = [errors[0] for errors in getattr(error.kind, "context", ()) if errors]
        if not branches:
            break
        error = max(branches, key=lambda found: (len(found.instance_path), found.kind.name != "type"))
    return error


def _text(error: jsonschema_rs.ValidationError) -> str:
    message = " ".join(error.message.split())
    return message if len(message) <= MOST_TEXT else f"…{message[-MOST_TEXT:]}"


def checker(context: ApiContext, direction: str) -> Checker:
    """The checker of a document for a direction, made once."""
    return context.memo(("example checker", direction), lambda: Checker(context, direction))


def direction_of(node: Node) -> str:
    """``request`` or ``response``; empty where the node may stand in both."""
    found = uses_of(node) & {REQUEST, RESPONSE}
    return next(iter(found)) if len(found) == 1 else ""


WRITTEN = object()
"""Stands for an example that is written as it is sent, of a type that a text cannot be held against."""


def as_written(value: Any, kinds: frozenset[str]) -> Any:
    """The value that an example of a parameter means: ``"10"`` is a number in a URL, and 10 may be a text.

    Arrays and objects given as text are :data:`WRITTEN`: how they are written is the style's to say.
    """
    if not isinstance(value, str):
        if kinds == {"string"} and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return WRITTEN if kinds == {"array"} and not isinstance(value, list) else value
    if not kinds or "string" in kinds:
        return value
    if kinds & {"array", "object"}:
        return WRITTEN
    if value in ("true", "false") and "boolean" in kinds:
        return value == "true"
    try:
        return int(value) if "integer" in kinds else float(value)
    except ValueError:
        return value
