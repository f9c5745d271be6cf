"""Running the examples of plan rules: the setup on a real server, then the EXPLAIN that is judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost
from knowledge.formats.plans import read as read_plan
from knowledge.formats.postgres_sql import read as read_sql
from knowledge.plan.model import Plan
from knowledge.plan.reckoning import reckon
from knowledge.rules.plan_rule import PlanContext

MARK = "-- setup ends"
DURABLE = "SET synchronous_commit = on"
"""VACUUM marks no page all-visible while the commit that wrote it may still be lost, as it may on our own server."""

# (ANALYZE, BUFFERS) and the query that is explained.
_EXPLAIN = re.compile(r"EXPLAIN\s*\((?P<options>[^)]*)\)\s*(?P<sql>.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Explained:
    """An example that was run: what a rule may see of it in the ways there are."""

    context: PlanContext
    """The plan as the example asked for it, with the query and the schema."""
    estimated: PlanContext
    """The same of the plan before execution; the measured one again where a plan was given as text."""

    @property
    def variants(self) -> tuple[PlanContext, ...]:
        """Both, each with and without the query and the schema."""
        return tuple(
            context
            for full in (self.context, self.estimated)
            for context in (full, PlanContext(full.plan, full.figures))
        )


async def run_example(host: PostgresHost, example: str, *, also: Sequence[str] = ()) -> Explained:
    """Run an example; ``also`` are statements between its setup and its EXPLAIN."""
    if MARK not in example:
        context = plan_context(read_plan(example))
        return Explained(context, context)
    *setup, judged = (statement.sql for statement in read_sql(example).statements)
    parts = _EXPLAIN.match(judged)
    assert parts is not None, judged
    sql = parts["sql"].rstrip().rstrip(";")
    async with host.scratch() as scratch:
        connection = await scratch.connect()
        await connection.execute(DURABLE)
        for statement in (*setup, *also):
            await connection.execute(statement)
        verbose = "VERBOSE, " if "VERBOSE" in parts["options"].upper() else ""
        estimated = await explain(connection, sql, f"{verbose}SETTINGS")
        plan = await explain(connection, sql, parts["options"])
        schema = await read_schema(connection)
        await connection.close()
    full = PlanContext(plan, reckon(plan), schema, sql)
    return Explained(full, replace(full, plan=estimated, figures=reckon(estimated)))


async def explain(connection: asyncpg.Connection, sql: str, options: str = "ANALYZE, BUFFERS") -> Plan:
    """Explain a statement on a session."""
    return read_plan(await connection.fetchval(f"EXPLAIN ({options}, FORMAT JSON) {sql}"))


def plan_context(plan: Plan, sql: str = "") -> PlanContext:
    """A plan, its figures and perhaps its query, without a schema."""
    return PlanContext(plan, reckon(plan), sql=sql)
