"""Existing indexes that a new one could stand in for."""

from __future__ import annotations

from collections.abc import AsyncIterator

from backend.advice.advice import Replaced
from backend.advice.trials import Outcome, Trials
from backend.engines.lab.error import LabError
from knowledge.advice.existing import ExistingIndex, made_redundant
from knowledge.advice.index import Candidate
from knowledge.schema import Relation


async def replaced_by(trials: Trials, final: Outcome, candidate: Candidate, table: Relation) -> list[Replaced]:
    """The indexes whose keys begin the candidate's keys; the query is planned without each that could go."""
    return [found async for found in _found(trials, final, candidate, table)]


async def _found(trials: Trials, final: Outcome, candidate: Candidate, table: Relation) -> AsyncIterator[Replaced]:
    for old in made_redundant(table, candidate):
        kept = _needed_for(old)
        if kept:
            yield Replaced(old.index.name, table.qualified, False, kept)
            continue
        try:
            plan = await trials.plan(final.candidates, without=[old.index.name])
        except LabError as error:
            yield Replaced(old.index.name, table.qualified, False, f"it could not be switched off: {error.message}")
            continue
        cost = plan.root.number_of("Total Cost")
        words = (
            f"its keys begin those of {candidate.name}; without it this query costs {cost:.6g} planner's units,"
            f" with both {final.planned:.6g}. Other queries were not looked at"
        )
        yield Replaced(old.index.name, table.qualified, cost <= final.planned * 1.03 + 1, words)


def _needed_for(old: ExistingIndex) -> str:
    """What an index is for beside being read."""
    if old.index.constraint:
        return f"it enforces the constraint {old.index.constraint}"
    if old.index.primary or old.index.unique:
        return "it keeps its columns unique"
    return ""
