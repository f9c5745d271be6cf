"""Proving fixes: a fix is offered as proven only after it ran and the finding was gone."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.engines.trace import trace_statements
from backend.prove import prove_fix
from backend.review.found import Found, Review, order
from backend.review.groundwork import prepare
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix
from knowledge.rules.rule import SchemaRule
from knowledge.schema import Schema
from knowledge.statement import Statement
from knowledge.synthesis import Synthesis
from knowledge.trace import StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost, Scratch

Progress = Callable[[float, float, str], Awaitable[None]]
NOT_TRIED = "not proven: the review's budget for proofs was spent on findings above this one"


@dataclass
class Proofs:
    """What proofs need. ``scratch`` is the database after the load; nobody uses it any more."""

    host: PostgresHost
    scratch: Scratch
    synthesis: Synthesis
    statements: tuple[Statement, ...]
    schema_rules: Sequence[SchemaRule]
    schema: Schema
    limit: int
    second_tries: Mapping[int, str] = field(default_factory=dict)
    """SQL that had to run before a statement, by the statement's ``id()``."""
    _before: str = field(default="", init=False)
    _after: str = field(default="", init=False)

    def earlier(self, statement: Statement) -> list[Statement]:
        """What runs before ``statement``: all that stands above it, and what its second try needed."""
        place = next(number for number, other in enumerate(self.statements) if other is statement)
        preparation = read(self.second_tries.get(id(statement), "")).statements
        return [*self.statements[:place], *preparation]

    async def before(self) -> str:
        """A template of the state before the text: what was made up and nothing else."""
        if not self._before:
            async with self.host.scratch() as fresh:
                await prepare(fresh, self.synthesis)
                self._before = await fresh.snapshot()
        return self._before

    async def after(self) -> str:
        """A template of the state after the text."""
        if not self._after:
            self._after = await self.scratch.snapshot()
        return self._after

    async def drop(self) -> None:
        """Drop both templates."""
        for name in (self._before, self._after):
            if name:
                await self.host.drop(name)


async def prove(review: Review, proofs: Proofs, *, seconds: float, progress: Progress) -> None:
    """Prove the first fix of the most severe findings, within the limits; the others say that nobody tried."""
    review.found.sort(key=order)
    candidates = [
        index
        for index, item in enumerate(review.found)
        if item.finding.fixes and item.finding.fixes[0].steps and (item.schema_rule or item.judgement)
    ]
    deadline = time.monotonic() + seconds
    chosen = min(len(candidates), proofs.limit)
    try:
        for number, index in enumerate(candidates):
            item = review.found[index]
            first, *others = item.finding.fixes
            if number >= proofs.limit or time.monotonic() > deadline:
                proven = first.model_copy(update={"proof": NOT_TRIED})
            else:
                await progress(number, chosen, "proving fixes")
                proven = await _prove(proofs, item, first)
            finding = item.finding.model_copy(update={"fixes": [proven, *others]})
            review.found[index] = item.with_finding(finding)
    finally:
        await proofs.drop()


async def _prove(proofs: Proofs, item: Found, fix: Fix) -> Fix:
    if item.judgement is not None and item.context is not None:
        return await prove_fix(
            proofs.host,
            template=await proofs.before(),
            earlier=proofs.earlier(item.context.statement),
            context=item.context,
            rule=item.judgement.rule,
            hit=item.judgement.hit,
            fix=fix,
        )
    assert item.schema_rule is not None
    return await prove_schema_fix(
        proofs.host,
        template=await proofs.after(),
        before=proofs.schema,
        rule=item.schema_rule,
        subject=item.finding.subject,
        fix=fix,
        rules=proofs.schema_rules,
    )


async def prove_schema_fix(
    host: PostgresHost,
    *,
    template: str,
    before: Schema,
    rule: SchemaRule,
    subject: str,
    fix: Fix,
    rules: Sequence[SchemaRule],
    timeout_seconds: float = 20.0,
) -> Fix:
    """Apply a fix to a copy of the finished schema and inspect the copy.

    Args:
        host: where to run it.
        template: a snapshot of the state with the finding.
        before: the schema of that state.
        rule: the rule that found it.
        subject: the object it found.
        fix: the steps.
        rules: all schema rules: none may find something new that is as severe.
        timeout_seconds: limit of one statement.

    Returns:
        The fix, ``proven`` if the finding vanished and nothing as severe appeared; ``proof`` says which.
    """
    steps = [statement for step in fix.steps for statement in read(step.sql).statements]
    async with host.scratch(template) as copy:
        traces = await trace_statements(copy, steps, transactional=False, timeout_seconds=timeout_seconds)
        session = await copy.connect()
        try:
            after = await read_schema(session)
        finally:
            await session.close()
    refusal = _refusal(traces, before, after, rule, subject, rules)
    if refusal:
        return fix.model_copy(update={"proven": False, "proof": f"not proven: {refusal}"})
    return fix.model_copy(
        update={
            "proven": True,
            "proof": f"applied to a copy: {rule.id} no longer finds {subject}, and nothing new; {_cost(traces)}",
        }
    )


def _refusal(
    traces: Sequence[StatementTrace],
    before: Schema,
    after: Schema,
    rule: SchemaRule,
    subject: str,
    rules: Sequence[SchemaRule],
) -> str:
    """Why a fix is no fix, or ``""``."""
    for trace in traces:
        if trace.error is not None:
            return f"it fails ({trace.error.sqlstate}: {trace.error.message})"
    if any(hit.subject == subject for hit in rule.inspect(after)):
        return f"{rule.id} still finds {subject}"
    known = {(other.id, hit.subject) for other in rules for hit in other.inspect(before)}
    for other in rules:
        if other.severity.rank > rule.severity.rank:
            continue
        for hit in other.inspect(after):
            if (other.id, hit.subject) not in known:
                return f"it brings {other.id} on {hit.subject}"
    return ""


def _cost(traces: Sequence[StatementTrace]) -> str:
    locks = [lock for trace in traces for lock in trace.locks if not lock.is_index]
    rewrites = sorted({name for trace in traces for name in trace.rewrites})
    strongest = max(locks, key=lambda lock: lock.mode.strength, default=None)
    said = f"strongest lock {strongest.mode.value} on {strongest.relation}" if strongest else "no table locked"
    return said + (f", rewrites {', '.join(rewrites)}" if rewrites else ", nothing rewritten")
