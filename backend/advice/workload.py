"""Indexes for a whole workload within a storage budget, every one built in the lab and in use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from backend.advice.workload_costs import NOTHING, OutOfTimeError, WorkloadCosts
from backend.advice.workload_merges import merges
from backend.advice.workload_model import Built, QueryCost, WeightedQuery, WorkloadAdvice, WorkloadIndex
from backend.advice.workload_plans import Names, PlanMemory
from backend.advice.workload_search import WorkloadSearch
from backend.advice.workload_writes import writes_of
from backend.engines.lab.error import LabError
from knowledge.advice.candidates import candidates
from knowledge.advice.index import Candidate, named
from knowledge.query.shape import read_query

if TYPE_CHECKING:
    from backend.engines.lab.lab import Lab

MAX_BUILT = 260
"""Candidates of all queries that are built."""
MAX_MERGED = 80
"""Merged candidates that are built besides."""
CHUNK = 40
"""Candidates built at a time."""
BUILD_SHARE = 0.4
"""Of the time for searching: when building ends, whatever is left to build."""
SEARCH_SHARE, TRIM_SHARE = 0.82, 0.94
"""Of the time given: when the search ends, and when the removal of what is hardly worth it does. The rest is for a
last look at what was found."""


async def advise_workload(
    lab: Lab,
    queries: Sequence[WeightedQuery],
    *,
    budget_bytes: int,
    seconds: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    memory: PlanMemory | None = None,
) -> WorkloadAdvice:
    """The indexes that lower the workload's cost most within the budget, as far as found in the time given.

    Args:
        lab: where plans are made; the candidates stay built in it, all switched off at the end.
        queries: statements with their weights; they are planned as they are.
        budget_bytes: storage all new indexes together may take.
        seconds: by the clock; whenever it ends the best found so far is the answer.
        clock: seconds.
        memory: for plans; only given to show what its rule is for.

    Raises:
        LabError: a query cannot be planned.
    """
    began = clock()
    shapes = [read_query(query.sql, lab.schema) for query in queries]
    plans = [await lab.explain(query.sql) for query in queries]
    costs = WorkloadCosts(
        lab,
        queries,
        [frozenset(shape.tables) for shape in shapes],
        [writes_of(shape, plan, lab.schema.by_name, lab.statistics) for shape, plan in zip(shapes, plans, strict=True)],
        began + seconds * SEARCH_SHARE,
        clock,
        memory,
    )
    before = [plan.root.number_of("Total Cost") for plan in plans]
    notes = [note for shape in shapes for note in shape.notes]
    search = WorkloadSearch(
        costs, budget_bytes, sum(query.weight * cost for query, cost in zip(queries, before, strict=True))
    )
    try:
        ideas = _distinct(candidates(shape, lab.schema, lab.statistics) if shape.uses else () for shape in shapes)[
            :MAX_BUILT
        ]
        complete = await _searched(lab, costs, search, ideas, notes, clock)
    except OutOfTimeError:
        complete = False
    costs.deadline = began + seconds * TRIM_SHARE
    with suppress(OutOfTimeError):
        await search.finish()
    advice = await _result(lab, costs, search.best, before, budget_bytes)
    await lab.only(())
    return replace(advice, seconds=clock() - began, complete=complete, notes=tuple(dict.fromkeys(notes)))


async def _searched(
    lab: Lab,
    costs: WorkloadCosts,
    search: WorkloadSearch,
    ideas: Sequence[Candidate],
    notes: list[str],
    clock: Callable[[], float],
) -> bool:
    """Search among the ideas, then, with what was learnt, among mergers of the useful ones too.

    Neither building nor asking what the queries use may take all the time: something is to be found in little time.

    Raises:
        OutOfTimeError: time is up.
    """
    began, end, everything = clock(), costs.deadline, True
    for place in range(0, len(ideas), CHUNK):
        if clock() >= began + BUILD_SHARE * (end - began):
            everything = False
            break
        await _build(lab, costs, ideas[place : place + CHUNK], notes)
    costs.deadline = (clock() + end) / 2
    useful = await search.find_all_useful()
    costs.deadline = end
    everything = everything and len(useful) == len(costs.queries)
    merged = list(merges(costs.built[name].candidate for name in sorted(frozenset[str]().union(*useful))))
    if await search.begin() and merged:
        merged.sort(key=lambda each: (-each.rank, each.complexity))
        await _build(lab, costs, merged[:MAX_MERGED], notes)
        everything = len(await search.find_all_useful()) == len(costs.queries) and everything
    return await search.run() and everything


def _distinct(by_query: Iterable[Sequence[Candidate]]) -> list[Candidate]:
    """Each index once, the best of every query first."""
    found: dict[object, Candidate] = {}
    for row in zip_longest(*by_query):
        for candidate in row:
            if candidate is not None and not candidate.requires:
                found.setdefault(candidate.identity, candidate)
    return list(found.values())


async def _build(lab: Lab, costs: WorkloadCosts, ideas: Sequence[Candidate], notes: list[str]) -> None:
    """Build the ideas under names of their own; what PostgreSQL refuses is noted."""
    taken = {name for _, name in lab.schema.index_names} | {table.name for table in lab.schema.tables}
    taken |= set(costs.built)
    chosen: list[Candidate] = []
    for idea in ideas:
        chosen.append(named(idea, taken))
        taken.add(chosen[-1].name)
    try:
        made = list(await lab.build(*(each.ddl for each in chosen)))
    except LabError:
        made, accepted = [], []
        for each in chosen:
            try:
                made += await lab.build(each.ddl)
                accepted.append(each)
            except LabError as error:
                notes.append(f"not tried: {each.body}: {error.message}")
        chosen = accepted
    costs.add({each.name: Built(each, index.bytes, index.height) for each, index in zip(chosen, made, strict=True)})


async def _result(lab: Lab, costs: WorkloadCosts, best: Names, before: Sequence[float], budget: int) -> WorkloadAdvice:
    """Every query planned afresh with the indexes found; those no plan uses are left out, and it is done again."""
    while True:
        plans = [await costs.fresh(number, best) for number in range(len(costs.queries))]
        used = frozenset[str]().union(*(names for _, names in plans))
        if used == best:
            break
        best = used
    rows = []
    for number, (query, (cost, names)) in enumerate(zip(costs.queries, plans, strict=True)):
        upkeep = costs.upkeep(number, best)
        rows.append(QueryCost(query, before[number], cost + upkeep, upkeep, names))
    if sum(row.query.weight * (row.after - row.before) for row in rows) > 0 and best:
        return await _result(lab, costs, NOTHING, before, budget)
    taken = {name for _, name in lab.schema.index_names} | {table.name for table in lab.schema.tables}
    renamed: dict[str, Candidate] = {}
    for name in sorted(best):
        renamed[name] = named(costs.built[name].candidate, taken)
        taken.add(renamed[name].name)
    indexes = tuple(
        WorkloadIndex(
            renamed[name],
            costs.built[name].bytes,
            tuple(number for number, row in enumerate(rows) if name in row.used),
        )
        for name in sorted(best)
    )
    rows = [replace(row, used=frozenset(renamed[name].name for name in row.used)) for row in rows]
    return WorkloadAdvice(indexes, tuple(rows), len(costs.built), costs.what_ifs, 0.0, False)
