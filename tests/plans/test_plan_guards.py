"""What keeps the plan rules from false alarms: each guard with a plan just inside it and one just outside."""

from __future__ import annotations

import pytest
from plan_help import plan_context

from knowledge.formats.explain import read
from knowledge.plan.reckoning import reckon
from knowledge.rules import rule
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.schema import Column, Index, Relation, Schema


def hits(rule_id: str, text: str, sql: str = "", schema: Schema | None = None) -> list[PlanHit]:
    found = rule(rule_id)
    assert isinstance(found, PlanRule)
    plan = read(text)
    return list(found.inspect(PlanContext(plan, reckon(plan), schema or Schema(), sql)))


def seq_scan(removed: int, kept: int, *, ms: float = 50.0, whole_ms: float = 55.0, loops: int = 1) -> str:
    return (
        f"Sort  (cost=2200.00..2300.00 rows=10 width=4) (actual time={ms}..{whole_ms} rows={kept} loops=1)\n"
        "  Sort Key: seconds\n"
        f"  ->  Seq Scan on visits  (cost=0.00..2000.00 rows=10 width=4) (actual time=0.01..{ms} rows={kept} "
        f"loops={loops})\n"
        "        Filter: (seconds > 998)\n"
        f"        Rows Removed by Filter: {removed}\n"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (seq_scan(10_000, 1_000), True),
        (seq_scan(9_999, 10), False),
        (seq_scan(10_000, 1_001), False),
        (seq_scan(100_000, 1, ms=16.6, whole_ms=55.0), True),
        (seq_scan(100_000, 1, ms=16.4, whole_ms=55.0), False),
        (seq_scan(100_000, 1, ms=0.9, whole_ms=1.0), False),
    ],
    ids=["worth", "few rows", "keeps too many", "a third", "a small part", "under a millisecond"],
)
def test_a_filter_must_waste_many_rows_and_much_of_the_time(text: str, found: bool) -> None:
    assert bool(hits("unindexed-filter", text)) is found


def test_rows_removed_are_an_average_of_the_loops_of_all_processes() -> None:
    text = (
        "Gather  (cost=1000.00..9000.00 rows=10 width=4) (actual time=1.0..50.0 rows=3 loops=1)\n"
        "  Workers Planned: 2\n"
        "  Workers Launched: 2\n"
        "  ->  Parallel Seq Scan on visits  (cost=0.00..8000.00 rows=4 width=4) (actual time=1.0..48.0 rows=1 "
        "loops=3)\n"
        "        Filter: (seconds > 998)\n"
        "        Rows Removed by Filter: 4000\n"
    )
    (hit,) = hits("unindexed-filter", text)
    assert hit.message.startswith("visits reads 12,003 rows to keep 3")


def test_an_estimate_of_many_rows_for_its_cost_is_no_wasteful_scan() -> None:
    scan = "Seq Scan on visits  (cost=0.00..2000.00 rows={} width=8)\n  Filter: (seconds > 998)\n"
    assert hits("unindexed-filter", scan.format(200))
    assert not hits("unindexed-filter", scan.format(201))
    assert not hits("unindexed-filter", scan.format(1).replace("2000.00", "499.00"))


def test_an_index_that_exists_turns_the_missing_one_into_a_question() -> None:
    index = Index("visits_seconds_idx", "btree", ("seconds",), "CREATE INDEX ...")
    schema = Schema(tables=(Relation("public", "visits", (Column("seconds", "integer"),), indexes=(index,)),))
    assert not hits("unindexed-filter", seq_scan(50_000, 10), schema=schema)
    (hit,) = hits("slow-scan", seq_scan(50_000, 10), schema=schema)
    assert "although the index visits_seconds_idx" in hit.message
    assert hit.fix is not None and not hit.fix.steps


INDEX_SCAN = (
    "Limit  (cost=0.29..20.00 rows=10 width=4) (actual time=30.0..31.0 rows=10 loops=1)\n"
    "  ->  Index Scan using post_id_idx on post  (cost=0.29..4000.00 rows=2000 width=8) "
    "(actual time=30.0..31.0 rows=10 loops=1)\n"
    "        Index Cond: {}\n"
    "        Filter: (author = 7)\n"
    "        Rows Removed by Filter: {}\n"
)


