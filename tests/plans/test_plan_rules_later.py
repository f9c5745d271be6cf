"""What the rules of rows 22 to 42 of the catalogue say beyond their own examples."""

from __future__ import annotations

import asyncpg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from plan_help import explain, plan_context
from plan_trees import plans

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import Scratch
from knowledge.formats.explain import read
from knowledge.plan.model import Plan
from knowledge.plan.reckoning import reckon
from knowledge.report import Severity
from knowledge.rules import plan_rules, rule
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._comparisons import comparisons
from knowledge.rules.plans.full_page_images import RULE as FULL_PAGE_IMAGES

CATALOGUE = {
    22: ("read-efficiency",),
    23: ("cold-cache",),
    24: ("slow-io",),
    25: ("jit-dominates",),
    26: ("planning-dominates",),
    27: ("trigger-time",),
    28: ("worker-shortfall",),
    29: ("parallel-overhead",),
    30: ("no-parallelism",),
    31: ("repeated-materialize",),
    32: ("wide-rows",),
    33: ("cte-barrier",),
    34: ("non-sargable-filter",),
    35: ("implicit-cast",),
    36: ("useless-distinct",),
    37: ("partitions-not-pruned",),
    38: ("disabled-node",),
    39: ("dominating-node",),
    40: ("select-dirties-pages", "serialization-time", "full-page-images"),
    41: ("many-index-searches",),
    42: ("duplicate-index",),
}
"""Row of the catalogue -> its rules; 42 is about the catalog alone."""

LATER = [found for row in range(22, 42) for found in CATALOGUE[row]]


def hits(rule_id: str, context: PlanContext) -> list[PlanHit]:
    found = rule(rule_id)
    assert isinstance(found, PlanRule)
    return list(found.inspect(context))


def of_text(rule_id: str, text: str) -> list[PlanHit]:
    return hits(rule_id, plan_context(read(text)))


@pytest.mark.parametrize("row", CATALOGUE)
def test_the_second_half_of_the_catalogue_has_its_rules(row: int) -> None:
    for rule_id in CATALOGUE[row]:
        assert rule(rule_id).id == rule_id


@pytest.fixture
async def shop(scratch: Scratch) -> asyncpg.Connection:
    connection = await scratch.connect()
    await connection.execute("SET synchronous_commit = on")
    await connection.execute(
        """
        CREATE TABLE people (id int PRIMARY KEY, code varchar(40) NOT NULL, email text NOT NULL, born date NOT NULL);
        CREATE TABLE visits (id int PRIMARY KEY, person_id int NOT NULL REFERENCES people, code text NOT NULL);
        INSERT INTO people SELECT i, 'c' || i, 'p' || i || '@example.com', date '1950-01-01' + i
            FROM generate_series(1, 80000) i;
        INSERT INTO visits SELECT i, 1 + i % 20000, i::text FROM generate_series(1, 20000) i;
        ANALYZE people, visits;
        """
    )
    return connection


async def asked(connection: asyncpg.Connection, rule_id: str, sql: str, options: str = "ANALYZE, BUFFERS") -> list[str]:
    """Messages of a rule about a query, with the schema known."""
    plan = await explain(connection, sql, options)
    context = PlanContext(plan, reckon(plan), await read_schema(connection), sql)
    return [hit.message for hit in hits(rule_id, context)]


async def test_expressions_over_a_column_are_told_and_harmless_conditions_are_not(shop: asyncpg.Connection) -> None:
    for condition in (
        "lower(email) = 'p7@example.com'",
        "email LIKE '%77@example.com'",
        "email ILIKE '%77@EXAMPLE.com'",
        "id + 1 = 5",
        "'p7@example.com' = lower(email)",
        "extract(year FROM born) = 1960",
        "coalesce(email, '') = 'p7@example.com'",
        "lower(email) IN ('p7@example.com', 'p8@example.com')",
        "lower(email) = 'a' AND born > date '1950-01-01'",
    ):
        assert await asked(shop, "non-sargable-filter", f"SELECT id FROM people WHERE {condition}"), condition
    for condition in (
        "code = 'c7'",  # varchar: the plan writes (code)::text, which an index on code serves
        "code > 'c9998'",
        "email LIKE 'p77%'",
        "email <> 'x'",
        "born = date '1960-01-01'",
        "born > now() - interval '1 day'",
        "lower(email) <> ''",
        "id = (SELECT max(person_id) FROM visits)",
    ):
        assert not await asked(shop, "non-sargable-filter", f"SELECT id FROM people WHERE {condition}"), condition


