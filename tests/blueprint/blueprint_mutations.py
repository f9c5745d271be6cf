"""Blueprints with one thing wrong: made from the examples, each with the path the problem has to name."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.problems import Path
from knowledge.blueprint.source import read_text

EXAMPLES = File(__file__).parents[2] / "examples"
GONE = object()
"""In an edit: delete what stands there."""

FITTING = {
    "string": {"min_length", "max_length", "format", "unique"},
    "text": {"min_length", "max_length"},
    "integer": {"minimum", "maximum", "unique"},
    "decimal": {"minimum", "maximum", "unique", "precision", "scale"},
    "datetime": {"unique"},
    "date": {"unique"},
    "uuid": {"unique"},
    "enum": {"values", "unique"},
}
OPTIONS = {
    "min_length": 1,
    "max_length": 10,
    "format": "slug",
    "unique": True,
    "minimum": 1,
    "maximum": 2,
    "precision": 4,
    "scale": 1,
    "values": ["a"],
}
UNFIT = {
    "string": [5, True, [], "x" * 3000],
    "text": [5, False, {}, "x" * 100_001],
    "integer": ["1", 1.5, True, 2**60],
    "decimal": ["many", True, "1e2", "0.12345678901234567890"],
    "boolean": ["yes", 1],
    "datetime": ["now", "2030-01-31", "2030-01-31T12:00:00", 5],
    "date": ["today", "2030-02-30", 2030],
    "uuid": ["123", 5],
    "enum": ["none of them", 1],
}
BAD_NAMES = [
    "",
    "Order",
    "orderLine",
    "order-line",
    "order line",
    "_order",
    "order_",
    "order__line",
    "1st",
    "größe",
    "заказ",
    "o\u0301",
    "x" * 41,
    "x" * 64,
    "../../etc/passwd",
    "a/b",
    "a.b",
    "..",
    "%2e%2e",
    "a;drop table x",
    "a\nb",
    "{{x}}",
    "${x}",
    "<<",
]
BAD_RESOURCES = [
    *BAD_NAMES,
    "class",
    "import",
    "none",
    "list",
    "str",
    "self",
    "core",
    "main",
    "model",
    "base",
    "table",
    "news",
]
BAD_FIELDS = [
    *BAD_NAMES,
    *("class", "from", "async", "none", "date", "datetime", "str", "json", "copy", "dict", "schema", "construct"),
    *("model_config", "model_dump", "metadata", "registry", "id", "created_at", "updated_at", "deleted_at", "version"),
    *("owner_id", "tenant_id", "keys", "values", "items", "get", "update"),
]
BAD_RELATIONS = [*BAD_NAMES, "class", "metadata", "json", "customer_id", "owner", "tenant"]


@dataclass(frozen=True)
class Mutant:
    """A blueprint with one thing wrong, and the path that has to be named."""

    name: str
    data: Any
    path: Path


def example(name: str) -> Any:
    """The plain values of an example."""
    return read_text((EXAMPLES / f"{name}.yaml").read_text()).plain()


def edited(data: Any, edits: dict[str, Any]) -> Any:
    """A copy with values set (or ``GONE``) at dotted paths; what is missing on the way is made."""
    result = copy.deepcopy(data)
    for dotted, value in edits.items():
        *above, last = dotted.split(".")
        holder = result
        for part in above:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        if value is GONE:
            del holder[last]
        elif isinstance(holder, list):
            holder[int(last)] = value
        else:
            holder[last] = value
    return result


def renamed(data: Any, path: Path, name: str) -> Any:
    """A copy with another key, at the same place."""
    result = copy.deepcopy(data)
    holder = result
    for part in path[:-1]:
        holder = holder[part]
    items = [(name if key == path[-1] else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(items)
    return result


def parts(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, but not what is inside a default."""
    yield path, data
    if path[-1:] == ("default",):
        return
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from parts(value, (*path, str(key)))