def test_a_scan_that_a_condition_leads_is_an_inefficient_index_and_else_a_wrong_order() -> None:
    assert not hits("wrong-index-for-order", INDEX_SCAN.format("(id > 5)", 50_000))
    assert hits("inefficient-index", INDEX_SCAN.format("(id > 5)", 50_000))
    assert hits("wrong-index-for-order", INDEX_SCAN.format("(id IS NOT NULL)", 50_000))
    assert not hits("inefficient-index", INDEX_SCAN.format("(id IS NOT NULL)", 50_000))
    assert not hits("wrong-index-for-order", INDEX_SCAN.format("(id IS NOT NULL)", 999))


@pytest.mark.parametrize(("disk", "found"), [(1024, True), (1023, False)])
def test_a_sort_of_less_than_a_megabyte_on_disk_is_nothing(disk: int, found: bool) -> None:
    text = (
        "Sort  (cost=5.00..9.00 rows=9000 width=4) (actual time=40.0..50.0 rows=9000 loops=1)\n"
        "  Sort Key: path\n"
        f"  Sort Method: external merge  Disk: {disk}kB\n"
        "  ->  Seq Scan on visits  (cost=0.00..2.00 rows=9000 width=4) (actual time=0.1..9.0 rows=9000 loops=1)\n"
    )
    assert bool(hits("disk-sort", text)) is found


def test_memory_beyond_any_sensible_setting_is_not_recommended() -> None:
    text = (
        "Sort  (cost=5.00..9.00 rows=90000000 width=4) (actual time=40.0..90000.0 rows=90000000 loops=1)\n"
        "  Sort Key: path\n"
        "  Sort Method: external merge  Disk: 8000000kB\n"
    )
    (hit,) = hits("disk-sort", text)
    assert hit.fix is not None and not hit.fix.steps and "too much" in hit.fix.summary


@pytest.mark.parametrize(("exact", "found"), [(500, True), (0, False)])
def test_a_bitmap_without_an_exact_page_is_that_of_a_brin_index(exact: int, found: bool) -> None:
    text = (
        "Bitmap Heap Scan on events  (cost=5.00..900.00 rows=90 width=4) (actual time=4.0..50.0 rows=90 loops=1)\n"
        "  Recheck Cond: (kind = 3)\n"
        "  Rows Removed by Index Recheck: 50000\n"
        f"  Heap Blocks:{f' exact={exact}' if exact else ''} lossy=1500\n"
        "  ->  Bitmap Index Scan on events_kind_idx  (cost=0.00..5.00 rows=90 width=0) "
        "(actual time=1.0..1.0 rows=90 loops=1)\n"
        "        Index Cond: (kind = 3)\n"
    )
    assert bool(hits("lossy-bitmap", text)) is found


JOINED = (
    "{}Nested Loop  (cost=0.29..900.00 rows=50 width=4) (actual time=0.1..95.0 rows={} loops=1)\n"
    "  ->  Seq Scan on place  (cost=0.00..400.00 rows={} width=4) (actual time=0.1..5.0 rows={} loops=1)\n"
    "        Filter: (country = 7)\n"
    "  ->  Index Scan using visit_idx on visit  (cost=0.29..8.00 rows=1 width=4) (actual time=0.01..{} rows=1 "
    "loops={})\n"
    "        Index Cond: (place_id = place.id)\n"
)


@pytest.mark.parametrize(
    ("estimated", "actual", "each", "found"),
    [(100, 1_000, 0.09, True), (101, 1_000, 0.09, False), (50, 999, 0.09, False), (100, 1_000, 0.02, False)],
    ids=["ten times", "less than ten times", "few rows", "a small part of the time"],
)
def test_a_wrong_estimate_counts_by_what_it_led_to(estimated: int, actual: int, each: float, found: bool) -> None:
    text = JOINED.format("", actual, estimated, actual, each, actual)
    if each < 0.09:
        text = text.replace("..95.0", "..26.0").replace("..5.0 ", "..19.0 ")
    assert bool(hits("row-misestimate", text)) is found
    assert bool(hits("inefficient-nested-loop", text)) is found


