"""Workload advice keeps to its budget and its time, counts writes, and recommends nothing useless."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workload_shop import READS, SHOP, SHOP_STATISTICS, UPDATES

from backend.advice.workload import advise_workload
from backend.advice.workload_model import WeightedQuery
from backend.engines.lab.lab import Lab, LabError, open_lab
from backend.engines.postgres.host import PostgresHost

ROOMY = 10**9


async def test_every_recommended_index_is_used_and_the_workload_gets_cheaper(shop: Lab) -> None:
    advice = await advise_workload(shop, READS, budget_bytes=ROOMY)
    assert advice.complete
    assert advice.relative < 0.3
    assert advice.indexes
    assert all(index.queries for index in advice.indexes)
    assert all(index.ddl.startswith("CREATE INDEX CONCURRENTLY ") for index in advice.indexes)


async def test_the_costs_told_are_those_of_a_lab_that_has_just_these_indexes(shop: Lab, postgres: PostgresHost) -> None:
    advice = await advise_workload(shop, READS, budget_bytes=ROOMY)
    async with (
        open_lab(postgres, SHOP, SHOP_STATISTICS) as other,
        other.what_if(*(index.candidate.ddl for index in advice.indexes)) as built,
    ):
        for row in advice.queries:
            cost, used = await built.cost(row.query.sql)
            assert row.after == pytest.approx(cost)
            assert row.used <= used


async def test_after_the_advice_the_lab_plans_as_before(shop: Lab) -> None:
    before = [await shop.cost(query.sql) for query in READS]
    await advise_workload(shop, READS, budget_bytes=ROOMY)
    assert [await shop.cost(query.sql) for query in READS] == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(budget=st.one_of(st.just(0), st.integers(1, 60_000_000)))
async def test_the_budget_is_never_exceeded(postgres: PostgresHost, budget: int) -> None:
    async with open_lab(postgres, SHOP, SHOP_STATISTICS) as lab:
        advice = await advise_workload(lab, READS[:3], budget_bytes=budget)
    assert advice.bytes <= budget
    assert advice.after <= advice.before


@pytest.mark.parametrize("ticks", [0, 40, 150])
async def test_whenever_the_clock_ends_the_search_the_answer_is_valid(shop: Lab, ticks: int) -> None:
    """Every look at the clock is a second; 0 ends it at once."""
    clock = itertools.count()
    advice = await advise_workload(
        shop, READS, budget_bytes=ROOMY, seconds=float(ticks), clock=lambda: float(next(clock))
    )
    assert not advice.complete
    assert len(advice.queries) == len(READS)
    assert advice.after <= advice.before
    assert all(index.queries for index in advice.indexes)
    if ticks == 0:
        assert advice.indexes == ()
        assert advice.relative == 1


async def test_a_workload_that_mostly_writes_gets_fewer_indexes(shop: Lab, postgres: PostgresHost) -> None:
    reading = await advise_workload(
        shop, [*READS, *(replace(each, weight=0.0) for each in UPDATES)], budget_bytes=ROOMY
    )
    async with open_lab(postgres, SHOP, SHOP_STATISTICS) as other:
        writing = await advise_workload(
            other, [*(replace(each, weight=0.2) for each in READS), *UPDATES], budget_bytes=ROOMY
        )
    assert len(writing.indexes) < len(reading.indexes)
    assert writing.after <= writing.before


async def test_a_query_no_index_helps_gets_none(shop: Lab) -> None:
    advice = await advise_workload(shop, [WeightedQuery("SELECT * FROM orders")], budget_bytes=ROOMY)
    assert advice.indexes == ()
    assert advice.relative == 1


async def test_no_queries_make_an_empty_answer(shop: Lab) -> None:
    advice = await advise_workload(shop, [], budget_bytes=ROOMY)
    assert (advice.indexes, advice.queries, advice.relative) == ((), (), 1.0)


async def test_a_query_that_cannot_be_planned_is_refused(shop: Lab) -> None:
    with pytest.raises(LabError, match="nowhere"):
        await advise_workload(shop, [WeightedQuery("SELECT * FROM nowhere")], budget_bytes=ROOMY)
