"""Tables that are there as blueprints: what comes out again, what is noted, and that nothing breaks on the way."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import Scratch
from knowledge.blueprint.checks import check_blueprint
from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Blueprint, OnDelete
from knowledge.blueprint.plurals import plural_of
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.table import Table
from knowledge.blueprint.tables import tables
from knowledge.blueprint_from_schema import NoResourceError, UnknownTableError, to_blueprint
from knowledge.blueprint_from_schema.conditions import limits
from knowledge.blueprint_from_schema.naming import field_name, relation_name, resource_name, singular_of, snake
from knowledge.blueprint_schema import schema_of
from knowledge.schema import Column, Constraint, Relation, Schema

sys.path.insert(0, str(Path(__file__).parents[1] / "blueprint"))
from blueprint_strategies import DRAWN, blueprints

EXAMPLES = sorted(Path("examples").glob("*.yaml"))

LEGACY = """
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE accounts (id serial PRIMARY KEY, email text NOT NULL UNIQUE, "displayName" varchar(80) DEFAULT 'nobody');
CREATE TABLE notes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
  written_by integer REFERENCES accounts ON DELETE SET NULL,
  date date NOT NULL,
  mood mood NOT NULL DEFAULT 'happy',
  stars smallint NOT NULL DEFAULT 3 CHECK (stars BETWEEN 1 AND 5),
  price numeric(10,2) CHECK (price > 0),
  big numeric(30,10),
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done')),
  code text CHECK (length(code) >= 3 AND length(code) < 10),
  labels text[] NOT NULL DEFAULT '{}',
  picture bytea,
  seen_at timestamp NOT NULL DEFAULT now(),
  total numeric(12,2) GENERATED ALWAYS AS (price * 2) STORED,
  lock_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  CHECK (price IS NULL OR stars > 1),
  UNIQUE (tenant_id, account_id, code)
);
CREATE UNIQUE INDEX ON notes (tenant_id, lower(state));
CREATE INDEX ON notes (tenant_id, state, created_at DESC);
CREATE TABLE note_accounts (note_id uuid REFERENCES notes, account_id integer REFERENCES accounts,
  PRIMARY KEY (note_id, account_id));
CREATE TABLE bare (id uuid PRIMARY KEY, created_at timestamptz);
"""


@asynccontextmanager
async def connected(scratch: Scratch) -> AsyncIterator[asyncpg.Connection]:
    connection = await scratch.connect()
    try:
        yield connection
    finally:
        await connection.close()


def comparable(table: Table) -> tuple[object, ...]:
    """What of a table does not depend on its operations."""
    return (
        table.name,
        frozenset(table.columns),
        frozenset((key.column, key.table, key.on_delete) for key in table.foreign_keys),
        frozenset(table.checks),
        frozenset(index for index in table.indexes if index.unique),
    )


def again(blueprint: Blueprint) -> Blueprint:
    """The blueprint of the blueprint's own tables."""
    schema = schema_of(tables(blueprint))
    found, _ = to_blueprint(schema, [table.qualified for table in schema.tables], project=blueprint.name)
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_tables_of_a_blueprint_make_a_blueprint_with_the_same_tables(path: Path) -> None:
    blueprint = read_blueprint(path.read_text())
    schema = schema_of(tables(blueprint))
    found, notes = to_blueprint(schema, [table.qualified for table in schema.tables])
    assert {comparable(table) for table in tables(found)} == {comparable(table) for table in tables(blueprint)}
    assert list(found.resources) == list(blueprint.resources)
    assert notes == ()


@settings(DRAWN, max_examples=40)
@given(blueprints())
def test_so_do_the_tables_of_random_blueprints(blueprint: Blueprint) -> None:
    found = again(blueprint)
    assert check_blueprint(found) == []
    links = {table.name for table in tables(blueprint) if not table.resource}
    before = {comparable(table) for table in tables(blueprint) if table.name not in links}
    after = {comparable(table) for table in tables(found) if table.resource}
    assert {table[0] for table in after} == {table[0] for table in before}
    by_name = {table[0]: table for table in after}
    for table in before:
        for one, other in zip(by_name[table[0]], table, strict=True):
            assert one == other