def test_rows_that_a_limit_cut_off_are_no_misestimate() -> None:
    scan = "Seq Scan on job  (cost=0.00..900.00 rows=60000 width=4) (actual time=0.1..50.0 rows=10 loops=1)\n"
    limit = "Limit  (cost=0.00..1.00 rows=10 width=4) (actual time=0.1..50.0 rows=10 loops=1)\n  ->  "
    assert hits("stale-statistics", scan)
    assert not hits("stale-statistics", limit + scan)


def test_the_deepest_wrong_step_is_named_and_not_what_follows_from_it() -> None:
    text = (
        "Nested Loop  (cost=0.29..900.00 rows=5 width=4) (actual time=0.1..400.0 rows=5000 loops=1)\n"
        "  ->  Nested Loop  (cost=0.29..500.00 rows=5 width=4) (actual time=0.1..100.0 rows=5000 loops=1)\n"
        "        ->  Seq Scan on place  (cost=0.00..400.00 rows=5 width=4) (actual time=0.1..5.0 rows=5000 loops=1)\n"
        "              Filter: (country = 7)\n"
        "        ->  Index Scan using a_idx on a  (cost=0.29..8.00 rows=1 width=4) (actual time=0.01..0.01 rows=1 "
        "loops=5000)\n"
        "              Index Cond: (id = place.a)\n"
        "  ->  Index Scan using b_idx on b  (cost=0.29..8.00 rows=1 width=4) (actual time=0.01..0.06 rows=1 "
        "loops=5000)\n"
        "        Index Cond: (id = place.b)\n"
    )
    (hit,) = hits("row-misestimate", text)
    assert hit.node == 3
    assert hit.share == pytest.approx(0.75)


@pytest.mark.parametrize(("rows", "loops", "found"), [(100, 100, True), (99, 200, False), (100, 99, False)])
def test_a_table_read_for_each_row_must_be_worth_an_index(rows: int, loops: int, found: bool) -> None:
    text = (
        f"Nested Loop  (cost=0.00..900.00 rows=9 width=4) (actual time=0.1..50.0 rows=9 loops=1)\n"
        "  Join Filter: (a.id > b.a_id)\n"
        f"  ->  Seq Scan on a  (cost=0.00..4.00 rows={loops} width=4) (actual time=0.1..0.2 rows={loops} loops=1)\n"
        f"  ->  Seq Scan on b  (cost=0.00..8.00 rows={rows} width=4) (actual time=0.01..0.3 rows={rows} "
        f"loops={loops})\n"
    )
    assert bool(hits("nested-loop-inner-seq-scan", text)) is found


def test_loops_of_parallel_processes_are_no_repetition() -> None:
    text = (
        "Gather  (cost=0.00..900.00 rows=9 width=4) (actual time=0.1..50.0 rows=9 loops=1)\n"
        "  Workers Planned: 2\n"
        "  Workers Launched: 2\n"
        "  ->  Nested Loop  (cost=0.00..900.00 rows=9 width=4) (actual time=0.1..50.0 rows=3 loops=3)\n"
        "        ->  Parallel Seq Scan on a  (cost=0.00..4.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=3)\n"
        "        ->  Seq Scan on b  (cost=0.00..8.00 rows=9000 width=4) (actual time=0.01..48.0 rows=9000 loops={})\n"
    )
    assert not hits("nested-loop-inner-seq-scan", text.format(3))
    assert hits("nested-loop-inner-seq-scan", text.format(4))


HASHED = (
    "Seq Scan on customer  (cost=50.00..900.00 rows=500 width=4) (actual time=20.0..50.0 rows=900 loops=1)\n"
    "  Filter: (NOT (ANY (id = (hashed SubPlan 1).col1)))\n"
    "  SubPlan 1\n"
    "    ->  Seq Scan on blocked  (cost=0.00..45.00 rows=8000 width=4) (actual time=0.1..15.0 rows=8000 loops=1)\n"
)
OLD = HASHED.replace("ANY (id = (hashed SubPlan 1).col1)", "SubPlan 1")


