"""Spellings of versions 9.6 to 18 that the embedded server does not write: samples of our own."""

from __future__ import annotations

import json

import pytest

from knowledge.formats.explain import read
from knowledge.plan.reckoning import reckon

PARALLEL_96 = """\
 Finalize Aggregate  (cost=10633.55..10633.56 rows=1 width=8) (actual time=93.102..93.103 rows=1 loops=1)
   ->  Gather  (cost=10633.33..10633.54 rows=2 width=8) (actual time=92.800..93.090 rows=3 loops=1)
         Workers Planned: 2
         Workers Launched: 2
         ->  Partial Aggregate  (cost=9633.33..9633.34 rows=1 width=8) (actual time=88.400..88.500 rows=1 loops=3)
               ->  Parallel Seq Scan on t  (cost=0..9 rows=416667 width=0) (actual time=0.02..50.0 rows=333333 loops=3)
 Planning time: 0.102 ms
 Execution time: 94.001 ms
"""

BUFFERS_10 = """\
Sort  (cost=8.20..8.21 rows=1 width=8) (actual time=0.050..0.051 rows=1 loops=1)
  Sort Key: a.x DESC, ((a.y)::text) COLLATE "C" NULLS FIRST
  Sort Method: external merge  Disk: 1816kB
  Buffers: shared hit=3 read=12 dirtied=1, local hit=4 written=2, temp read=227 written=228
  I/O Timings: read=1.500 write=0.250
  InitPlan 1 (returns $0)
    ->  Result  (cost=0.00..0.01 rows=1 width=4) (never executed)
  ->  Hash Join  (cost=0.00..8.19 rows=1 width=8) (actual time=0.040..0.041 rows=1 loops=1)
        Hash Cond: (a.x = b.x)
        Join Filter: (a.y > $0)
        Rows Removed by Join Filter: 3
        ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=8) (actual time=0.010..0.011 rows=1 loops=1)
        ->  Hash  (cost=1.00..1.00 rows=1 width=4) (actual time=0.020..0.020 rows=1 loops=1)
              Buckets: 65536 (originally 1024)  Batches: 8 (originally 1)  Memory Usage: 3585kB
              ->  Index Only Scan Backward using "b x" on s.b  (cost=0..1 rows=1 width=4) (actual rows=1 loops=1)
                    Index Cond: (x < '5'::bigint)
                    Heap Fetches: 1
"""

WORKERS_12 = """\
Gather Merge  (cost=1.00..2.00 rows=2 width=4) (actual time=9.000..9.500 rows=10 loops=1)
  Output: x
  Workers Planned: 2
  Workers Launched: 2
  ->  Sort  (cost=0.90..0.95 rows=1 width=4) (actual time=8.000..8.100 rows=3 loops=3)
        Output: x
        Sort Key: t.x
        Sort Method: quicksort  Memory: 25kB
        Worker 0:  Sort Method: quicksort  Memory: 26kB
        Worker 1:  Sort Method: top-N heapsort  Memory: 27kB
        Worker 0: actual time=7.000..7.100 rows=2 loops=1
          Buffers: shared hit=8
        Worker 1: actual time=8.200..8.300 rows=4 loops=1
          Buffers: shared hit=9
        ->  Parallel Seq Scan on public.t  (cost=0.00..0.80 rows=1 width=4) (actual time=1.000..2.000 rows=3 loops=3)
              Output: x
Planning Time: 0.050 ms
JIT:
  Functions: 12
  Options: Inlining false, Optimization true, Expressions true, Deforming false
  Timing: Generation 1.500 ms, Inlining 0.000 ms, Optimization 2.500 ms, Emission 3.000 ms, Total 7.000 ms
Execution Time: 10.000 ms
"""

MEMOIZE_14 = """\
Nested Loop  (cost=0.44..9.00 rows=10 width=8) (actual time=0.100..1.000 rows=10 loops=1)
  ->  Async Foreign Scan on r  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..0.020 rows=10 loops=1)
        Remote SQL: SELECT x FROM public.r
  ->  Memoize  (cost=0.44..0.50 rows=1 width=4) (actual time=0.050..0.050 rows=1 loops=10)
        Cache Key: r.x
        Cache Mode: logical
        Hits: 7  Misses: 3  Evictions: 1  Overflows: 0  Memory Usage: 2kB
        ->  Index Scan using b_pkey on b  (cost=0.43..0.49 rows=1 width=4) (actual time=0.100..0.100 rows=1 loops=3)
              Index Cond: (x = r.x)
Planning:
  Buffers: shared hit=7 read=1
  I/O Timings: read=0.300
Planning Time: 0.900 ms
Execution Time: 1.200 ms
"""

