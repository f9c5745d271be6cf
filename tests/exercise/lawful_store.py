"""The tables of the lawful sample: what each kind of row has, and the statements on it."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TEXT = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[^\\x00]*$"}
UUID = {"type": "string", "format": "uuid"}


@dataclass(frozen=True)
class Kind:
    """One kind of row."""

    name: str
    fields: dict[str, dict[str, Any]]
    optional: frozenset[str] = frozenset()
    unique: str = ""
    parent: str = ""
    links: dict[str, str] = field(default_factory=dict)
    read_only: dict[str, int] = field(default_factory=dict)
    tenant: bool = False
    owned: bool = False
    versioned: bool = False
    myself: bool = False
    cursor: bool = False
    sort: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    search: str = ""
    once: str = "optional"
    max_age: int = 0
    access: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def plural(self) -> str:
        """Of the table and the path."""
        return f"{self.name}s"

    @property
    def columns(self) -> tuple[str, ...]:
        """All there are."""
        extra = (("tenant_id", self.tenant), ("owner_id", self.owned), ("version", self.versioned))
        own = [name for name, has in extra if has]
        return ("id", *self.fields, *self.read_only, *own, "created_at", "updated_at", "deleted_at")


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "author",
            {"name": TEXT, "rank": {"type": "integer", "minimum": 0, "maximum": 1000}},
            unique="name",
            sort=("name", "rank"),
            filter=("rank",),
            search="name",
            access={"list": ("public",), "get": ("public",), "delete": ("role:admin",)},
        ),
        Kind(
            "member",
            {"name": TEXT},
            myself=True,
            sort=("name",),
            access={"list": ("public",), "get": ("public",), "update": ("owner",), "delete": ("owner", "role:admin")},
        ),
        Kind(
            "label",
            {"name": TEXT},
            unique="name",
            sort=("name",),
            max_age=60,
            access={"list": ("public",), "get": ("public",), "delete": ("role:admin",)},
        ),
        Kind(
            "article",
            {
                "author_id": UUID,
                "title": TEXT,
                "status": {"type": "string", "enum": ["draft", "published"]},
            },
            optional=frozenset({"status"}),
            parent="author",
            links={"labels": "label"},
            owned=True,
            versioned=True,
            cursor=True,
            filter=("status", "author_id"),
            search="title",
            once="required",
            access={
                "list": ("public",),
                "get": ("public",),
                "create": ("owner",),
                "update": ("owner",),
                "delete": ("owner", "role:admin"),
            },
        ),
        Kind(
            "ticket",
            {
                "title": TEXT,
                "priority": {"type": "integer", "minimum": 0, "maximum": 1000},
                "note": TEXT,
            },
            optional=frozenset({"note"}),
            read_only={"points": 0},
            tenant=True,
            owned=True,
            sort=("title", "priority"),
            filter=("priority",),
            access={
                "list": ("tenant",),
                "get": ("tenant",),
                "create": ("tenant",),
                "update": ("owner",),
                "delete": ("owner", "role:admin"),
            },
        ),
    )
}

BLUEPRINT = """
name: lawful
resources:
  author:
    fields:
      name: {type: string, min_length: 1, max_length: 80, unique: true}
      rank: {type: integer, minimum: 0, maximum: 1000}
    operations:
      list: {access: [public], sort: [name, rank], filter: [rank], search: [name], max_limit: 50}
      get: {access: [public]}
      create: {access: [authenticated]}
      update: {access: [authenticated]}
      delete: {access: ["role:admin"]}
  member:
    owner: self
    fields:
      name: {type: string, min_length: 1, max_length: 80}
    operations:
      list: {access: [public], sort: [name], max_limit: 50}
      get: {access: [public]}
      create: {access: [authenticated]}
      update: {access: [owner]}
      delete: {access: [owner, "role:admin"]}
  label:
    fields:
      name: {type: string, min_length: 1, max_length: 80, unique: true}
    operations:
      list: {access: [public], sort: [name], max_limit: 50, cache: {max_age: 60}}
      get: {access: [public], cache: {max_age: 60}}
      create: {access: [authenticated]}
      update: {access: [authenticated]}
      delete: {access: ["role:admin"]}
  article:
    owner: owner_id
    optimistic_locking: true
    events: [created, updated, deleted]
    belongs_to:
      author: {resource: author, nested: true}
    many_to_many:
      labels: {resource: label}
    fields:
      title: {type: string, min_length: 1, max_length: 80}
      status: {type: enum, values: [draft, published], default: draft}
    operations:
      list: {access: [public], pagination: cursor, filter: [status, author], search: [title], embed: [author],
             max_limit: 50}
      get: {access: [public]}
      create: {access: [owner], idempotency: required}
      update: {access: [owner]}
      delete: {access: [owner, "role:admin"]}
  ticket:
    soft_delete: true
    tenant: true
    owner: owner_id
    fields:
      title: {type: string, min_length: 1, max_length: 80}
      priority: {type: integer, minimum: 0, maximum: 1000}
      note: {type: string, required: false, min_length: 1, max_length: 80}
      points: {type: integer, default: 0, read_only: true}
    operations:
      list: {access: [tenant], sort: [title, priority], filter: [priority], max_limit: 50}
      get: {access: [tenant]}
      create: {access: [tenant]}
      update: {access: [owner]}
      delete: {access: [owner, "role:admin"]}
"""


def now() -> str:
    """The time as answers show it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Store:
    """One SQLite database in memory. No statement lets another request in between."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        for kind in KINDS.values():
            unique = f", UNIQUE ({kind.unique})" if kind.unique else ""
            columns = ", ".join(name for name in kind.columns if name != "id")
            self.all(f"CREATE TABLE {kind.plural} (id PRIMARY KEY, {columns}{unique})")
        self.all("CREATE TABLE article_labels (article_id, label_id, PRIMARY KEY (article_id, label_id))")
        self.all("CREATE TABLE outbox_events (id PRIMARY KEY, type, aggregate_id)")

    def all(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a statement."""
        return [dict(row) for row in self.connection.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row."""
        return next(iter(self.all(sql, *values)), None)

    def insert(self, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
        """Make a row; ``sqlite3.IntegrityError`` where it is not unique."""
        moment = now()
        whole = {"id": str(uuid.uuid4()), **kind.read_only, "created_at": moment, "updated_at": moment, **values}
        marks = ", ".join("?" * len(whole))
        self.all(f"INSERT INTO {kind.plural} ({', '.join(whole)}) VALUES ({marks})", *whole.values())
        return self.one(f"SELECT * FROM {kind.plural} WHERE id = ?", whole["id"]) or {}

    def update(self, kind: Kind, key: str, values: dict[str, Any], version: int | None) -> bool:
        """Change a row in one statement, of the given version where one is given; whether there was one."""
        counted = ["version = version + 1"] if kind.versioned else []
        sets = ", ".join([*(f"{name} = ?" for name in values), *counted, "updated_at = ?"])
        where = "id = ? AND deleted_at IS NULL" + ("" if version is None else f" AND version = {version}")
        sql = f"UPDATE {kind.plural} SET {sets} WHERE {where} RETURNING id"
        return bool(self.all(sql, *values.values(), now(), key))
