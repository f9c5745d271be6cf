"""One blueprint and what may become of it: a table of changes, each with what it needs of the rows that are there."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

Raw = dict[str, Any]

OPEN = {name: {"access": ["authenticated"]} for name in ("get", "create", "update", "delete")}


def _operations(**listing: Any) -> Raw:
    return OPEN | {"list": {"access": ["authenticated"]} | listing}


BASE: Raw = {
    "name": "press",
    "resources": {
        "author": {
            "fields": {
                "email": {"type": "string", "unique": True},
                "name": {"type": "string", "max_length": 120},
                "karma": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0},
                "bio": {"type": "text", "required": False},
            },
            "operations": _operations(sort=["name"]),
        },
        "post": {
            "belongs_to": {
                "author": {"resource": "author", "nested": True},
                "editor": {"resource": "author", "required": False, "on_delete": "set_null"},
            },
            "many_to_many": {"tags": {"resource": "tag"}},
            "fields": {
                "title": {"type": "string", "max_length": 200},
                "status": {"type": "enum", "values": ["draft", "published"], "default": "draft"},
                "views": {"type": "integer", "default": 0},
                "price": {"type": "decimal", "precision": 10, "scale": 2, "required": False},
                "day": {"type": "date"},
                "order": {"type": "integer", "minimum": 0, "maximum": 100},
                "code": {"type": "string", "max_length": 40, "unique": True},
            },
            "operations": _operations(filter=["status"]),
        },
        "tag": {
            "fields": {"label": {"type": "string", "max_length": 40}},
            "operations": _operations(),
        },
    },
}


@dataclass(frozen=True)
class Case:
    """A change. ``up`` and ``down``: whether it can be made with rows in every table."""

    name: str
    change: Callable[[Raw], Any]
    up: bool = True
    down: bool = True


def blueprint(change: Callable[[Raw], Any] = lambda raw: None) -> Blueprint:
    """The base after a change."""
    raw = copy.deepcopy(BASE)
    change(raw["resources"])
    return read_blueprint(json.dumps(raw))


def _set(resource: str, kind: str, name: str, /, **options: Any) -> Callable[[Raw], Any]:
    """A field or relation added, or some of its options changed; ``None`` takes an option away."""

    def change(raw: Raw) -> None:
        entry = raw[resource].setdefault(kind, {}).setdefault(name, {})
        entry.update(options)
        for option in [option for option, value in entry.items() if value is None]:
            del entry[option]

    return change


def _drop(resource: str, kind: str, name: str) -> Callable[[Raw], Any]:
    return lambda raw: raw[resource][kind].pop(name)


def _all(*parts: Callable[[Raw], Any]) -> Callable[[Raw], Any]:
    def change(raw: Raw) -> None:
        for part in parts:
            part(raw)

    return change


COMMENT: Raw = {
    "belongs_to": {"post": {"resource": "post", "on_delete": "cascade", "nested": True}},
    "fields": {"body": {"type": "text"}, "ref": {"type": "uuid", "unique": True}},
    "operations": _operations(),
}
TEAM: Raw = {
    "belongs_to": {"head": {"resource": "player", "required": False, "on_delete": "set_null"}},
    "fields": {"name": {"type": "string"}},
    "operations": _operations(),
}
PLAYER: Raw = {
    "belongs_to": {"team": {"resource": "team"}},
    "fields": {"name": {"type": "string"}},
    "operations": _operations(),
}
POST = "post"

CASES = (
    Case("resource added", lambda raw: raw.update(comment=COMMENT)),
    Case("resources in a cycle added", lambda raw: raw.update(team=TEAM, player=PLAYER)),
    Case("resource removed", _all(_drop(POST, "many_to_many", "tags"), lambda raw: raw.pop("tag"))),
    Case("resource renamed", _all(_drop(POST, "many_to_many", "tags"), lambda raw: raw.update(label=raw.pop("tag")))),
    Case("field added, optional", _set(POST, "fields", "note", type="text", required=False)),
    Case("field added with a default", _set(POST, "fields", "lang", type="string", default="it's: 100% \\:x")),
    Case("field added, required, without a default", _set(POST, "fields", "subtitle", type="string")),
    Case("required enum added", _set(POST, "fields", "kind", type="enum", values=["a:b", "it's"])),
    Case("required json added", _set(POST, "fields", "meta", type="json")),
    Case("required datetime added", _set(POST, "fields", "seen_at", type="datetime")),
    Case("required unique field added", _set(POST, "fields", "isbn", type="string", unique=True), up=False),
    Case("field removed", _drop(POST, "fields", "title")),
    Case("field with bounds removed", _drop("author", "fields", "karma")),
    Case("unique field removed", _drop(POST, "fields", "code"), down=False),
    Case("indexed enum removed", _all(_drop(POST, "fields", "status"), _set(POST, "operations", "list", filter=[]))),
    Case("string longer", _set(POST, "fields", "title", max_length=500)),
    Case("string shorter", _set(POST, "fields", "title", max_length=50)),
    Case("indexed string shorter", _set("author", "fields", "name", max_length=60)),
    Case("unique string shorter", _set(POST, "fields", "code", max_length=30)),
    Case("string becomes text", _set(POST, "fields", "title", type="text", max_length=None)),
    Case("decimal with more digits", _set(POST, "fields", "price", precision=14)),
    Case("decimal with a finer scale", _set(POST, "fields", "price", precision=12, scale=4)),
    Case("integer becomes decimal", _set(POST, "fields", "order", type="decimal", maximum=100, precision=8)),
    Case("integer becomes string", _set(POST, "fields", "views", type="string", default="0", max_length=20)),
    Case("date becomes datetime", _set(POST, "fields", "day", type="datetime")),
    Case("enum becomes string", _set(POST, "fields", "status", type="string", values=None, max_length=80)),
    Case("required field becomes optional", _set(POST, "fields", "title", required=False)),
    Case("optional field becomes required", _set("author", "fields", "bio", required=None)),
    Case("required, with a default", _set(POST, "fields", "price", required=True, default="9.99")),
    Case("bounds widened", _set(POST, "fields", "order", maximum=5000)),
    Case("bounds narrowed", _set("author", "fields", "karma", maximum=500)),
    Case("bounds added", _set(POST, "fields", "views", minimum=0)),
    Case("bounds removed", _set(POST, "fields", "order", minimum=None, maximum=None)),
    Case("enum value added", _set(POST, "fields", "status", values=["draft", "published", "archived for good"])),
    Case("enum value removed that rows hold", _set(POST, "fields", "status", values=["draft"]), up=False),
    Case("unique added", _set(POST, "fields", "title", unique=True)),
    Case("unique added that rows break", _set(POST, "fields", "status", unique=True, default=None), up=False),
    Case("unique removed", _set("author", "fields", "email", unique=None)),
    Case("unique group added", lambda raw: raw[POST].update(unique=[["author", "title"]])),
    Case("optional relation added", _set(POST, "belongs_to", "source", resource="tag", required=False)),
    Case("required relation added", _set(POST, "belongs_to", "source", resource="tag"), up=False),
    Case("optional relation removed", _drop(POST, "belongs_to", "editor")),
    Case("required relation removed", _drop(POST, "belongs_to", "author"), down=False),
    Case(
        "relation to a new resource added",
        _all(
            lambda raw: raw.update(desk={"fields": {"name": {"type": "string"}}, "operations": _operations()}),
            _set(POST, "belongs_to", "desk", resource="desk", required=False),
        ),
    ),
    Case("relation becomes required", _set(POST, "belongs_to", "editor", required=True, on_delete="restrict")),
    Case("relation becomes optional", _set(POST, "belongs_to", "author", required=False)),
    Case("on_delete changed", _set(POST, "belongs_to", "author", on_delete="cascade")),
    Case("tenant switched on", lambda raw: [raw[name].update(tenant=True) for name in raw]),
    Case("owner switched on", lambda raw: raw[POST].update(owner="owner_id")),
    Case("soft delete switched on", lambda raw: raw["author"].update(soft_delete=True)),
    Case("optimistic locking switched on", lambda raw: raw[POST].update(optimistic_locking=True)),
    Case("many-to-many removed", _drop(POST, "many_to_many", "tags")),
    Case("many-to-many added", _set("author", "many_to_many", "topics", resource="tag")),
    Case("index added", _set(POST, "operations", "list", filter=["status", "day"], sort=["views"])),
    Case("index removed", _set(POST, "operations", "list", filter=[])),
)