AGGREGATE_13 = """\
HashAggregate  (cost=1.00..2.00 rows=9 width=12) (actual time=5.000..6.000 rows=9 loops=1)
  Group Key: x, (y + 1)
  Planned Partitions: 4  Batches: 5  Memory Usage: 4145kB  Disk Usage: 1200kB
  ->  Append  (cost=0.00..1.00 rows=9 width=8) (actual time=0.100..3.000 rows=9 loops=1)
        Subplans Removed: 2
        ->  Custom Scan (ChunkAppend) on m  (cost=0.00..1.00 rows=9 width=8) (actual time=0.100..2.000 rows=9 loops=1)
              Chunks excluded during startup: 0
              ->  Seq Scan on m_1  (cost=0.00..1.00 rows=9 width=8) (actual time=0.100..1.000 rows=9 loops=1)
Planning time: 0.1 ms
Total runtime: 6.5 ms
"""

TIMINGS_15 = """\
Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.100..2.000 rows=9 loops=1)
  Buffers: shared read=5, temp written=1
  I/O Timings: shared/local read=0.700, temp write=0.100
"""


def test_parallel_plans_of_9_6() -> None:
    plan = read(PARALLEL_96)
    assert plan.problems == ()
    assert (plan.planning_ms, plan.execution_ms) == (0.102, 94.001)
    assert plan.node(3).properties["Partial Mode"] == "Partial"
    assert plan.node(4).properties["Parallel Aware"] is True
    figures = reckon(plan)
    assert [round(figures[number].self_ms, 3) for number in (1, 2, 3, 4)] == [0.013, 4.59, 38.5, 50.0]


def test_buffers_timings_and_parameters_of_10() -> None:
    plan = read(BUFFERS_10)
    assert plan.problems == ()
    sort, result, join, _, hashed, scan = plan.nodes
    assert sort.texts("Sort Key") == ("a.x DESC", '((a.y)::text) COLLATE "C" NULLS FIRST')
    assert [sort.properties[name] for name in ("Sort Method", "Sort Space Type", "Sort Space Used")] == [
        "external merge",
        "Disk",
        1816,
    ]
    assert sort.properties["Local Written Blocks"] == 2
    assert (sort.properties["I/O Read Time"], sort.properties["I/O Write Time"]) == (1.5, 0.25)
    assert (result.relationship, result.text("Subplan Name"), result.never_executed) == (
        "InitPlan",
        "InitPlan 1 (returns $0)",
        True,
    )
    assert (join.relationship, hashed.relationship) == ("Outer", "Inner")
    assert (hashed.properties["Original Hash Buckets"], hashed.properties["Hash Batches"]) == (1024, 8)
    assert (scan.relation, scan.index, scan.text("Scan Direction")) == ("s.b", "b x", "Backward")


def test_workers_and_jit_of_12() -> None:
    plan = read(WORKERS_12)
    assert plan.problems == ()
    workers = plan.node(2).properties["Workers"]
    assert workers[1] == {
        "Worker Number": 1,
        "Sort Method": "top-N heapsort",
        "Sort Space Used": 27,
        "Sort Space Type": "Memory",
        "Actual Startup Time": 8.2,
        "Actual Total Time": 8.3,
        "Actual Rows": 4,
        "Actual Loops": 1,
        "Shared Hit Blocks": 9,
    }
    assert plan.properties["JIT"]["Timing"]["Total"] == 7.0
    assert plan.properties["JIT"]["Options"]["Optimization"] is True
    # The leader took 3 * 8.1 - 7.1 - 8.3 = 8.9 ms, more than both workers: that is what was waited for.
    assert reckon(plan)[2].inclusive_ms == pytest.approx(8.9)


def test_workers_said_twice_in_json_before_13_are_one_list() -> None:
    node = '{"Node Type": "Sort", "Workers": [{"Worker Number": 0, "Actual Loops": 1}], "Workers": [%s]}'
    plan = read(node % '{"Worker Number": 0, "Sort Method": "quicksort"}')
    assert plan.root.properties["Workers"] == [{"Worker Number": 0, "Actual Loops": 1, "Sort Method": "quicksort"}]


