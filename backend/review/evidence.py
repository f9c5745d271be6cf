"""Review by execution: the text runs in a database of our own, and what it did is the evidence."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.trace import Tracer
from backend.judge import Judgement, by_kind
from backend.review.found import Found, Review, Source, unreadable
from backend.review.gaps import Gaps, at, removed_columns
from backend.review.groundwork import prepare
from backend.review.loading import Loader
from backend.review.position import Position
from backend.review.proof import Proofs, prove
from backend.review.static import inspect_schema
from knowledge.report import Basis, Evidence, Finding
from knowledge.rules.rule import Rule, SchemaRule, StatementContext
from knowledge.schema import Schema
from knowledge.statement import Statement
from knowledge.synthesis import synthesize

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost, Scratch

Progress = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """How much a review may spend: seconds for one statement, fixes to prove and seconds for all proofs."""

    statement_seconds: float = 15.0
    proofs: int = 20
    proof_seconds: float = 25.0


async def evidence_review(
    host: PostgresHost,
    sources: Sequence[Source],
    rules: Sequence[Rule],
    *,
    progress: Progress,
    limits: Limits = Limits(),
) -> Review:
    """Run all sources in order in one database, judge what was seen, and prove fixes.

    Raises:
        EngineError: PostgreSQL cannot be started or takes no session.
    """
    statements = [statement for source in sources for statement in source.script.statements]
    synthesis = synthesize(statements)
    review = Review(statements=len(statements), assumptions=list(synthesis.assumptions))
    review.found += [unreadable(problem) for source in sources for problem in source.script.problems]
    gaps = Gaps(synthesis.tables, removed_columns(statements))
    await progress(0, len(statements), "starting PostgreSQL")
    await host.start()
    review.engine = f"PostgreSQL {host.version}"
    async with host.scratch() as scratch:
        review.not_tested += await prepare(scratch, synthesis)
        schema, second_tries = await _load(host, scratch, sources, rules, review, gaps, progress, limits)
        schema_rules = [rule for rule in rules if isinstance(rule, SchemaRule)]
        review.found += inspect_schema(schema, synthesis.places, schema_rules, observed=True, made_up=gaps.is_assumed)
        review.not_tested += _summed(gaps.not_tested)
        review.not_run = len(gaps.not_tested)
        proofs = Proofs(host, scratch, synthesis, tuple(statements), schema_rules, schema, limits.proofs, second_tries)
        await prove(review, proofs, seconds=limits.proof_seconds, progress=progress)
    return review


async def _load(
    host: PostgresHost,
    scratch: Scratch,
    sources: Sequence[Source],
    rules: Sequence[Rule],
    review: Review,
    gaps: Gaps,
    progress: Progress,
    limits: Limits,
) -> tuple[Schema, dict[int, str]]:
    """Run everything; the schema at the end, and what second tries needed."""
    began = time.perf_counter()

    def judged(context: StatementContext, judgements: list[Judgement]) -> None:
        if judgements and gaps.explains(context):
            return
        for judgement in judgements:
            finding = _with_assumption(judgement.finding, gaps, context)
            review.found.append(Found(finding, context.statement, judgement, context))

    async def step(done: int) -> None:
        await progress(done, review.statements, "executing statements")

    async with Tracer(scratch, timeout_seconds=limits.statement_seconds) as tracer:
        loader = Loader(tracer, by_kind(rules), judged, step, gaps.emptying)
        for source in sources:
            await loader.run(Position(source.script, source.transactional, host.version))
        schema = await loader.schema()
    review.observed = loader.observed
    review.load_seconds = time.perf_counter() - began
    review.not_tested += _grouped(loader.left_out)
    return schema, loader.second_tries


def _with_assumption(finding: Finding, gaps: Gaps, context: StatementContext) -> Finding:
    """Say so where a verdict rests on a table that was made up."""
    table = ".".join(finding.subject.split(".")[:2])
    if not gaps.is_assumed(table):
        return finding
    evidence = Evidence(
        basis=Basis.ASSUMED,
        action=f"made up {table}, which nothing in the input creates",
        result="the verdict holds for a table of that shape with rows in it",
        flips="the real table is empty, or its columns have other types",
    )
    return finding.model_copy(update={"evidence": [*finding.evidence, evidence]})


def _grouped(left_out: list[tuple[Statement, str]]) -> list[str]:
    """One line for each reason, with the place of the first statement and how many there are."""
    by_note: dict[str, list[Statement]] = {}
    for statement, note in left_out:
        by_note.setdefault(note, []).append(statement)
    return [
        f"{at(group[0])}{f' and {len(group) - 1} more' if len(group) > 1 else ''}: {note}"
        for note, group in by_note.items()
    ]


def _summed(notes: list[str], limit: int = 6) -> list[str]:
    """The first few notes and the number of the others."""
    if len(notes) <= limit:
        return notes
    return [*notes[:limit], f"and {len(notes) - limit} more statements"]
