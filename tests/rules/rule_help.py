"""Judging example scripts the two ways there are: by their text, and by running them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.trace import Tracer
from backend.judge import Judgement, by_kind, judge
from backend.prove import prove_fix
from backend.review.position import Position
from knowledge.derivation import SchemaBuilder
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix
from knowledge.rules.rule import Rule, StatementContext
from knowledge.schema import Schema
from knowledge.statement import Script, Statement

MARK = "-- setup ends"


@dataclass(frozen=True)
class Judged:
    """A judgement, what was judged, and the statements of the file before it."""

    judgement: Judgement
    context: StatementContext
    earlier: tuple[Statement, ...]

    @property
    def rule(self) -> str:
        return self.judgement.rule.id

    @property
    def subject(self) -> str:
        return self.judgement.finding.subject


def halves(example: str) -> tuple[str, Script]:
    """What existed before, and the script that is judged."""
    setup, mark, rest = example.partition(MARK)
    script = read(rest if mark else example, "example.sql")
    assert not script.problems, script.problems
    return (setup if mark else ""), script


def by_text(example: str, rules: Sequence[Rule] | None = None, *, transactional: bool = False) -> list[Judged]:
    """What a static review says: the setup is known as an earlier migration would be."""
    setup, script = halves(example)
    table, builder = by_kind(rules), SchemaBuilder()
    for statement in read(setup).statements:
        builder.apply(statement)
    position, found = Position(script, transactional), []
    for number, statement in enumerate(script.statements):
        context = replace(position.context(statement), derived=builder.relation)
        found += [Judged(item, context, script.statements[:number]) for item in judge(context, table)]
        position.advance(statement)
        builder.apply(statement)
    return found


async def run_setup(scratch: Scratch, setup: str) -> None:
    """Make what existed before."""
    if setup.strip():
        connection = await scratch.connect()
        await connection.execute(setup)
        await connection.close()


@asynccontextmanager
async def prepared(host: PostgresHost, setup: str) -> AsyncIterator[str]:
    """A snapshot of the state that ``setup`` leaves behind."""
    async with host.scratch() as scratch:
        await run_setup(scratch, setup)
        name = await scratch.snapshot()
    try:
        yield name
    finally:
        await host.drop(name)


async def on_engine(
    scratch: Scratch,
    script: Script,
    rules: Sequence[Rule] | None = None,
    *,
    transactional: bool = False,
    version: int = 18,
) -> tuple[list[Judged], Schema]:
    """What running the script shows, and the schema it leaves behind."""
    table, found = by_kind(rules), []
    position = Position(script, transactional, version)
    async with Tracer(scratch) as tracer:
        if transactional:
            await tracer.begin()
        for number, statement in enumerate(script.statements):
            before = await read_schema(tracer.connection)
            trace = await tracer.run(statement)
            if trace.error is None:
                after = await read_schema(tracer.connection)
            else:
                after = before
                await tracer.rollback()
            context = position.context(statement, trace, before, after)
            found += [Judged(item, context, script.statements[:number]) for item in judge(context, table)]
            if trace.error is not None:
                break
            position.advance(statement)
        await tracer.commit()
        return found, await read_schema(tracer.connection)


async def by_engine(
    host: PostgresHost, example: str, rules: Sequence[Rule] | None = None, *, transactional: bool = False
) -> list[Judged]:
    """What a review by execution says."""
    setup, script = halves(example)
    async with host.scratch() as scratch:
        await run_setup(scratch, setup)
        found, _ = await on_engine(scratch, script, rules, transactional=transactional, version=host.version)
        return found


async def proven(host: PostgresHost, example: str, judged: Judged, fix: Fix | None = None) -> Fix:
    """The fix of a judgement (or ``fix`` in its place), proven or refused."""
    setup, _ = halves(example)
    chosen = fix or judged.judgement.finding.fixes[0]
    async with prepared(host, setup) as template:
        return await prove_fix(
            host,
            template=template,
            earlier=judged.earlier,
            context=judged.context,
            rule=judged.judgement.rule,
            hit=judged.judgement.hit,
            fix=chosen,
        )
