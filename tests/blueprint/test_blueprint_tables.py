"""Tables of blueprints: what is made of every option, and that the database finds nothing to say about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import backend.reference.events.tables
import backend.reference.idempotency
import backend.reference.jobs  # noqa: F401  (its table)
from backend.reference.database import Base
from backend.scaffold.migrations.code import create_index, items
from knowledge.blueprint.platform_tables import PLATFORM_TABLES
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.table import Index, IndexColumn, Table
from knowledge.blueprint.tables import tables

EXAMPLES = sorted(Path("examples").glob("*.yaml"))
READ: dict[str, Any] = {"list": {"access": ["authenticated"]}, "get": {"access": ["authenticated"]}}


def made(resources: dict[str, Any]) -> dict[str, Table]:
    """Tables by name."""
    text = json.dumps({"name": "sample", "resources": resources})
    return {table.name: table for table in tables(read_blueprint(text))}


def spoken(index: Index) -> str:
    """As in ``unique tenant_id, sku where ...``."""
    parts = ", ".join(part.name + (" desc" if part.descending else "") for part in index.columns)
    return ("unique " if index.unique else "") + parts + (f" where {index.where}" if index.where else "")


class _Op:
    @staticmethod
    def f(name: str) -> Any:
        return sa.sql.naming.conv(name)


def ddl(table: sa.Table, dialect: Any) -> list[str]:
    """What makes a table and its indexes."""
    made = [str(CreateTable(table).compile(dialect=dialect))]
    return made + sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)


@pytest.mark.parametrize("dialect", [postgresql.dialect(), sqlite.dialect()], ids=["postgresql", "sqlite"])
@pytest.mark.parametrize("table", PLATFORM_TABLES, ids=lambda table: table.name)
def test_the_platforms_tables_are_those_of_its_own_code(table: Table, dialect: Any) -> None:
    scope = {"sa": sa, "op": _Op, "postgresql": postgresql}
    copy = sa.Table(table.name, sa.MetaData(), *(eval(item, scope) for item in items(table)))
    for index in table.indexes:
        where = sa.text(index.where) if index.where else None
        parts = [copy.c[part.name] for part in index.columns]
        sa.Index(index.name, *parts, unique=index.unique, postgresql_where=where, sqlite_where=where)
    assert sorted(line.strip(" ,\t") for line in "\n".join(ddl(copy, dialect)).splitlines()) == sorted(
        line.strip(" ,\t") for line in "\n".join(ddl(Base.metadata.tables[table.name], dialect)).splitlines()
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_foreign_key_is_indexed_and_no_index_is_the_beginning_of_another(path: Path) -> None:
    for table in tables(read_blueprint(path.read_text())):
        keys = [tuple(IndexColumn(name) for name in table.primary_key)]
        indexes = [(index.columns, index.where) for index in table.indexes] + [(columns, "") for columns in keys]
        for key in table.foreign_keys:
            assert any(columns[0].name == key.column and not where for columns, where in indexes), key.name
        for index in table.indexes:
            others = [entry for entry in indexes if entry != (index.columns, index.where)]
            assert index.unique or not any(
                columns[: len(index.columns)] == index.columns and where in ("", index.where)
                for columns, where in others
            ), index.name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_tables_are_made_after_those_they_point_to(path: Path) -> None:
    known: set[str] = set()
    for table in tables(read_blueprint(path.read_text())):
        known.add(table.name)
        assert all(key.table in known for key in table.foreign_keys if not key.deferred)


def test_tenants_marks_and_versions_become_columns_and_parts_of_indexes() -> None:
    resource = {
        "tenant": True,
        "owner": "owner_id",
        "soft_delete": True,
        "optimistic_locking": True,
        "unique": [["sku", "shelf"]],
        "fields": {
            "sku": {"type": "string", "unique": True},
            "shelf": {"type": "integer"},
            "state": {"type": "enum", "values": ["new", "it's old"]},
            "sold": {"type": "boolean"},
        },
        "operations": {
            "list": {"access": ["owner", "role:staff"], "filter": ["state", "sold", "sku"], "sort": ["shelf", "sku"]},
            "delete": {"access": ["owner"]},
        },
    }
    table = made({"item": resource})["items"]
    assert [column.name for column in table.columns] == [
        *("id", "tenant_id", "owner_id", "sku", "shelf", "state", "sold"),
        *("version", "created_at", "updated_at", "deleted_at"),
    ]
    assert [check.sql for check in table.checks] == ["state IN ('new', 'it''s old')"]
    live = "where deleted_at IS NULL"
    assert [spoken(index) for index in table.indexes] == [
        f"unique tenant_id, sku {live}",
        f"unique tenant_id, sku, shelf {live}",
        f"owner_id, created_at desc, id desc {live}",
        f"tenant_id, created_at desc, id desc {live}",
        f"tenant_id, state, created_at desc, id desc {live}",
        f"tenant_id, shelf, id {live}",
    ]


def test_relations_are_indexed_in_the_order_their_rows_are_listed_in() -> None:
    found = made(
        {
            "author": {"fields": {"name": {"type": "string"}}, "operations": READ},
            "post": {
                "belongs_to": {"author": {"resource": "author", "nested": True}, "editor": {"resource": "author"}},
                "many_to_many": {"fans": {"resource": "author"}},
                "fields": {"title": {"type": "string"}},
                "operations": READ,
            },
        }
    )
    assert [spoken(index) for index in found["posts"].indexes] == [
        "author_id, created_at desc, id desc",
        "editor_id",
        "created_at desc, id desc",
    ]
    assert found["post_fans"].primary_key == ("post_id", "author_id")
    assert [spoken(index) for index in found["post_fans"].indexes] == ["author_id, post_id"]


def test_a_cycle_of_relations_has_one_key_that_is_added_later() -> None:
    found = made(
        {
            "team": {
                "belongs_to": {"head": {"resource": "player", "required": False, "on_delete": "set_null"}},
                "fields": {"name": {"type": "string"}},
                "operations": READ,
            },
            "player": {
                "belongs_to": {"team": {"resource": "team"}},
                "fields": {"name": {"type": "string"}},
                "operations": READ,
            },
        }
    )
    assert list(found) == ["teams", "players"]
    assert [key.name for table in found.values() for key in table.foreign_keys if key.deferred] == ["fk_teams_head_id"]


def test_indexes_whose_joined_names_meet_are_told_apart() -> None:
    field = {"type": "string", "unique": True}
    found = made(
        {
            "a": {"plural": "box", "fields": {"b_c": field, "x": {"type": "date"}}, "operations": READ},
            "ab": {"plural": "box_b", "fields": {"c": field}, "operations": READ},
        }
    )
    names = [index.name for table in found.values() for index in table.indexes if index.unique]
    assert names[0] == "uq_box_b_c"
    assert names[1].startswith("uq_box_b_c_")
    assert len(set(names)) == 2


def test_bounds_are_written_out_and_reserved_words_quoted() -> None:
    fields = {
        "order": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
        "rate": {"type": "decimal", "precision": 9, "scale": 7, "minimum": 0.0000001},
    }
    table = made({"thing": {"fields": fields, "operations": READ}})["things"]
    assert [check.sql for check in table.checks] == [
        '"order" >= 0 AND "order" <= 9007199254740991',
        "rate >= 0.0000001",
    ]
    assert "sa.text" in create_index(table, table.indexes[0])
