"""Whether plain values have the shape of a blueprint: known keys, right types. Plain sentences where they have not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from knowledge.blueprint.fields import Model
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Path, Problem, choice, dotted, quoted

_WRITE_INSTEAD = {
    "string_type": ("text", "Write text, in quotes where it looks like a number or like true, false or null."),
    "bool_type": ("true or false", "Write true or false."),
    "int_type": ("a whole number", "Write a whole number, without quotes."),
    "int_from_float": ("a whole number", "Write a whole number, without a point."),
    "float_type": ("a number", "Write a number, without quotes."),
    "tuple_type": ("a list", "Write a list, as in [one, two]."),
    "dict_type": ("a mapping", "Write keys and values, one `key: value` a line."),
    "model_type": ("a mapping", "Write keys and values, one `key: value` a line, or {} for none."),
    "model_attributes_type": ("a mapping", "Write keys and values, one `key: value` a line, or {} for none."),
}
_EXAMPLES = {
    "name": "name: shop",
    "resources": "resources:, and below it one resource or more",
    "fields": "fields:, and below it one field or more, as in title: {type: string}",
    "operations": "operations:, and below it those offered, as in list: {}",
    "type": "type: string, or another type",
    "resource": "resource:, with the name of the resource it points to",
    "requests": "requests: 100, or another number",
}


def read_structure(data: Any) -> tuple[Blueprint | None, list[Problem]]:
    """The blueprint the values make, or what keeps them from making one."""
    problems = list(_empty(data, ()))
    try:
        blueprint = Blueprint.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        told = {problem.path for problem in problems}
        problems += [problem for problem in map(_problem, error.errors()) if problem.path not in told]
        return None, problems
    return (None if problems else blueprint), problems


def _empty(data: Any, path: Path) -> Iterator[Problem]:
    """Keys without a value. ``get:`` alone would read as no operation, though it looks like one."""
    if isinstance(data, dict):
        for key, value in data.items():
            if value is None and key != "default":
                told = f"{quoted(key)} has no value."
                yield Problem((*path, key), told, "Write a value ({} for an operation with the defaults) or delete it.")
            elif key != "default":
                yield from _empty(value, (*path, key))


def _problem(error: ErrorDetails) -> Problem:
    path = tuple(str(part) for part in error["loc"] if part != "[key]")
    kind, found, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        told = f"{path[-1]} is missing."
        return Problem(path, told, f"Write {_EXAMPLES.get(path[-1], f'{path[-1]}: with a value')}.")
    if kind == "extra_forbidden":
        model = _model_at(path[:-1])
        known = list(model.model_fields) if model else []
        return Problem(path, f"{quoted(path[-1])} is not a known key here.", choice(path[-1], known, "Delete it."))
    if kind in ("enum", "literal_error"):
        allowed = [word for word in re.findall(r"'([^']*)'", str(context.get("expected", ""))) if word]
        return Problem(path, f"{_capital(_shown(found))} is not known here.", choice(str(found), allowed, "Delete it."))
    if kind in ("greater_than_equal", "less_than_equal"):
        limit, word = (context["ge"], "least") if kind == "greater_than_equal" else (context["le"], "most")
        told = f"{_capital(_shown(found))} is too {'small' if word == 'least' else 'large'}."
        return Problem(path, told, f"Write a number of at {word} {limit:,}.")
    if kind in ("too_long", "string_too_long"):
        limit = context["max_length"]
        unit = "characters" if kind == "string_too_long" else "entries"
        return Problem(path, f"{dotted(path[-1:])} has more than {limit:,} {unit}.", f"Write at most {limit:,}.")
    if kind == "too_short":
        return Problem(path, f"{dotted(path[-1:])} is empty.", f"Write {_EXAMPLES.get(path[-1], 'one entry or more')}.")
    expected, remedy = _WRITE_INSTEAD.get(kind, ("something else", f"{error['msg']}."))
    return Problem(path, f"{_capital(expected)} is expected here, not {_shown(found)}.", remedy)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    names = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return names.get(type(value), f"the number {value}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _model_at(path: Path) -> type[Model] | None:
    """The part of the model that stands at a path."""
    kind: Any = Blueprint
    for part in path:
        kind = _inside(kind, part)
    return kind if _is_model(kind) else None


def _inside(kind: Any, key: str) -> Any:
    """What a key or position of such a value holds: a field's type, or what a mapping or list is made of."""
    if _is_model(kind):
        known = kind.model_fields.get(key)
        kind = known.annotation if known else None
        return get_args(kind)[0] if get_args(kind) and get_origin(kind) not in (dict, tuple) else kind
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)