async def test_a_column_cast_to_another_type_is_told_where_that_is_certain(shop: asyncpg.Connection) -> None:
    assert await asked(shop, "implicit-cast", "SELECT * FROM people WHERE id = 7.0")
    assert await asked(shop, "implicit-cast", "SELECT * FROM people WHERE id = 7::float8")
    [message] = await asked(
        shop, "implicit-cast", "SELECT count(*) FROM people JOIN visits ON people.id::text = visits.code"
    )
    assert "people.id as text, though it is integer" in message
    assert not await asked(
        shop, "implicit-cast", "SELECT count(*) FROM people JOIN visits ON people.code = visits.code"
    )
    assert not await asked(shop, "implicit-cast", "SELECT * FROM people WHERE code = 'c7'")
    assert not await asked(shop, "implicit-cast", "SELECT * FROM people WHERE id = 7::bigint")


async def test_without_the_schema_a_cast_to_text_may_be_that_of_varchar_and_is_not_told(
    shop: asyncpg.Connection,
) -> None:
    plan = await explain(shop, "SELECT count(*) FROM people JOIN visits ON people.id::text = visits.code")
    assert hits("implicit-cast", plan_context(plan)) == []


async def test_one_expression_is_told_by_one_rule_only(shop: asyncpg.Connection) -> None:
    for condition in ("id = 7.0", "born::timestamp = timestamp '1960-01-01 00:00'", "lower(code) = 'c7'"):
        sql = f"SELECT id FROM people WHERE {condition}"
        told = [name for name in ("non-sargable-filter", "implicit-cast") if await asked(shop, name, sql)]
        assert len(told) <= 1, (condition, told)


async def test_a_key_makes_distinct_useless_even_where_nothing_was_executed(shop: asyncpg.Connection) -> None:
    [message] = await asked(shop, "useless-distinct", "SELECT DISTINCT id, email FROM people", "VERBOSE")
    assert "id of public.people is unique" in message
    assert not await asked(shop, "useless-distinct", "SELECT DISTINCT born, email FROM people", "VERBOSE")
    assert not await asked(shop, "useless-distinct", "SELECT id, count(*) FROM people GROUP BY id", "ANALYZE, VERBOSE")
    joined = "SELECT DISTINCT p.id FROM people p JOIN visits v ON v.person_id % 10 = p.id % 10 AND p.id < 300"
    assert not await asked(shop, "useless-distinct", joined, "ANALYZE, VERBOSE")


async def test_a_foreign_key_without_an_index_is_named_where_the_schema_is_known(shop: asyncpg.Connection) -> None:
    await shop.execute("DELETE FROM visits WHERE person_id <= 100")
    transaction = shop.transaction()
    await transaction.start()
    plan = await explain(shop, "DELETE FROM people WHERE id <= 100", "ANALYZE")
    await transaction.rollback()
    [hit] = hits("trigger-time", PlanContext(plan, reckon(plan), await read_schema(shop)))
    assert hit.severity is Severity.HIGH
    assert hit.fix is not None and "person_id of public.visits" in hit.fix.summary
    await shop.execute("CREATE INDEX ON visits (person_id)")
    plan = await explain(shop, "DELETE FROM people WHERE id <= 100", "ANALYZE")
    assert hits("trigger-time", plan_context(plan)) == []


async def test_a_large_scan_with_workers_switched_off_is_told_by_the_setting(shop: asyncpg.Connection) -> None:
    await shop.execute("CREATE TABLE wide AS SELECT i, repeat('x', 200) t FROM generate_series(1, 60000) i")
    await shop.execute("SET max_parallel_workers_per_gather = 0")
    sql = "SELECT count(*) FROM wide WHERE t ~ '(x|y)(x|z)+q$'"
    plan = await explain(shop, sql, "ANALYZE, BUFFERS, SETTINGS")
    [hit] = hits("no-parallelism", plan_context(plan))
    assert hit.fix is not None and [step.sql for step in hit.fix.steps] == ["RESET max_parallel_workers_per_gather;"]


async def test_a_cte_used_twice_or_limited_inside_is_no_barrier_to_remove(shop: asyncpg.Connection) -> None:
    once = "WITH p AS MATERIALIZED (SELECT * FROM people) SELECT * FROM p WHERE id = 7"
    twice = "WITH p AS (SELECT * FROM people) SELECT * FROM p JOIN p q USING (id) WHERE p.id = 7"
    limited = "WITH p AS MATERIALIZED (SELECT * FROM people LIMIT 70000) SELECT * FROM p WHERE id = 7"
    assert await asked(shop, "cte-barrier", once)
    assert await asked(shop, "cte-barrier", once, "COSTS")
    assert not await asked(shop, "cte-barrier", twice)
    assert not await asked(shop, "cte-barrier", limited)


def test_up_to_17_a_disabled_step_is_known_by_its_cost() -> None:
    [hit] = of_text(
        "disabled-node",
        "Sort  (cost=10000002041.37..10000002091.37 rows=20000 width=8)\n"
        "  Sort Key: x\n"
        "  ->  Seq Scan on t  (cost=10000000000.00..10000000309.00 rows=20000 width=8)\n",
    )
    assert hit.subject == "enable_seqscan"
    assert of_text("disabled-node", "Seq Scan on t  (cost=0.00..9999999999.00 rows=20000 width=8)") == []


