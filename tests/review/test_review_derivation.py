"""The schema derived from text follows PostgreSQL; places point at the right line and column."""

from __future__ import annotations

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_harness import schema_after

from backend.engines.postgres.host import PostgresHost
from knowledge.derivation import derive
from knowledge.formats.postgres_sql import read
from knowledge.schema import Relation, Schema
from knowledge.type_names import column_type, type_text

SCRIPTS = [
    "CREATE TABLE t (id bigserial PRIMARY KEY, a varchar(20) UNIQUE, b numeric(8,2)[], c timestamp(3), d time, e char)",
    "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b), UNIQUE (b) INCLUDE (a)); ALTER TABLE t RENAME COLUMN a TO z;",
    "CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b text NOT NULL, ADD CONSTRAINT k UNIQUE (a);"
    " DROP INDEX IF EXISTS x",
    "CREATE TABLE t (a int, b int, c int); CREATE INDEX ON t (a); CREATE INDEX ON t (a); CREATE INDEX ON t (a, b);"
    " ALTER TABLE t DROP COLUMN b;",
    "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p ON DELETE CASCADE, q int);"
    " ALTER TABLE c ADD FOREIGN KEY (q) REFERENCES p NOT VALID; ALTER TABLE c VALIDATE CONSTRAINT c_q_fkey;",
    "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, g int GENERATED ALWAYS AS (1) STORED);"
    " ALTER TABLE t ADD PRIMARY KEY (id); ALTER TABLE t RENAME TO s; ALTER TABLE s ALTER COLUMN g DROP NOT NULL;",
    "CREATE SCHEMA app; SET search_path = app; CREATE TABLE t (id uuid PRIMARY KEY); CREATE TABLE public.u (x date);",
    "CREATE TABLE a (x int NOT NULL, y text); CREATE TABLE b (LIKE a); CREATE TABLE c () INHERITS (a); DROP TABLE b;",
    "CREATE TABLE t (a int NOT NULL, b text); CREATE UNIQUE INDEX u ON t (a);"
    " ALTER TABLE t ADD PRIMARY KEY USING INDEX u;",
    "CREATE TABLE t (a text, b text);"
    " CREATE INDEX i ON t (lower(a) DESC, b COLLATE \"C\" text_pattern_ops NULLS FIRST);"
    " ALTER INDEX i RENAME TO j;",
    "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2);",
    "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood, n int4, o float8, p \"char\", q interval);"
    " ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t ALTER COLUMN o SET NOT NULL;",
]  # fmt: skip


def shape(table: Relation) -> object:
    """What the rules look at, in an order of its own."""
    return (
        table.qualified,
        table.partition_of,
        sorted((column.name, column.type, column.nullable, bool(column.identity)) for column in table.columns),
        sorted(
            (item.kind, item.columns, item.target, item.target_columns, item.validated, item.name)
            for item in table.constraints
            if item.kind in ("primary", "unique", "foreign")
        ),
        sorted(
            (item.name, item.method, item.columns, item.unique, item.included, item.definition.partition(" USING ")[2])
            for item in table.indexes
        ),
    )


@pytest.mark.parametrize("script", SCRIPTS)
async def test_the_derived_schema_is_the_one_postgresql_makes(postgres: PostgresHost, script: str) -> None:
    real = await schema_after(postgres, script)
    derived = derive(read(script).statements).build()
    assert sorted(map(str, map(shape, derived.tables))) == sorted(map(str, map(shape, real.tables)))


TYPES = st.sampled_from(
    ["int", "int8", "serial", "text", "varchar", "varchar(5)", "char(3)", "timestamptz", "timestamp(0)", "timetz",
     "time(2)", "numeric(4,1)", "decimal", "bool", "float4", "uuid", "jsonb", "text[]", "bit(3)", "varbit", "date",
     "interval", "double precision", "int4range", "bytea", "name", "money"]
)  # fmt: skip


@given(st.lists(TYPES, min_size=1, max_size=6))
async def test_types_are_spelt_as_postgresql_spells_them(postgres: PostgresHost, kinds: list[str]) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(kinds))
    script = f"CREATE TABLE t ({columns});"
    real = await schema_after(postgres, script)
    derived = derive(read(script).statements).build()
    assert [column.type for column in derived.tables[0].columns] == [column.type for column in real.tables[0].columns]


def test_a_place_is_exact_after_text_that_is_not_ascii() -> None:
    script = read("-- Tabellen für Größen\nCREATE TABLE größen (id bigint,\n  maß text, ünits timestamp);\n", "a.sql")
    places = derive(script.statements).places
    assert str(places.location("public.größen")) == "a.sql:2:14"
    assert str(places.location("public.größen.ünits")) == "a.sql:3:13"


def test_a_place_is_exact_after_a_statement_that_cannot_be_read() -> None:
    places = derive(read("CREATE TABEL x;\n\nCREATE TABLE t (\n  a int,\n  b timestamp\n);").statements).places
    assert str(places.location("public.t.b")) == "5:3"


def test_a_renamed_object_keeps_its_place() -> None:
    places = derive(
        read("CREATE TABLE t (a int);\nALTER TABLE t RENAME TO u;\nALTER TABLE u RENAME a TO b;").statements
    ).places
    assert str(places.location("public.u.b")) == "1:17"


@given(st.text(alphabet=st.sampled_from("abt_ (),.*='12;\n"), max_size=120))
def test_no_text_can_make_the_derivation_raise(noise: str) -> None:
    for lead in ("CREATE TABLE t (", "ALTER TABLE t ", "CREATE INDEX ON t (", "ALTER TABLE t ADD COLUMN ", ""):
        assert isinstance(derive(read(lead + noise).statements).build(), Schema)


def test_an_unknown_type_keeps_its_name() -> None:
    node = read("CREATE TABLE t (a app.mood, b citext, c app.date);").statements[0].node
    kinds = [column_type(item.column_def.type_name)[0] for item in node.table_elts]
    assert kinds == [type_text(item.column_def.type_name) for item in node.table_elts]
    assert kinds == ["app.mood", "citext", "app.date"]


async def test_the_scripts_above_are_valid(postgres: PostgresHost) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await schema_after(postgres, "CREATE TABLE t (a no_such_type)")