async def test_a_database_of_another_making_becomes_a_blueprint_and_notes(scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        await connection.execute(LEGACY)
        schema = await read_schema(connection)
    blueprint, notes = to_blueprint(schema, ["notes"])
    assert check_blueprint(blueprint) == []
    note = blueprint.resources["note"]
    assert list(blueprint.resources) == ["note", "account"]
    assert (note.tenant, note.soft_delete, note.optimistic_locking) == (True, True, True)
    assert note.belongs_to["account"].on_delete is OnDelete.CASCADE
    assert note.belongs_to["account"].nested
    assert note.belongs_to["written_by"].on_delete is OnDelete.SET_NULL
    assert not note.belongs_to["written_by"].required
    assert note.fields["mood"].values == ("sad", "happy")
    assert note.fields["mood"].default == "happy"
    assert (note.fields["stars"].minimum, note.fields["stars"].maximum, note.fields["stars"].default) == (1, 5, 3)
    assert note.fields["price"].minimum == 0.01
    assert note.fields["state"].type is FieldType.ENUM
    assert (note.fields["code"].min_length, note.fields["code"].max_length) == (3, 9)
    assert note.fields["total"].read_only
    assert note.fields["date_value"].type is FieldType.DATE
    assert note.many_to_many["accounts"].resource == "account"
    assert note.operations.list is not None
    assert note.operations.list.filter == ("account", "state")
    assert [str(each) for each in notes] == snapshot(
        [
            "public.accounts: is part of the blueprint because public.notes points to it",
            "public.notes.lock_version: is called version here",
            "public.notes.written_by: the column is called written_by_id here",
            "public.notes: the unique index notes_tenant_id_lower_idx is of expressions or some rows only: not kept",
            "public.notes.date: is called date_value here",
            "public.notes.big: of 30 digits 15 are kept, which every engine holds exactly",
            "public.notes.code: values are limited to 255 characters",
            "public.notes.labels: an array is taken as a JSON value, its elements are not checked",
            "public.notes.picture: columns of type bytea are left out",
            "public.notes.seen_at: moments without time zone are taken as UTC",
            "public.notes.total: the database computes it; here it is only shown",
            "public.notes: the condition of notes_check is not wholly kept: CHECK (((price IS NULL) OR (stars > 1)))",
            "public.notes.seen_at: has a default that is computed (now()); a blueprint's are values",
            "public.accounts.id: the key is integer; ids of a blueprint are UUIDs",
            "public.accounts: has no created_at, which every resource gets",
            "public.accounts: has no updated_at, which every resource gets",
            "public.accounts.email: values are limited to 255 characters",
            "public.accounts.displayName: is called display_name here",
        ]
    )


async def test_the_notes_of_a_table_outside_the_blueprint_name_it(scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        await connection.execute(LEGACY)
        schema = await read_schema(connection)
    with pytest.raises(UnknownTableError, match=r"no table 'note'\. Did you mean notes\?"):
        to_blueprint(schema, ["note"])
    with pytest.raises(NoResourceError, match=r"public\.bare: holds no values"):
        to_blueprint(schema, ["bare"])


@pytest.mark.parametrize(
    ("plural", "singular"),
    [(plural_of(word), word) for word in "order category person warehouse address status analysis box child".split()]
    + [("series", "series"), ("movies", "movie"), ("news", "news"), ("user", "user"), ("heroes", "hero")],
)
def test_singulars(plural: str, singular: str) -> None:
    assert singular_of(plural) == singular


def test_names_are_made_fit() -> None:
    assert resource_name("OrderItems") == ("order_item", "order_items")
    assert resource_name("user") == ("user", "users")
    assert resource_name("class") == ("class_item", "class_items")
    assert resource_name("series") == ("series", "series_items")
    assert resource_name("outbox_events") == ("outbox_event", "outbox_event_items")
    assert [field_name(name) for name in ("date", "userName", "Größe", "version", "123")] == [
        "date_value",
        "user_name",
        "grosse",
        "version_value",
        "unnamed",
    ]
    assert [relation_name(name) for name in ("authorId", "created_by", "owner_id")] == [
        "author",
        "created_by",
        "owner_row",
    ]
    assert snake("HTTPServerURL") == "http_server_url"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("CHECK ((status = ANY (ARRAY['a'::text, 'b'::text])))", "values a b"),
        ("CHECK (((n >= '-5'::integer) AND (n < 10)))", "minimum -5, maximum <10"),
        ("CHECK ((char_length((name)::text) <= 5)) NOT VALID", "length maximum 5"),
        ("CHECK (0 < n)", "minimum <0"),
        ("CHECK (s = 'x' OR s = 'y')", "values x y"),
        ("CHECK (a < b)", None),
        ("CHECK (a IN (1, b))", None),
        ("CHECK (a > 1 OR b > 1)", None),
        ("CHECK (status)", None),
        ("CHECK (((", None),
        ("CHECK (n > 'NaN')", None),
        ("CHECK (" + "(" * 3000 + "n > 1" + ")" * 3000 + ")", None),
    ],
)
def test_conditions_are_read_or_left_alone(condition: str, found: str | None) -> None:
    read = limits(condition)
    shown = read and ", ".join(
        f"{'length ' if limit.of_length else ''}{limit.kind} "
        f"{' '.join(limit.values) or ('<' if limit.open else '') + str(limit.bound)}"
        for limit in read
    )
    assert shown == found


