"""A workload on its ground: which indexes lower its cost within a budget, and which that exist do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.advice.unused import DropAdvice, advise_drops
from backend.advice.workload import advise_workload
from backend.advice.workload_model import WeightedQuery, WorkloadAdvice, WorkloadIndex
from backend.engines.lab.lab import Lab, LabError, open_lab
from backend.judge import excerpt
from backend.plans.advised import change, figure, size
from backend.plans.ground import Ground
from backend.plans.query import Progress
from backend.plans.repeated import plans_at_once
from knowledge.query_log.fingerprint import fingerprint
from knowledge.query_log.model import QueryLog
from knowledge.query_log.placeholders import numbered
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Fix, Severity, Step, Table

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

MB = 1024 * 1024
SECONDS = 10.0
MOST_QUERIES = 200
"""Distinct statements, those that weigh most; the rest is named as not tested."""
NAMED = 60


@dataclass
class Weighed:
    """What was found out about a workload, as the parts of a report."""

    facts: list[Fact] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)


def weighted(log: QueryLog) -> list[WeightedQuery]:
    """The distinct statements of a log, weighed by how often they ran; the most frequent first."""
    found: dict[str, list[float | str]] = {}
    for query in log.queries:
        entry = found.setdefault(fingerprint(query.sql), [query.sql, 0.0])
        entry[1] = float(entry[1]) + query.calls
    ranked = sorted(found.values(), key=lambda entry: -float(entry[1]))
    return [WeightedQuery(numbered(str(sql)), float(calls)) for sql, calls in ranked]


async def weigh(
    host: PostgresHost,
    queries: Sequence[WeightedQuery],
    ground: Ground,
    budget_mb: int,
    progress: Progress,
    loops: Sequence[Finding] = (),
) -> Weighed:
    """Indexes for a workload, and indexes it could do without; nothing of it is executed.

    Args:
        host: our own server.
        queries: the statements with their weights, the weightiest first.
        ground: schema and statistics.
        budget_mb: what new indexes may take, in units of 2**20 bytes.
        progress: told before each part.
        loops: findings about repeated queries, whose one query in their place is planned as well.

    Raises:
        LabError: the DDL cannot be used, with its line.
    """
    weighed = Weighed()
    await progress(0, 3, "making the statistics lab")
    async with open_lab(host, ground.ddl, ground.statistics) as lab:
        weighed.findings = await plans_at_once(lab, loops)
        plannable = await _plannable(lab, queries, weighed)
        if not plannable:
            return weighed
        await progress(1, 3, f"trying indexes for {len(plannable)} queries, for {SECONDS:g} s at the most")
        drops = await advise_drops(lab, plannable, scans=ground.scans, identity=ground.identity)
        advice = await advise_workload(lab, plannable, budget_bytes=budget_mb * MB, seconds=SECONDS)
        _tell(weighed, advice, drops, ground, budget_mb)
        weighed.not_tested += [f"the lab differs: {each}" for each in lab.differences]
        weighed.not_tested.append("time: a plan made from statistics has costs, which are no milliseconds")
        if ground.assumed:
            weighed.assumptions += lab.statistics.notes
    await progress(3, 3, "done")
    return weighed


async def _plannable(lab: Lab, queries: Sequence[WeightedQuery], weighed: Weighed) -> list[WeightedQuery]:
    """The queries that can be planned; the others are named with the reason."""
    found = []
    for query in queries[:MOST_QUERIES]:
        try:
            await lab.cost(query.sql)
        except LabError as error:
            weighed.not_tested.append(f"not planned: {excerpt(query.sql, NAMED)}: {error}")
        else:
            found.append(query)
    if len(queries) > MOST_QUERIES:
        weighed.not_tested.append(f"{len(queries) - MOST_QUERIES:,} statements that weigh least were left out")
    return found


def _tell(weighed: Weighed, advice: WorkloadAdvice, drops: DropAdvice, ground: Ground, budget_mb: int) -> None:
    weighed.facts = [
        Fact(name="cost", value=f"{change(advice.before, advice.after)} (planner units, not time)"),
        Fact(name="indexes", value=f"{len(advice.indexes)} of {advice.candidates} tried, {size(advice.bytes)}"),
        Fact(name="budget", value=f"{budget_mb:,} MB"),
        Fact(name="search", value=f"{advice.what_ifs:,} plans in {advice.seconds:.1f} s" + _ended(advice)),
        Fact(name="lab", value=ground.origin),
    ]
    weighed.findings += [_index(one, advice, ground) for one in advice.indexes]
    weighed.findings += [_drop(drops, number) for number in range(len(drops.drops))]
    weighed.tables = [_queries(advice)]
    weighed.not_tested += advice.notes
    if advice.indexes:
        text = "\n".join(f"{one.ddl.rstrip(';')};" for one in advice.indexes) + "\n"
        weighed.artifacts.append(Artifact(name="indexes.sql", media_type="application/sql", text=text))


def _ended(advice: WorkloadAdvice) -> str:
    return "" if advice.complete else ", ended by the clock: a longer search may find more"


def _index(one: WorkloadIndex, advice: WorkloadAdvice, ground: Ground) -> Finding:
    users = [advice.queries[number] for number in one.queries]
    before = sum(each.query.weight * each.before for each in users)
    after = sum(each.query.weight * each.after for each in users)
    share = (before - after) / advice.before if advice.before else 0.0
    return Finding(
        rule="index-advice",
        severity=Severity.HIGH if share >= 0.1 else Severity.MEDIUM,
        message=f"{one.candidate.name} is used by {_count(len(users))}, whose cost goes from {change(before, after)}",
        subject=one.candidate.table,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action=f"built it in the statistics lab ({ground.origin}) and planned every query again",
                result=f"used by {', '.join(_named(advice, number) for number in one.queries)}; {size(one.bytes)}",
            )
        ],
        fixes=[
            Fix(
                summary="Create it without blocking writers",
                steps=[Step(sql=one.ddl, alone=True)],
                proven=True,
                proof=f"in the plans of {_count(len(users))}; costs are planner units, not time",
            )
        ],
    )


def _drop(drops: DropAdvice, number: int) -> Finding:
    drop = drops.drops[number]
    return Finding(
        rule="unused-index",
        severity=Severity.LOW,
        message=f"{drop.name} on {drop.table} does nothing for this workload: {drop.reason}",
        subject=f"{drop.table}.{drop.name}",
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action="switched it off in the statistics lab and planned every query again",
                result=f"no cost rose{f'; {drop.stands_in} stands in' if drop.stands_in else ''}; {size(drop.bytes)}",
                flips="a query that is not in this workload needs it",
            )
        ],
        fixes=[
            Fix(
                summary="Drop it, once you know the workload is all there is",
                steps=[Step(sql=drop.ddl, alone=True)],
                proven=True,
                proof="no plan of the workload got dearer without it",
            )
        ],
    )


def _queries(advice: WorkloadAdvice) -> Table:
    ranked = sorted(
        enumerate(advice.queries), key=lambda entry: -entry[1].query.weight * (entry[1].before - entry[1].after)
    )
    rows = [
        [
            _named(advice, number),
            f"{each.query.weight:g}",
            figure(each.before),
            figure(each.after),
            ", ".join(sorted(each.used)) or "-",
        ]
        for number, each in ranked
    ]
    return Table(
        title="Queries by what they gain (planner units, not time)",
        columns=["query", "weight", "cost before", "cost after", "new indexes in its plan"],
        rows=rows,
    )


def _named(advice: WorkloadAdvice, number: int) -> str:
    query = advice.queries[number].query
    return query.name or f"{number + 1}: {excerpt(query.sql, NAMED)}"


def _count(queries: int) -> str:
    return "1 query" if queries == 1 else f"{queries} queries"
