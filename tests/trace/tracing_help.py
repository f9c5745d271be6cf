"""A small world to trace statements in, and short ways to do it."""

from __future__ import annotations

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.trace import trace_statements
from knowledge.formats.postgres_sql import read
from knowledge.statement import Statement
from knowledge.trace import Lock, LockMode, StatementTrace

WORLD = """
CREATE TABLE ref (id int PRIMARY KEY, x int);
CREATE TABLE t (id int PRIMARY KEY, n int, v varchar(50), r int, w int CHECK (w IS NOT NULL));
CREATE INDEX t_v ON t (v);
CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t);
CREATE TABLE parts (id int, k int) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 (id int, k int);
CREATE MATERIALIZED VIEW sums AS SELECT count(*) AS n FROM t;
CREATE UNIQUE INDEX sums_n ON sums (n);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
INSERT INTO ref SELECT g, g FROM generate_series(1, 5) g;
INSERT INTO t SELECT g, g, 'v' || g, g, g FROM generate_series(1, 5) g;
INSERT INTO child VALUES (1, 1);
INSERT INTO parts VALUES (1, 1);
INSERT INTO part_2 VALUES (150, 1);
"""


def statements(sql: str) -> tuple[Statement, ...]:
    """The statements of a script that must be readable."""
    script = read(sql)
    assert not script.problems
    return script.statements


async def make_world(host: PostgresHost, sql: str = WORLD) -> str:
    """A snapshot of the world, to clone for every test."""
    async with host.scratch() as scratch:
        traces = await trace_statements(scratch, statements(sql), observe=lambda _: False)
        assert not [trace.error for trace in traces if trace.error]
        return await scratch.snapshot()


async def traced(scratch: Scratch, sql: str, **options: object) -> list[StatementTrace]:
    """Trace a script."""
    return await trace_statements(scratch, statements(sql), **options)  # type: ignore[arg-type]


def strongest(locks: tuple[Lock, ...], relation: str) -> LockMode | None:
    """The strongest mode on a relation."""
    modes = [lock.mode for lock in locks if lock.relation == relation]
    return max(modes, key=lambda mode: mode.strength, default=None)