@pytest.mark.parametrize("generation", ["2.0", '{"Deform": 1.0, "Total": 2.0}'])
def test_compilation_is_summed_where_no_total_is_given(generation: str) -> None:
    [hit] = of_text(
        "jit-dominates",
        '[{"Plan": {"Node Type": "Result", "Total Cost": 5000000.0, "Actual Total Time": 90.0, "Actual Rows": 1, '
        f'"Actual Loops": 1}}, "JIT": {{"Functions": 3, "Timing": {{"Generation": {generation}, "Inlining": 10.0, '
        '"Optimization": 20.0, "Emission": 18.0}}, "Execution Time": 100.0}]',
    )
    assert hit.share == pytest.approx(0.5)
    assert hit.fix is not None and hit.fix.steps[0].sql == "SET jit_above_cost = 10000000;"


def test_memoize_that_forgets_is_told() -> None:
    memoize = (
        "Nested Loop  (cost=0.43..9000.00 rows=20000 width=8) (actual time=0.1..400.0 rows=20000.00 loops=1)\n"
        "  ->  Seq Scan on a  (cost=0.00..309.00 rows=20000 width=8) (actual time=0.0..3.0 rows=20000.00 loops=1)\n"
        "  ->  Memoize  (cost=0.43..0.51 rows=1 width=4) (actual time=0.015..0.015 rows=1.00 loops=20000)\n"
        "        Cache Key: a.x\n"
        "        Cache Mode: logical\n"
        "        Hits: {hits}  Misses: {misses}  Evictions: {evictions}  Overflows: 0  Memory Usage: 4097kB\n"
        "        ->  Index Scan using b_pkey on b  (cost=0.42..0.50 rows=1 width=4) "
        "(actual time=0.012..0.012 rows=1.00 loops={misses})\n"
        "              Index Cond: (id = a.x)\n"
    )
    [hit] = of_text("repeated-materialize", memoize.format(hits=2000, misses=18000, evictions=12000))
    assert "10 %" in hit.message and hit.subject == "work_mem"
    assert of_text("repeated-materialize", memoize.format(hits=2000, misses=18000, evictions=0)) == []


def test_many_partitions_are_told_of_an_estimated_plan_only_with_a_condition() -> None:
    parts = "".join(
        f"  ->  Seq Scan on events_p{i} events_{i}  (cost=0.00..500.00 rows=10 width=8)\n{{condition}}"
        for i in range(40)
    )
    whole = f"Append  (cost=0.00..20000.00 rows=400 width=8)\n{parts}"
    [hit] = of_text("partitions-not-pruned", whole.format(condition="        Filter: (kind = 3)\n"))
    assert hit.severity is Severity.LOW and hit.subject == "events"
    assert of_text("partitions-not-pruned", whole.format(condition="")) == []


def test_the_branches_of_a_union_are_no_partitions() -> None:
    parts = "".join(
        f"  ->  Seq Scan on t{i}  (cost=0.00..500.00 rows=10 width=8)\n        Filter: (kind = 3)\n" for i in range(40)
    )
    assert of_text("partitions-not-pruned", f"Append  (cost=0.00..20000.00 rows=400 width=8)\n{parts}") == []


def test_images_of_blocks_count_only_where_they_are_many() -> None:
    few = FULL_PAGE_IMAGES.failing.replace('"WAL FPI": 2240', '"WAL FPI": 20')
    assert few != FULL_PAGE_IMAGES.failing
    assert of_text("full-page-images", few) == []


@pytest.mark.parametrize("rule_id", LATER)
@given(plan=plans())
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_no_plan_brings_a_rule_down(rule_id: str, plan: Plan) -> None:
    for hit in hits(rule_id, plan_context(plan)):
        assert 0 <= hit.share <= 1
        assert hit.message and "\n" not in hit.message


@given(st.text(max_size=80) | st.text("()=<>:'\"~%[]{}$.,;-/* \n\\abcANDORNULL0123", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_condition_brings_its_reader_down(condition: str) -> None:
    for found in comparisons(condition):
        assert found.operator


def test_conditions_are_taken_apart_whatever_sub_plans_they_name() -> None:
    found = comparisons("((lower(a.x) = 'q'::text) AND (NOT (hashed SubPlan 1)) AND (b = (InitPlan 2).col1))")
    assert [(item.left.columns, item.operator, item.left.bare) for item in found] == [
        (("a.x",), "=", False),
        (("b",), "=", True),
    ]
    assert comparisons("(" * 3_000 + "a = 1" + ")" * 3_000) == ()
    assert comparisons("a = 1; DROP TABLE t") == ()


def test_every_later_rule_is_known() -> None:
    assert {found.id for found in plan_rules()} >= set(LATER)
