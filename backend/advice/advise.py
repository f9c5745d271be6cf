"""Indexes for one query: candidates from its shape, each built, the query planned again, the few that pay kept."""

from __future__ import annotations

from collections.abc import Sequence

from backend.advice.advice import Advice, Recommendation
from backend.advice.choice import Choice, Demands, choose
from backend.advice.collation import prefix_columns, served_by_bytes
from backend.advice.laboratory import Laboratory
from backend.advice.replaced import replaced_by
from backend.advice.trials import Outcome, Trials, Writing
from knowledge.advice.candidates import candidates
from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate, named
from knowledge.advice.partial_share import partial_share
from knowledge.advice.rollout import rollout
from knowledge.advice.write_cost import write_cost
from knowledge.plan.model import Plan
from knowledge.query.shape import QueryShape, read_query
from knowledge.schema import Schema

DEMANDS = Demands()
"""The usual ones."""


async def advise(
    lab: Laboratory, sql: str, *, limit: int = 3, demands: Demands = DEMANDS, check_use: bool = True
) -> Advice:
    """Indexes worth building for a query, or why there are none.

    Args:
        lab: where plans are made.
        sql: one statement; it is planned as it is, ``$1`` and the like for any value.
        limit: recommendations at most.
        demands: what an index must bring.
        check_use: whether an index must be in the plan; turned off only to show what that is for.

    Raises:
        LabError: the statement cannot be planned.
    """
    before = await lab.explain(sql)
    cost = before.root.number_of("Total Cost")
    shape = read_query(sql, lab.schema)
    found = candidates(shape, lab.schema, lab.statistics)
    trials = Trials(lab, sql, shape, _writing(before, shape), check_use)
    choice = await choose(trials, found, cost, demands, limit)
    notes = [*shape.notes, *_refusals(trials), *_by_bytes(before, shape)]
    if choice.outcome is None:
        reason = _reason(choice, len(found) - len(trials.refused), cost, demands, shape)
        return Advice(sql, before, before, cost, cost, (), len(found), trials.count, reason, tuple(notes))
    final = await _with_own_names(trials, choice.outcome, lab.schema)
    after = await trials.plan(final.candidates)
    made = [await _recommendation(trials, final, each, cost) for each in final.candidates]
    made.sort(key=lambda one: (one.cost_with - one.cost_without, one.candidate.name))
    return Advice(sql, before, after, cost, final.cost, tuple(made), len(found), trials.count, "", tuple(notes))


def _writing(plan: Plan, shape: QueryShape) -> Writing:
    """What the statement writes, by the planner's estimate of the rows."""
    target = next((use for use in shape.uses if use.role != "read"), None)
    node = next((node for node in plan.nodes if node.kind == "ModifyTable"), None)
    if target is None or node is None:
        return Writing()
    return Writing(target.table, sum(child.estimated_rows for child in node.children[:1]), target.role, target.changed)


async def _with_own_names(trials: Trials, chosen: Outcome, schema: Schema) -> Outcome:
    """The same with names that are free in the schema: candidates are named apart from each other as well."""
    taken = {name for _, name in schema.index_names} | {table.name for table in schema.tables}
    renamed: list[Candidate] = []
    for each in sorted(chosen.candidates, key=lambda one: one.name):
        renamed.append(named(each, taken))
        taken.add(renamed[-1].name)
    outcome = await trials.outcome(renamed)
    return outcome if outcome is not None else chosen


async def _recommendation(trials: Trials, final: Outcome, candidate: Candidate, before: float) -> Recommendation:
    rest = final.candidates - {candidate}
    without = await trials.outcome(rest) if rest else None
    schema = trials.laboratory.schema
    table = schema.by_name[candidate.table]
    figures = TableFigures(trials.laboratory.statistics, candidate.table)
    size, height = final.sizes[candidate.name]
    share = partial_share(candidate, trials.shape, figures)
    return Recommendation(
        candidate,
        rollout(candidate, schema),
        size,
        without.cost if without is not None else before,
        final.cost,
        write_cost(candidate, size, table, figures, share),
        trials.writing.charge(candidate, size, height),
        tuple(await replaced_by(trials, final, candidate, table)),
    )


def _refusals(trials: Trials) -> list[str]:
    """Why candidates could not be tried, those of one reason together."""
    by_reason: dict[str, list[Candidate]] = {}
    for candidate, words in trials.refused.items():
        reason = f"it needs the extension {candidate.requires}" if candidate.requires else words
        by_reason.setdefault(reason, []).append(candidate)
    return [
        f"not tried: {chosen[0].kind} index on {', '.join(k.sql for k in chosen[0].keys)}"
        + (f" and {len(chosen) - 1} more" if len(chosen) > 1 else "")
        + f": {reason}"
        for reason, chosen in by_reason.items()
    ]


def _by_bytes(plan: Plan, shape: QueryShape) -> Sequence[str]:
    return [
        f"the plan without new indexes serves LIKE from {name}, which holds only where strings are ordered byte by"
        " byte (collation C)"
        for name in sorted(served_by_bytes(plan, prefix_columns(shape)))
    ]


def _reason(choice: Choice, tried: int, before: float, demands: Demands, shape: QueryShape) -> str:
    """Why nothing is recommended."""
    if not shape.uses:
        return "the query names no table of the schema, so there is nothing to index"
    if tried <= 0:
        return "every index that could serve the query is there already, or could not be tried"
    best = choice.best_single
    words = f"tried {tried} index{'es' if tried != 1 else ''}"
    if best is None:
        return f"no index tried is used by the plan: {words}"
    saved = before - best.cost
    if saved >= demands.share * before:
        return (
            f"the best index saves {saved:.4g} of {before:.6g} planner's units, fewer than the {demands.floor:g}"
            f" from which an index pays: {words}"
        )
    share = max(0.0, saved / before) if before else 0.0
    return f"no index tried lowers the cost by {demands.share:.0%}: {words}, the best saves {share:.1%}"


__all__ = ["Advice", "Demands", "Recommendation", "advise"]
