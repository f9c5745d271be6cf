"""examples/every_feature.yaml leaves no option out, and no table of the platform can be taken by a resource."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from blueprint_mutations import example
from pydantic import BaseModel

from knowledge.blueprint.checks import words
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

ROOT = Path(__file__).parents[2]


def _choices(annotation: Any) -> Iterator[Any]:
    """The models, enums and literals an annotation is made of."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    for argument in get_args(annotation):
        yield from _choices(argument)
    if isinstance(annotation, type) and issubclass(annotation, (BaseModel, StrEnum)):
        yield annotation


def _options(model: type[BaseModel]) -> Iterator[str]:
    """Every key, and every word a key can have, of a model and those inside it."""
    for name, info in model.model_fields.items():
        yield f"{model.__name__}.{name}"
        for choice in _choices(info.annotation):
            if isinstance(choice, str):
                yield f"{model.__name__}.{name}={choice}"
            elif issubclass(choice, StrEnum):
                yield from (f"{model.__name__}.{name}={word.value}" for word in choice)
            else:
                yield from _options(choice)


def _used(model: BaseModel) -> Iterator[str]:
    for name in model.model_fields_set:
        value = getattr(model, name)
        yield f"{type(model).__name__}.{name}"
        values = (
            list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else [value]
        )
        for one in values:
            if isinstance(one, BaseModel):
                yield from _used(one)
            elif isinstance(one, str):
                yield f"{type(model).__name__}.{name}={one}"


def test_the_example_uses_every_option_and_every_word() -> None:
    used = set(_used(Blueprint.model_validate(example("every_feature"))))
    assert set(_options(Blueprint)) - used - {"Auth.scheme=none"} == set()  # without callers there is little else


def test_the_example_uses_every_kind_of_access_and_owner() -> None:
    blueprint = read_blueprint((ROOT / "examples" / "every_feature.yaml").read_text())
    resources = blueprint.resources.values()
    rules = {rule for one in resources for operation in one.operations.offered.values() for rule in operation.access}
    assert rules >= {"public", "authenticated", "tenant", "owner", "role:librarian"}
    assert {"self", "owner_id", "member", ""} == {one.owner for one in resources}


def test_a_backend_without_callers_is_public_altogether() -> None:
    thing = {"fields": {"title": {"type": "text"}}, "operations": {"get": {"access": ["public"]}}}
    text = json.dumps({"name": "open", "auth": {"scheme": "none"}, "resources": {"thing": thing}})
    assert read_blueprint(text).auth.scheme == "none"


def test_no_resource_can_take_a_table_of_the_platform() -> None:
    sources = (ROOT / "backend" / "reference").rglob("*.py")
    tables = {name for path in sources for name in re.findall(r"\bTable\(\s*\"(\w+)\"", path.read_text())}
    assert "outbox_events" in tables
    assert tables - words.TABLES == set()


def test_no_resource_can_take_the_name_of_a_class_that_its_modules_import() -> None:
    folder = ROOT / "backend" / "scaffold" / "templates" / "app" / "resource"
    texts = [(folder / f"{name}.py.j2").read_text() for name in ("model", "queries", "service")]
    lines = [line for text in texts for line in re.findall(r"^from [a-z.]+ import ([\w, ]+)$", text, re.MULTILINE)]
    classes = {name for line in lines for name in line.split(", ") if re.fullmatch(r"([A-Z][a-z0-9]+)+", name)}
    assert "Mapped" in classes
    assert classes - words.CLASSES == set()


def test_what_sqlalchemy_keeps_for_itself_is_refused_as_a_column() -> None:
    from sqlalchemy import ColumnCollection
    from sqlalchemy.orm import DeclarativeBase

    public = {name for name in dir(ColumnCollection) if not name.startswith("_")}
    assert public - words.COLUMN_ATTRIBUTES == set()
    assert {name for name in dir(DeclarativeBase) if not name.startswith("_")} - words.TABLE_ATTRIBUTES == set()