def misshapen(data: Any) -> Iterator[Mutant]:
    """Values of another type, keys nobody knows, keys without a value, everywhere."""
    for path, value in parts(data):
        if path[-1:] == ("default",):
            continue
        where = ".".join(path)
        wrong: list[Any] = [None, []] if isinstance(value, dict) else [None, {"a": 1}]
        if isinstance(value, dict):
            yield Mutant(f"unknown key in {where}", _with(data, path, {**value, "nmae": 5}), (*path, "nmae"))
        elif not isinstance(value, list):
            wrong.append([1])
        wrong.append(5 if isinstance(value, str) else "some text")
        for other in wrong:
            if path:
                yield Mutant(f"{where} becomes {other!r}", _with(data, path, other), path)


def missing(data: Any) -> Iterator[Mutant]:
    """Without what is needed."""
    for path, _ in parts(data):
        if path in (("name",), ("resources",)) or path[-1:] in (("requests",), ("type",), ("resource",)):
            yield Mutant(f"no {'.'.join(path)}", edited(data, {".".join(path): GONE}), path)
        if len(path) == 3 and path[2] in ("fields", "operations"):
            yield Mutant(f"no {'.'.join(path)}", edited(data, {".".join(path): GONE}), path)
            yield Mutant(f"nothing in {'.'.join(path)}", edited(data, {".".join(path): {}}), path)


def out_of_bounds(data: Any) -> Iterator[Mutant]:
    """Whole numbers far from what they may be."""
    for path, value in parts(data):
        if isinstance(value, int) and not isinstance(value, bool) and path[-1] not in ("minimum", "maximum", "default"):
            for other in (-1, 10**12):
                yield Mutant(f"{'.'.join(path)}: {other}", edited(data, {".".join(path): other}), path)


def badly_named(data: Any) -> Iterator[Mutant]:
    """Names that would break code, tables or paths."""
    for path, value in parts(data):
        kind = path[-2:-1]
        known = {("resources",): BAD_RESOURCES, ("fields",): BAD_FIELDS}
        known |= {("belongs_to",): BAD_RELATIONS, ("many_to_many",): BAD_RELATIONS}
        if kind in known and len(path) in (2, 4):
            for name in known[kind]:
                changed = (*path[:-1], name)
                expected = (*changed, "plural") if name == "news" and "plural" not in value else changed
                expected = (*changed, "name") if name == "news" and "name" in value else expected
                yield Mutant(f"{'.'.join(path)} called {name!r}", renamed(data, path, name), expected)


def of_another_type(data: Any) -> Iterator[Mutant]:
    """Options that do not belong to the type, and defaults that are no values of it."""
    for path, value in parts(data):
        if path[-2:-1] != ("fields",) or len(path) != 4:
            continue
        kind = value["type"]
        for option in sorted(OPTIONS.keys() - FITTING.get(kind, set())):
            where = ".".join((*path, option))
            yield Mutant(f"{where} of {kind}", edited(data, {where: OPTIONS[option]}), (*path, option))
        for default in UNFIT.get(kind, []):
            where = ".".join((*path, "default"))
            yield Mutant(f"{where}: {default!r:.30}", edited(data, {where: default}), (*path, "default"))


def pointing_nowhere(data: Any) -> Iterator[Mutant]:
    """Names of fields, relations and resources that do not exist, misspelt types and access rules."""
    kinds = [kind.value for kind in FieldType]
    for path, value in parts(data):
        group = path[-2:-1]
        named = group in (("filter",), ("sort",), ("search",), ("embed",), ("access",)) or path[-3:-2] == ("unique",)
        words = path[-1:] in (("resource",), ("owner",), ("on_delete",), ("pagination",), ("idempotency",), ("scheme",))
        if named or words or group == ("events",) or (path[-1:] == ("type",) and value in kinds):
            yield Mutant(f"{'.'.join(path)}: {value}x", _with(data, path, f"{value}_x y"), path)
        if group in (("filter",), ("sort",), ("search",), ("embed",), ("access",), ("events",)) or (
            path[-3:-2] == ("unique",)
        ):
            holder = ".".join(path[:-1])
            again = [*_at(data, path[:-1]), value]
            place = path[:-1] if len(again) > 3 and group == ("events",) else (*path[:-1], str(len(again) - 1))
            yield Mutant(f"{holder}: {value} twice", edited(data, {holder: again}), place)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def _with(data: Any, path: Path, value: Any) -> Any:
    return edited(data, {".".join(path): value}) if path else value
