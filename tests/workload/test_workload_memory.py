"""A plan is taken from memory only for sets of indexes for which the planner would make it again."""

from __future__ import annotations

from random import Random

import pytest
from workload_shop import READS

from backend.advice.workload_costs import WorkloadCosts
from backend.advice.workload_model import Built
from backend.advice.workload_plans import KnownPlan, Names, PlanMemory, Rule, still_cheapest
from backend.advice.workload_writes import Writes
from backend.engines.lab.lab import Lab
from knowledge.advice.candidates import candidates
from knowledge.advice.index import named
from knowledge.query.shape import read_query

SETS = 60


def whatever_it_used(plan: KnownPlan, offered: Names) -> bool:
    """The weakened twin: any subset will do, even one without the indexes that the plan used."""
    return offered <= plan.offered


async def differences(shop: Lab, rule: Rule) -> tuple[int, int]:
    """How often a remembered cost is not the one that planning anew gives, and how many plans were saved."""
    shapes = [read_query(query.sql, shop.schema) for query in READS]
    taken: set[str] = set()
    chosen = []
    for shape in shapes:
        for idea in candidates(shape, shop.schema, shop.statistics, limit=6):
            chosen.append(named(idea, taken))
            taken.add(chosen[-1].name)
    made = await shop.build(*(each.ddl for each in chosen))
    tables = [frozenset(shape.tables) for shape in shapes]
    costs = WorkloadCosts(shop, READS, tables, [Writes()] * len(READS), 1.0, lambda: 0.0, PlanMemory(rule))
    costs.add({each.name: Built(each, index.bytes, index.height) for each, index in zip(chosen, made, strict=True)})
    random = Random(7)
    names = sorted(costs.built)
    sets = [frozenset(names)] + [frozenset(random.sample(names, random.randint(0, len(names)))) for _ in range(SETS)]
    wrong = 0
    planned = 0
    for enabled in sets:
        for number in range(len(READS)):
            before = costs.what_ifs
            remembered = await costs.plan(number, enabled)
            planned += costs.what_ifs - before
            cost, _ = await costs.fresh(number, enabled)
            wrong += remembered.cost != pytest.approx(cost, rel=0.01)
    return wrong, len(sets) * len(READS) - planned


async def test_remembered_costs_are_those_of_fresh_plans_and_most_need_no_planning(shop: Lab) -> None:
    wrong, saved = await differences(shop, still_cheapest)
    assert wrong == 0
    assert saved > SETS * len(READS) / 2


async def test_a_rule_that_does_not_ask_what_the_plan_used_is_found_out(shop: Lab) -> None:
    wrong, _ = await differences(shop, whatever_it_used)
    assert wrong > 0
