"""Tables rebuilt from pasted plans: the pages of real tables follow exactly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_shop import SCHEMA

from backend.engines.catalog import read_schema
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.statistics_export import read_statistics
from knowledge.formats.explain import read
from knowledge.plan.condition_cost import operators
from knowledge.plan.condition_shares import share_statistics
from knowledge.plan.model import Node, Plan
from knowledge.plan.sizes import rebuilt
from knowledge.schema import Column, Relation, Schema
from knowledge.statistics import DatabaseStatistics

PARALLEL = """SET max_parallel_workers_per_gather = {}; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0"""


@dataclass
class Known:
    """A session on the shop, its schema and real statistics."""

    session: asyncpg.Connection
    schema: Schema
    real: DatabaseStatistics

    async def plan(self, query: str, options: str) -> Plan:
        text: str = await self.session.fetchval(f"EXPLAIN ({options}, FORMAT JSON) {query}")
        return read(text)


@pytest.fixture(scope="module")
async def known(shop: Scratch) -> AsyncIterator[Known]:
    """The shop with plain plans: no index scans where a sequential scan will do."""
    session = await shop.connect(admin=True)
    found = Known(session, await read_schema(session), await read_statistics(session))
    await session.execute("SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off")
    try:
        yield found
    finally:
        await session.close()


FILTERS = (
    "true",
    "customer_id = 5",
    "state = 'open'",
    "total > 500",
    "total > 500 AND state <> 'sent' AND customer_id < 4000",
    "code LIKE 'Code-A%' OR code = 'x'",
    "upper(code) = 'X'",
    "customer_id IN (1, 2, 3)",
    "customer_id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)",
    "customer_id::numeric + 1 > total",
    "note IS NULL",
    "NOT (customer_id BETWEEN 5 AND 100)",
    "placed_at >= '2025-03-01' AND placed_at < '2025-04-01'",
    "coalesce(customer_id, 1) = 3 AND valid @> 5",
)


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
async def test_pages_follow_exactly_from_a_measured_scan(known: Known, workers: int) -> None:
    await known.session.execute(PARALLEL.format(workers))
    pages, parallel = known.real.by_name["public.orders"].pages, 0
    for condition in FILTERS:
        plan = await known.plan(f"SELECT * FROM orders WHERE {condition}", "ANALYZE, TIMING OFF, SETTINGS")
        (table,) = rebuilt(plan, known.schema).relations
        parallel += any(node.kind == "Gather" for node in plan.nodes)
        slack = 4 if workers else 0
        assert (table.qualified, table.pages) == ("public.orders", pages), condition
        assert table.tuples == pytest.approx(40_000, abs=slack), condition
    assert parallel == (len(FILTERS) if workers else 0)


@pytest.mark.parametrize("workers", [0, 2])
async def test_pages_follow_from_an_estimate_without_a_condition(known: Known, workers: int) -> None:
    await known.session.execute(PARALLEL.format(workers))
    for name in ("customers", "orders", "events_old"):
        plan = await known.plan(f"SELECT * FROM {name}", "SETTINGS, VERBOSE")
        (table,) = rebuilt(plan, known.schema).relations
        real = known.real.by_name[f"public.{name}"]
        assert table.pages == real.pages
        assert table.tuples == pytest.approx(real.tuples, abs=2)


async def test_changed_cost_settings_are_reckoned_with(known: Known) -> None:
    await known.session.execute(PARALLEL.format(0))
    await known.session.execute("SET seq_page_cost = 2.37137; SET cpu_tuple_cost = 0.03")
    plan = await known.plan("SELECT * FROM orders WHERE total > 5", "ANALYZE, SETTINGS")
    await known.session.execute("RESET seq_page_cost; RESET cpu_tuple_cost")
    pages = known.real.by_name["public.orders"].pages
    assert rebuilt(plan, known.schema).relations[0].pages == pages
    twin = replace(plan, properties={key: value for key, value in plan.properties.items() if key != "Settings"})
    assert rebuilt(twin, known.schema).relations[0].pages != pages
    assert any("do not come out whole" in note for note in rebuilt(twin, known.schema).notes)


async def test_joins_give_all_their_tables(known: Known) -> None:
    await known.session.execute(PARALLEL.format(0))
    query = "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'de' ORDER BY o.total"
    found = rebuilt(await known.plan(query, "ANALYZE"), known.schema)
    assert {each.name: each.pages for each in found.relations} == {
        name: known.real.by_name[f"public.{name}"].pages for name in ("orders", "customers")
    }
    assert found.origin == "plan"


async def test_a_scan_that_stopped_early_is_not_taken_for_the_whole_table(known: Known) -> None:
    await known.session.execute(PARALLEL.format(0))
    plan = await known.plan("SELECT * FROM orders WHERE total > 5 LIMIT 3", "ANALYZE")
    found = rebuilt(plan, known.schema)
    assert found.relations[0].tuples > 20_000
    assert "from the cost of its scan and the widths of its types" in found.notes[0]
    unlimited = replace(plan, root=plan.root.children[0])
    assert rebuilt(unlimited, known.schema).relations[0].tuples < 10


async def test_a_condition_without_measurement_is_solved_by_the_widths(known: Known) -> None:
    await known.session.execute(PARALLEL.format(0))
    found = rebuilt(await known.plan("SELECT * FROM orders WHERE total > 500", "COSTS"), known.schema)
    assert found.relations[0].tuples == pytest.approx(40_000, rel=0.25)
    assert found.relations[0].pages == pytest.approx(known.real.by_name["public.orders"].pages, rel=0.25)


async def test_a_table_read_by_an_index_alone_is_asked_for(known: Known) -> None:
    await known.session.execute("SET enable_indexscan = on")
    plan = await known.plan("SELECT * FROM orders WHERE id = 5", "ANALYZE")
    await known.session.execute("SET enable_indexscan = off")
    found = rebuilt(plan, known.schema)
    assert found.relations == ()
    assert "give its row count" in found.notes[0]


SHARES = (
    "state = 'open'",
    "customer_id = 4",
    "customer_id = 5",
    "total > 900",
    "total <= 3.5",
    "placed_at >= '2025-06-01'",
    "customer_id < 500",
)


@pytest.mark.parametrize("condition", SHARES)
async def test_a_lab_of_the_rebuilt_table_plans_the_same_scan(
    postgres: PostgresHost, known: Known, condition: str
) -> None:
    await known.session.execute(PARALLEL.format(0))
    query = f"SELECT * FROM orders WHERE {condition}"
    measured = await known.plan(query, "ANALYZE, SETTINGS")
    async with open_lab(postgres, SCHEMA, replace(rebuilt(measured, known.schema), settings={})) as lab:
        plan = await lab.explain(query)
        scan = next(node for node in plan.nodes if node.relation)
        assert scan.estimated_rows == pytest.approx(measured.root.actual_rows, rel=0.02, abs=3)
        whole = await lab.explain("SELECT * FROM orders")
        assert whole.root.number_of("Total Cost") == pytest.approx(
            known.real.by_name["public.orders"].pages + 40_000 * 0.01, abs=0.02
        )


KINDS = {"a": "integer", "n": "numeric", "v": "character varying(9)", "t": "text", "d": "date"}


@pytest.mark.parametrize(
    ("condition", "cost"),
    [
        ("", 0),
        ("(a = 3)", 1),
        ("((v)::text = 'q'::text)", 1),
        ("((a)::bigint = 3)", 2),
        ("((a)::text = '3'::text)", 3),
        ("(a = ANY ('{1,2,3,4}'::integer[]))", 2),
        ("(a = ANY ('{1,2,3,4,5,6,7,8,9}'::integer[]))", 2),
        ("(a = ANY (ARRAY[a, 3]))", 1),
        ("CASE WHEN (a = 3) THEN (t = 'x'::text) ELSE (a = 1) END", 3),
        ("(NOT (hashed SubPlan 1))", None),
        ("(a = 1) AND", None),
    ],
)
def test_operators_are_counted_as_the_planner_does(condition: str, cost: float | None) -> None:
    assert operators(condition, lambda name: KINDS.get(name, "")) == cost


TABLE = Relation("public", "t", tuple(Column(name, kind) for name, kind in KINDS.items()))


@given(st.text("()'=<> anvtd:{}ANYLIKE12.,%-", max_size=40) | st.text(max_size=20), st.floats(0, 1))
def test_any_condition_is_told_or_not(condition: str, share: float) -> None:
    cost = operators(condition, lambda name: KINDS.get(name, ""))
    assert cost is None or cost >= 0
    said = share_statistics(TABLE, condition, share)
    assert said is None or (said.name in KINDS and sum(said.most_common_freqs) <= 1)


SAID = ("Filter", "Total Cost", "Startup Cost", "Plan Rows", "Actual Rows", "Actual Loops", "Parallel Aware")
NODES = st.dictionaries(
    st.sampled_from(SAID),
    st.none() | st.booleans() | st.floats(-1e12, 1e12) | st.integers(0, 10**12) | st.sampled_from(("(a = 1)", "x")),
)


@given(NODES)
def test_any_scan_gives_sizes_that_make_sense(properties: dict[str, object]) -> None:
    node = Node(1, "Seq Scan", {"Relation Name": "t", **properties})
    for relation in rebuilt(Plan(node), Schema((TABLE,))).relations:
        assert relation.pages >= 1 and relation.tuples >= 0