def test_memoize_async_and_planning_of_14() -> None:
    plan = read(MEMOIZE_14)
    assert plan.problems == ()
    assert plan.node(2).properties["Async Capable"] is True
    assert plan.node(2).properties["Remote SQL"] == "SELECT x FROM public.r"
    assert [plan.node(3).properties[f"Cache {name}"] for name in ("Hits", "Misses", "Evictions", "Overflows")] == [
        7,
        3,
        1,
        0,
    ]
    assert plan.properties["Planning"] == {"Shared Hit Blocks": 7, "Shared Read Blocks": 1, "I/O Read Time": 0.3}


def test_a_spilled_aggregate_and_an_extensions_node() -> None:
    plan = read(AGGREGATE_13)
    assert plan.problems == ()
    assert plan.root.properties["Disk Usage"] == 1200
    assert plan.root.properties["HashAgg Batches"] == 5
    assert plan.node(2).properties["Subplans Removed"] == 2
    assert plan.node(3).properties["Custom Plan Provider"] == "ChunkAppend"
    assert plan.node(3).properties["Chunks excluded during startup"] == 0
    assert plan.execution_ms == 6.5


def test_input_output_timings_of_15() -> None:
    plan = read(TIMINGS_15)
    assert plan.problems == ()
    assert (plan.root.properties["I/O Read Time"], plan.root.properties["Temp I/O Write Time"]) == (0.7, 0.1)


def test_a_log_gives_the_query_and_the_duration() -> None:
    plan = read(
        "2020-01-01 LOG:  duration: 3.250 ms  plan:\n"
        "\tQuery Text: SELECT *\n\tFROM t\n\tWHERE a = 'x';\n"
        "\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.100..2.000 rows=9 loops=1)\n"
        "\t  Filter: (a = 'x'::text)\n"
        "2020-01-01 LOG:  duration: 9.000 ms  plan:\n"
        "\tQuery Text: SELECT 2\n\tResult  (cost=0.00..1.00 rows=1 width=4)\n"
    )
    assert plan.problems == ()
    assert plan.query.split() == "SELECT * FROM t WHERE a = 'x'".split()
    assert plan.execution_ms == 3.25
    assert plan.root.line == 5


def test_lines_of_a_pasted_text_are_kept() -> None:
    text = json.dumps([{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Result"}]}}], indent=1)
    assert [node.line for node in read("EXPLAIN (FORMAT JSON) SELECT 1;\n" + text).nodes] == [5, 8]


def test_keys_in_the_order_of_jsonb_keep_their_lines() -> None:
    text = '{"Plan": {"Plans": [\n{"Node Type": "Result"}],\n"Node Type": "Limit"}}'
    assert [(node.kind, node.line) for node in read(text).nodes] == [("Limit", 3), ("Result", 2)]


def test_words_wrapped_by_a_mail_are_joined() -> None:
    plan = read(
        "Nested Loop  (cost=0.00..10.00 rows=100 width=8) (actual time=0.100..2.000\n"
        "rows=9 loops=1)\n"
        "  ->  Seq Scan on a_table_with_a_long_name  (cost=0.00..1.00 rows=1\n"
        "width=4) (actual time=0.100..0.200 rows=9 loops=1)\n"
        "        Filter: (something > 5)\n"
        "  ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (actual\n"
        "time=0.100..0.200 rows=9 loops=9)\n"
    )
    assert plan.problems == ()
    assert [node.actual_rows for node in plan.nodes] == [9, 9, 9]
    assert plan.node(2).relation == "a_table_with_a_long_name"


def test_huge_and_negative_numbers_are_read() -> None:
    plan = read(
        "Result  (cost=10000000000.00..1e10 rows=123456789012345678901234567890 width=-4)\n"
        "Query Identifier: -9182736455463728190\n"
    )
    assert plan.root.estimated_rows == pytest.approx(1.2345678901234568e29)
    assert plan.properties["Query Identifier"] == -9182736455463728190


def test_what_follows_the_plan_in_a_terminal_is_left_or_told() -> None:
    rows = TIMINGS_15 + "Execution Time: 2.5 ms\n(4 rows)\n\nTime: 3 ms\nshop=# "
    assert (read(rows).problems, read(rows).execution_ms) == ((), 2.5)
    assert read(rows + "\nThank you").problems == ("line 9: this line below the plan is nothing that EXPLAIN says",)