NAMES = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    "id user_id userId tenant_id owner_id version created_at deleted_at type class order name date values json".split()
)
TYPES = st.sampled_from(
    "uuid;text;integer;bigint;smallint;numeric(10,2);numeric;numeric(40,3);character varying(5000);character(3);bytea;"
    "boolean;text[];timestamp without time zone;timestamp(3) with time zone;date;jsonb;mood;tsvector;VARCHAR(20);;"
    "numeric(0);numeric(1,2,3);(;character varying(0)".split(";")
)
COLUMNS = st.builds(
    Column,
    NAMES,
    TYPES,
    nullable=st.booleans(),
    default=st.sampled_from(["", "0", "'x'::text", "now()", "constant", "true", "'{'::jsonb", "NULL", "((((", "1e999"]),
    generated=st.sampled_from(["", "stored"]),
)


@st.composite
def relations(draw: st.DrawFn, name: str, names: list[str]) -> Relation:
    columns = draw(st.lists(COLUMNS, max_size=6, unique_by=lambda column: column.name))
    some = st.lists(st.sampled_from([column.name for column in columns] or [""]), max_size=2).map(tuple)
    constraint = st.builds(
        Constraint,
        NAMES,
        st.sampled_from(["primary", "unique", "foreign", "check", "exclude", "not_null"]),
        some,
        st.sampled_from(["CHECK (id > 1)", "x ON DELETE CASCADE", "", "CHECK ((", "ON DELETE SET DEFAULT"]),
        target=st.sampled_from(["public.users", "public.", "", *(f"public.{each}" for each in names)]),
        target_columns=some,
    )
    return Relation("public", name, tuple(columns), tuple(draw(st.lists(constraint, max_size=5))))


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return Schema(tables=tuple(draw(relations(name, names)) for name in names), enums={"mood": ("a", "b", "")})


@DRAWN
@given(schemas())
def test_any_schema_gives_a_valid_blueprint_or_the_reason_why_not(schema: Schema) -> None:
    try:
        blueprint, notes = to_blueprint(schema, [table.qualified for table in schema.tables])
    except (NoResourceError, UnknownTableError):
        return
    assert check_blueprint(blueprint) == []
    assert all(note.text for note in notes)
