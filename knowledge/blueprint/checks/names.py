"""Names: how they are written, how long they may be, which are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining, normalize

from knowledge.blueprint.checks import words
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.problems import Path, Problem, quoted

MAX_NAME: Final = 40
MAX_PLURAL: Final = 46

NAME_PATTERN: Final = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
PROJECT_PATTERN: Final = "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"


def check_names(blueprint: Blueprint) -> Iterator[Problem]:
    """The names of project, resources, fields and relations, each for itself."""
    yield from _project(blueprint)
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        yield from _resource(path, key, resource)
        for kind in ("fields", "belongs_to", "many_to_many"):
            for name in getattr(resource, kind):
                yield from _column((*path, kind, name), name, relation=kind != "fields")
    for described, text in _descriptions(blueprint):
        yield from _description(described, text)


def _project(blueprint: Blueprint) -> Iterator[Problem]:
    name = blueprint.name
    if not re.fullmatch(PROJECT_PATTERN, name) or len(name) > MAX_NAME:
        told = f"The project cannot be called {quoted(name)}."
        yield Problem(("name",), told, f"Write {_suggested(name)}: {_rule('-')}")
    elif name.replace("_", "-") in words.PACKAGES:
        told = f"{name} is the name of a package the project itself is made of."
        yield Problem(("name",), told, f"Write another name, as in {name}-backend.")


def _resource(path: Path, key: str, resource: Resource) -> Iterator[Problem]:
    if not written_well(key):
        yield Problem(path, f"A resource cannot be called {quoted(key)}.", f"Write {_suggested(key)}: {_rule('_')}")
        return
    if resource.name != key:
        told = f"The resource is called {key} here and {quoted(resource.name)} there."
        yield Problem((*path, "name"), told, f"Delete this name, or write {key}.")
    taken = _taken_by_resources(key, resource.model_copy(update={"name": key}).class_name)
    if taken:
        yield Problem(path, f"A resource cannot be called {key}: {taken}.", f"Write a longer name, as in {key}_item.")
    plural = resource.plural
    where = (*path, "plural")
    if not written_well(plural, MAX_PLURAL):
        told = f"The plural cannot be {quoted(plural)}."
        yield Problem(where, told, f"Write {_suggested(plural)}: {_rule('_', MAX_PLURAL)}")
    elif plural == key:
        told = f"Singular and plural are both {key}; the code needs two names."
        yield Problem(where, told, f"Write another plural, as in plural: {key}_items.")
    elif plural in words.MODULES | words.PROGRAMS | words.KEYWORDS:
        holder = "a keyword of Python" if plural in words.KEYWORDS else "a module of the project"
        told = f"The plural cannot be {plural}: {holder} is called so."
        yield Problem(where, told, f"Write another name or plural, as in plural: {plural}_items.")
    elif plural in words.TABLES | words.UNQUOTED or plural.startswith("sqlite_"):
        told = f"The plural cannot be {plural}: the database keeps a table of that name for itself."
        yield Problem(where, told, f"Write another plural, as in plural: {key}_rows.")


def _taken_by_resources(name: str, class_name: str) -> str:
    if name in words.KEYWORDS:
        return "Python keeps the word for itself"
    if name in words.ANNOTATIONS | words.BUILTINS:
        return "it would hide what Python calls so"
    if name in words.MODULES:
        return "a module of the project is called so"
    if class_name in words.CLASSES:
        return f"the code has a class {class_name} already"
    return ""


def _column(path: Path, name: str, *, relation: bool) -> Iterator[Problem]:
    kind = "relation" if relation else "field"
    if not written_well(name):
        yield Problem(path, f"A {kind} cannot be called {quoted(name)}.", f"Write {_suggested(name)}: {_rule('_')}")
        return
    taken = _taken_by_columns(name)
    if taken:
        yield Problem(path, f"A {kind} cannot be called {name}: {taken}.", f"Write another name, as in {_other(name)}.")
    elif relation and name.endswith("_id"):
        told = "The name of a relation does not end with _id; the column gets the ending."
        yield Problem(path, told, f"Write {name.removesuffix('_id')}.")
    elif relation and f"{name}_id" in words.RESERVED_COLUMNS:
        told = f"A relation cannot be called {name}: the backend keeps a column {name}_id itself."
        yield Problem(path, told, f"Write another name, as in {'author' if name == 'owner' else f'{name}_account'}.")


def _taken_by_columns(name: str) -> str:
    if name in words.RESERVED_COLUMNS:
        return "the backend keeps this column itself"
    if name in words.KEYWORDS:
        return "Python keeps the word for itself"
    if name in words.UNQUOTED:
        return "SQLite keeps the word for itself"
    if name in words.ANNOTATIONS:
        return "it would hide the type Python calls so"
    if name in words.MODEL_ATTRIBUTES:
        return "every Pydantic model has an attribute of that name"
    if name in words.TABLE_ATTRIBUTES | words.COLUMN_ATTRIBUTES:
        return "SQLAlchemy has an attribute of that name"
    return ""


def _other(name: str) -> str:
    better = {"date": "happened_on", "datetime": "happened_at", "id": "number", "values": "readings", "json": "content"}
    return better.get(name, f"{name.removeprefix('model_')}_value")


def _descriptions(blueprint: Blueprint) -> Iterator[tuple[Path, str]]:
    yield (), blueprint.description
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        yield path, resource.description
        for kind in ("fields", "belongs_to", "many_to_many"):
            for name, part in getattr(resource, kind).items():
                yield (*path, kind, name), part.description


def _description(path: Path, text: str) -> Iterator[Problem]:
    where = (*path, "description")
    if any(not char.isprintable() and char not in "\n\t" for char in text):
        yield Problem(where, "The description holds control characters.", "Write plain text.")


def written_well(name: str, longest: int = MAX_NAME) -> bool:
    """Whether a name is snake_case of plain letters and digits, and short enough for the names derived from it."""
    return len(name) <= longest and re.fullmatch(NAME_PATTERN, name) is not None


def _rule(joint: str, longest: int = MAX_NAME) -> str:
    return f"small letters a-z and digits, words joined by one {joint}, a letter first, at most {longest} characters."


def _suggested(name: str) -> str:
    """The name as it could be written."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[: 4 * MAX_NAME]).casefold()
    letters = "".join(char for char in normalize("NFKD", spaced) if not combining(char))
    plain = re.sub(r"[^a-z0-9]+", "_", letters).lstrip("_0123456789")[:MAX_NAME].strip("_")
    return plain or "another name"
