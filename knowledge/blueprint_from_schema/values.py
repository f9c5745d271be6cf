"""What the database says of a column's values: defaults and CHECK constraints, put into the options of its field."""

from __future__ import annotations

import json
import math
from decimal import Decimal

from knowledge.blueprint.checks.defaults import unfit
from knowledge.blueprint.checks.fields import MAX_VALUE
from knowledge.blueprint.fields import MAX_VALUES, FieldSpec
from knowledge.blueprint_from_schema.conditions import Limit, constant, parsed
from knowledge.blueprint_from_schema.field_types import Options
from knowledge.schema import Column

_NO_DEFAULTS = ("", "null")


def limited(options: Options, limit: Limit) -> bool:
    """Put a limit into a field's options; false where its type has no such option."""
    kind = options["type"]
    if limit.kind == "values":
        return _listed(options, limit.values)
    if limit.of_length:
        return kind in ("string", "text") and _length(options, limit)
    return kind in ("integer", "decimal") and _bound(options, limit)


def _listed(options: Options, values: tuple[str, ...]) -> bool:
    fitting = 0 < len(values) <= MAX_VALUES and all(
        0 < len(value) <= MAX_VALUE and value.isprintable() and value == value.strip() for value in values
    )
    if options["type"] not in ("string", "text", "enum") or not fitting:
        return False
    known = options.get("values", values)
    for size in ("min_length", "max_length"):
        options.pop(size, None)
    options.update(type="enum", values=[value for value in dict.fromkeys(values) if value in known])
    return True


def _length(options: Options, limit: Limit) -> bool:
    inwards = 1 if limit.open else 0
    if limit.kind == "minimum":
        options["min_length"] = max(options.get("min_length", 0), math.ceil(limit.bound) + inwards)
    else:
        most = math.floor(limit.bound) - inwards
        options["max_length"] = min(options.get("max_length") or most, most)
    return True


def _bound(options: Options, limit: Limit) -> bool:
    """An open bound moves inwards by the smallest step the type has."""
    step = Decimal(1).scaleb(-options.get("scale", 0))
    number = limit.bound
    if limit.kind == "minimum":
        number = -(-number // step) * step if number % step else number + (step if limit.open else 0)
        options["minimum"] = float(max(number, Decimal(str(options.get("minimum", number)))))
    else:
        number = number // step * step if number % step else number - (step if limit.open else 0)
        options["maximum"] = float(min(number, Decimal(str(options.get("maximum", number)))))
    return True


def with_default(options: Options, column: Column) -> str:
    """Put the column's default into a field's options; what is to be told where that cannot be done."""
    text = column.default.strip()
    if column.identity or column.sequence:
        return "the database counts it up; a blueprint does not"
    if text.lower() in _NO_DEFAULTS:
        return ""
    value = _value(options["type"], text)
    if value is None:
        return f"has a default that is computed ({text[:60]}); a blueprint's are values"
    if options.get("unique"):
        return "is unique and has a default, which the second row could not take"
    spec = FieldSpec.model_validate({**options, "default": value})
    if unfit(spec):
        return f"has a default that is no value of the field ({text[:60]})"
    options["default"] = value
    return ""


def _value(kind: str, text: str) -> object | None:
    tree = parsed(text)
    literal = None if tree is None else constant(tree)
    if literal is None:
        return None
    try:
        match kind:
            case "integer":
                return int(literal)
            case "boolean":
                return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(literal.lower())
            case "json":
                found: object = json.loads(literal)
                return found
    except (ValueError, RecursionError):
        return None
    return literal