@pytest.mark.parametrize(("nullable", "found"), [(True, True), (False, False)])
def test_a_hashed_not_in_of_a_column_without_null_is_sound(nullable: bool, found: bool) -> None:
    column = Column("customer_id", "integer", nullable=nullable)
    schema = Schema(tables=(Relation("public", "blocked", (column,)),))
    sql = "SELECT * FROM customer WHERE id NOT IN (SELECT customer_id FROM blocked)"
    assert bool(hits("not-in-subquery", HASHED, sql, schema)) is found


def test_before_17_only_the_query_tells_not_in_from_not_exists() -> None:
    assert hits("not-in-subquery", OLD, "SELECT * FROM customer WHERE id NOT IN (SELECT customer_id FROM blocked)")
    assert not hits(
        "not-in-subquery", OLD, "SELECT * FROM customer WHERE NOT EXISTS (SELECT FROM blocked WHERE random() < 1)"
    )


@pytest.mark.parametrize(("reads", "found"), [(1_020, True), (1_019, False)])
def test_an_offset_of_less_than_a_thousand_rows_is_cheap(reads: int, found: bool) -> None:
    text = (
        "Limit  (cost=9.00..10.00 rows=20 width=4) (actual time=40.0..50.0 rows=20 loops=1)\n"
        f"  ->  Index Scan using post_pkey on post  (cost=0.29..900.00 rows=60000 width=8) "
        f"(actual time=0.1..49.0 rows={reads} loops=1)\n"
    )
    assert bool(hits("large-offset", text)) is found


@pytest.mark.parametrize(
    ("condition", "late", "plain"),
    [
        ("((p.email = 'x'::text) OR (i.number = 5))", True, False),
        ("((i.total = 5) OR (i.number = 5))", False, True),
        ("(p.rank < i.number)", False, True),
    ],
)
def test_only_an_or_of_both_sides_is_a_late_one(condition: str, late: bool, plain: bool) -> None:
    text = (
        "Nested Loop  (cost=0.00..900.00 rows=9 width=4) (actual time=0.1..50.0 rows=9 loops=1)\n"
        f"  Join Filter: {condition}\n"
        "  Rows Removed by Join Filter: 200000\n"
        "  ->  Seq Scan on person p  (cost=0.00..4.00 rows=2000 width=4) (actual time=0.1..0.2 rows=2000 loops=1)\n"
        "  ->  Materialize  (cost=0.00..8.00 rows=100 width=4) (actual time=0.001..0.01 rows=100 loops=2000)\n"
        "        ->  Seq Scan on invoice i  (cost=0.00..8.00 rows=100 width=4) (actual time=0.1..0.2 rows=100 "
        "loops=1)\n"
    )
    assert bool(hits("late-or-filter", text)) is late
    assert bool(hits("join-filter", text)) is plain


@pytest.mark.parametrize(("fetches", "found"), [(1_001, True), (1_000, False)])
def test_a_tenth_of_the_rows_looked_up_is_tolerated(fetches: int, found: bool) -> None:
    text = (
        "Index Only Scan using r_idx on r  (cost=0.29..900.00 rows=10000 width=8) "
        "(actual time=0.1..49.0 rows=10000 loops=1)\n"
        "  Index Cond: (a < 5)\n"
        f"  Heap Fetches: {fetches}\n"
    )
    assert bool(hits("heap-fetches", text)) is found


def test_a_plan_without_times_is_weighed_by_its_cost() -> None:
    text = (
        "Seq Scan on visits  (cost=0.00..2000.00 rows=10 width=8) (actual rows=12 loops=1)\n"
        "  Filter: (seconds > 998)\n  Rows Removed by Filter: 90000\n"
    )
    (hit,) = hits("unindexed-filter", text)
    assert hit.share == 1.0 and "estimated cost 2,000" in hit.result
    assert plan_context(read(text)).plan.is_timed is False
