"""One query, explained on its ground: planned in the lab, judged by the rules, helped by what was tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from backend.advice.advise import advise
from backend.engines.lab.lab import Lab, LabError, open_lab
from backend.engines.statistics_export import export_script
from backend.plans.advised import change, index_findings, rewrite_findings, size
from backend.plans.explained import Explained
from backend.plans.ground import Ground
from backend.plans.ranked import Provenance
from backend.rewriting.prove import ProvenRewrite, RefutedRewrite, tried_rewrites
from knowledge.plan.model import Plan
from knowledge.query_log.fingerprint import values_of
from knowledge.report import Artifact, Basis, Finding, Severity
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    from backend.advice.advice import Advice
    from backend.engines.postgres.host import PostgresHost

LARGEST_LISTED = 4
EXPORT = "export statistics (psql -XAt -f export_statistics.sql > statistics.json) and give them as `statistics`"
Progress = Callable[[float, float, str], Awaitable[None]]
"""``await progress(done, total, message)``."""
MOST_TEXTS = 5
REDACTED = (
    "selectivity of {texts}: the statistics are redacted, no value in them equals these texts, and so about one row is "
    "estimated for each; the advice holds only if that is so"
)


class UnplannableError(ValueError):
    """The query has no plan on this schema; the text says where and why."""


async def explain_query(
    host: PostgresHost, sql: str, ground: Ground, progress: Progress, *, known: tuple[Plan, Provenance] | None = None
) -> Explained:
    """Everything about one statement.

    Args:
        host: our own server.
        sql: the statement; it is never executed here.
        ground: schema and statistics.
        progress: told before each part.
        known: the plan of the real database where there is one; the lab's is used otherwise.

    Raises:
        LabError: the DDL or the statement cannot be used, with the line.
    """
    await progress(0, 4, "making the statistics lab")
    async with open_lab(host, ground.ddl, ground.statistics) as lab:
        await progress(1, 4, "planning the query")
        planned = await _planned(lab, sql)
        plan, provenance = known or (planned, Provenance(f"planned in the statistics lab ({ground.origin})"))
        explained = Explained(plan, provenance, lab.schema, sql)
        await progress(2, 4, "trying rewrites")
        tried = await tried_rewrites(host, lab, sql, ground.ddl, lab.schema)
        rewrites = [each for each in tried if isinstance(each, ProvenRewrite)]
        await progress(3, 4, "trying indexes")
        advice, rewritten = await _best_advice(lab, sql, rewrites)
        indexes = index_findings(advice, ground.origin, rewritten=rewritten)
        if lab.statistics.redacted and (texts := compared_texts(sql)):
            indexes = [unsure(finding) for finding in indexes]
            explained.not_tested.append(REDACTED.format(texts=", ".join(texts)))
        changes = rewrite_findings(rewrites)
        explained.proven = [*changes, *indexes] if rewritten else [*indexes, *changes]
        explained.facts = {"indexes tried": f"{advice.tried} in {advice.what_ifs} plans", **_lab_facts(lab, ground)}
        if len(advice.recommendations) > 1:
            explained.facts["cost with all indexes"] = change(advice.cost_before, advice.cost_after)
        if advice.reason:
            explained.facts["no index"] = advice.reason
        if tried:
            explained.facts["rewrites tried"] = f"{len(tried)}, proven: {len(rewrites)}"
        explained.not_tested += [
            f"rewrite {each.id} is not proposed: {each.reason}" for each in tried if isinstance(each, RefutedRewrite)
        ]
        disclose(explained, lab, ground)
        explained.not_tested += advice.notes
    explained.artifacts = [*_indexes_sql(explained), *(_export_script() if ground.assumed else ())]
    explained.next_step = _next(explained, ground)
    return explained


async def _planned(lab: Lab, sql: str) -> Plan:
    try:
        return await lab.explain(sql)
    except LabError as error:
        raise UnplannableError(str(error)) from None


def compared_texts(sql: str) -> list[str]:
    """The text literals of a query: what redacted statistics no longer hold."""
    return list(dict.fromkeys(value.text for value in values_of(sql) if value.text.endswith("'")))[:MOST_TEXTS]


def unsure(finding: Finding) -> Finding:
    """An index finding whose estimates rest on literals that the statistics cannot know."""
    evidence = [
        item.model_copy(update={"basis": Basis.ASSUMED, "flips": "statistics with real values"})
        if item.basis is Basis.OBSERVED
        else item
        for item in finding.evidence
    ]
    fixes = [fix.model_copy(update={"proven": False, "proof": ""}) for fix in finding.fixes]
    return finding.model_copy(update={"severity": Severity.MEDIUM, "evidence": evidence, "fixes": fixes})


async def _best_advice(lab: Lab, sql: str, rewrites: Sequence[ProvenRewrite]) -> tuple[Advice, bool]:
    """Indexes for the query, or for its best rewrite where that is cheaper even so; and which of the two."""
    advice = await advise(lab, sql)
    if rewrites and rewrites[0].cost_after < advice.cost_after:
        return await advise(lab, rewrites[0].sql), True
    return advice, False


def disclose(explained: Explained, lab: Lab, ground: Ground) -> None:
    """Say what the lab cannot know."""
    explained.not_tested += [f"the lab differs: {each}" for each in lab.differences]
    explained.not_tested.append("time: a plan made from statistics has costs, which are no milliseconds")
    if ground.assumed:
        explained.assumptions += [*lab.statistics.notes]


def _lab_facts(lab: Lab, ground: Ground) -> dict[str, str]:
    return {"lab": f"{ground.origin}: {sizes(lab.statistics)}"}


def sizes(statistics: DatabaseStatistics) -> str:
    """The largest tables with their rows."""
    tables = sorted((each for each in statistics.relations if each.kind in "rmp"), key=lambda each: -each.tuples)
    shown = [f"{each.name} {max(each.tuples, 0):,.0f} rows ({size(each.bytes)})" for each in tables[:LARGEST_LISTED]]
    more = f" and {len(tables) - LARGEST_LISTED} more tables" if len(tables) > LARGEST_LISTED else ""
    return ", ".join(shown) + more


def _indexes_sql(explained: Explained) -> list[Artifact]:
    steps = [
        step.sql for finding in explained.proven if finding.rule == "index-advice" for step in finding.fixes[0].steps
    ]
    text = "\n".join(f"{sql.rstrip(';')};" if not sql.startswith("--") else sql for sql in steps)
    return [Artifact(name="indexes.sql", media_type="application/sql", text=text + "\n")] if steps else []


def _export_script() -> list[Artifact]:
    """What to run on production for a verdict on real sizes."""
    return [Artifact(name="export_statistics.sql", media_type="application/sql", text=export_script())]


def _next(explained: Explained, ground: Ground) -> str:
    if not any(finding.rule == "index-advice" for finding in explained.proven):
        return f"{EXPORT} for a verdict on your own data" if ground.assumed else ""
    if ground.assumed:
        return f"sizes were assumed: before building these, {EXPORT}"
    return "create the index in a migration, then rehearse that migration with migrate_backend"
