from __future__ import annotations

import re
from textwrap import fill
from time import perf_counter

import pytest
from hypothesis import given, settings
from inline_snapshot import snapshot
from plan_trees import plans

from knowledge.formats.explain import read
from knowledge.formats.explain_mongodb import read as read_mongodb
from knowledge.formats.explain_sqlite import read_text as read_sqlite
from knowledge.plan.account import LINES, LONGEST_LINE, account
from knowledge.plan.mermaid import NODES, mermaid
from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import reckon
from knowledge.plan.tree import tree_text

MEASURED = """
Limit  (cost=4105.10..4105.12 rows=10 width=44) (actual time=96.210..96.214 rows=10.00 loops=1)
  ->  Sort  (cost=4105.10..4106.00 rows=360 width=44) (actual time=96.208..96.210 rows=10.00 loops=1)
        Sort Key: (sum(o.total)) DESC
        Sort Method: top-N heapsort  Memory: 26kB
        ->  HashAggregate  (cost=4090.00..4097.20 rows=360 width=44) (actual time=95.5..95.9 rows=350.00 loops=1)
              Group Key: c.city
              Batches: 1  Memory Usage: 77kB
              ->  Hash Join  (cost=120.00..4060.00 rows=40 width=20) (actual time=2.1..93.0 rows=9000.00 loops=1)
                    Hash Cond: (o.customer_id = c.id)
                    ->  Seq Scan on orders o  (cost=0..3900 rows=40 width=12) (actual time=0..85 rows=9000 loops=1)
                          Filter: ((status = 'open'::text) AND (total > '10'::numeric))
                          Rows Removed by Filter: 1991000
                    ->  Hash  (cost=80.00..80.00 rows=5000 width=16) (actual time=2.000..2.000 rows=5000.00 loops=1)
                          Buckets: 8192  Batches: 1  Memory Usage: 250kB
                          ->  Seq Scan on city c  (cost=0..80 rows=5000 width=9) (actual time=0..1 rows=5000 loops=1)
Planning Time: 0.310 ms
Execution Time: 96.400 ms
"""

ESTIMATED = """
 Nested Loop Anti Join  (cost=0.29..9050.00 rows=120 width=8)
   ->  Seq Scan on users u  (cost=0.00..2040.00 rows=100000 width=8)
   ->  Index Only Scan using logins_user_id_idx on logins l  (cost=0.29..0.31 rows=1 width=4)
         Index Cond: (user_id = u.id)
"""


def told(plan: Plan) -> str:
    """The account, long lines wrapped."""
    return "\n".join(fill(line, 100, subsequent_indent="    ") for line in account(plan, reckon(plan)))


def test_a_measured_plan_is_told_in_the_order_in_which_it_is_done() -> None:
    assert told(read(MEASURED)) == snapshot("""\
Reads all 5,000 rows of city c: 1 % of the time.
Reads all 2,000,000 rows of orders o and keeps 9,000 rows (status = 'open' AND total > '10'), where
    40 were expected: 88 % of the time.
Joins orders o with city c by hashing (o.customer_id = c.id): 9,000 rows, where 40 were expected, 7
    % of the time.
Groups 9,000 rows by c.city: 350 groups, 3 % of the time.
Sorts 350 rows by (sum(o.total)) DESC.
Stops after 10 rows.
Gives 10 rows in 96 ms, after 0.31 ms of planning.\
""")


def test_an_estimated_plan_is_told_without_times() -> None:
    text = told(read(ESTIMATED))
    assert text == snapshot("""\
Reads the whole of users u, about 100,000 rows: 6 % of the estimated cost.
Finds about 1 row of logins l each time by index logins_user_id_idx alone (user_id = u.id): 94 % of
    the estimated cost.
Joins users u with logins l row by row, keeping what has no partner: about 120 rows.
Expected to give 120 rows at an estimated cost of 9,050 (planner's units, not time); not executed.\
""")
    assert not re.search(r"\bms\b|% of the time", text)


def test_a_plan_of_sqlite_is_told_without_figures() -> None:
    plan = read_sqlite(
        "QUERY PLAN\n"
        "|--SCAN users USING COVERING INDEX users_name\n"
        "|--SEARCH orders USING INDEX o_u (user_id=?)\n"
        "|--CORRELATED SCALAR SUBQUERY 1\n"
        "|  `--SEARCH x USING INTEGER PRIMARY KEY (rowid=?)\n"
        "`--USE TEMP B-TREE FOR ORDER BY\n"
    )
    assert told(plan) == snapshot("""\
Reads all of users in the order of index users_name.
Looks up rows of orders by index o_u (user_id=?).
Looks up rows of x by primary key (rowid=?).
Runs a subquery anew for each row.
Sorts for ORDER BY in a temporary B-tree.
The plan carries neither costs nor times: it was not executed.\
""")
    assert tree_text(plan, reckon(plan)).startswith("node, own share (not known), step, no figures, condition\n")


def test_a_plan_of_mongodb_is_told_in_documents() -> None:
    plan = read_mongodb(
        """{ queryPlanner: { namespace: "shop.orders" }, executionStats: { nReturned: 12, executionTimeMillis: 812,
             executionStages: { stage: "SORT", sortPattern: { total: -1 }, nReturned: 12, usedDisk: false,
               executionTimeMillisEstimate: 800,
               inputStage: { stage: "COLLSCAN", filter: { status: { $eq: "open" } }, nReturned: 12,
                 executionTimeMillisEstimate: 790, docsExamined: 2000000 } } } }"""
    )
    assert told(plan) == snapshot("""\
Reads all 2,000,000 documents of orders and keeps 12 ({"status": {"$eq": "open"}}), 99 % of the
    time.
Sorts 12 documents by {"total": -1} in memory, 1 % of the time.
Gives 12 documents in 812 ms.\
""")


def test_a_plan_of_mongodb_that_was_not_executed_is_told_without_numbers() -> None:
    plan = read_mongodb(
        """{ queryPlanner: { namespace: "shop.orders", winningPlan: { stage: "FETCH", filter: { status: "open" },
             inputStage: { stage: "IXSCAN", indexName: "user_1" } } } }"""
    )
    assert told(plan) == snapshot("""\
Looks keys up in index user_1 of orders.
Fetches the documents ({"status": "open"}).
The plan carries neither costs nor times: it was not executed.\
""")


def test_steps_that_never_ran_are_folded_into_a_line() -> None:
    parts = "".join(
        f"   ->  Seq Scan on p{i} t_{i}  (cost=0.00..10.00 rows=1 width=4) (never executed)\n" for i in range(30)
    )
    plan = read(f" Append  (cost=0.00..300.00 rows=30 width=4) (actual time=3.000..3.000 rows=0.00 loops=1)\n{parts}")
    assert told(plan) == snapshot("""\
30 steps on p0 t_0, p1 t_1, p2 t_2 and 27 others never run.
Puts the results of 30 parts together: 0 rows, 100 % of the time.
Gives 0 rows in 3 ms.\
""")


def test_repeated_scans_are_told_with_the_number_of_their_runs() -> None:
    plan = read(
        " Nested Loop  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..90.0 rows=400.00 loops=1)\n"
        "   ->  Seq Scan on a  (cost=0.00..9.00 rows=100 width=4) (actual time=0.1..1.0 rows=100.00 loops=1)\n"
        "   ->  Seq Scan on b  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..0.8 rows=4.00 loops=100)\n"
        "         Filter: (a.x = x)\n"
        "         Rows Removed by Filter: 996\n"
    )
    assert told(plan) == snapshot("""\
Reads all 100 rows of a: 1 % of the time.
Reads b 100 times, 1,000 rows each time, and keeps 400 rows in all (a.x = x): 89 % of the time.
Joins a with b row by row: 400 rows, where 1 was expected, 10 % of the time.
Gives 400 rows in 90 ms.\
""")


def test_work_shared_by_processes_is_told_as_one_and_its_rounded_rows_are_not_called_exact() -> None:
    plan = read(
        "Finalize Aggregate  (cost=900..901 rows=1 width=8) (actual time=50.0..50.0 rows=1 loops=1)\n"
        "  ->  Gather  (cost=899..900 rows=2 width=8) (actual time=49.0..50.0 rows=3 loops=1)\n"
        "        Workers Planned: 2\n"
        "        Workers Launched: 2\n"
        "        ->  Partial Aggregate  (cost=800..801 rows=1 width=8) (actual time=45.0..45.0 rows=1 loops=3)\n"
        "              ->  Parallel Seq Scan on hits  (cost=0..7 rows=50 width=4) (actual time=0..40 rows=33 loops=3)\n"
        "                    Filter: (page = 'x'::text)\n"
        "                    Rows Removed by Filter: 33300\n"
        "Execution Time: 51.000 ms\n"
    )
    assert told(plan) == snapshot("""\
Reads about 100,000 rows of hits and keeps about 99 rows (page = 'x'): 80 % of the time.
Condenses 99 rows into 3, each process its part: 10 % of the time.
Collects 3 rows from 3 processes: 10 % of the time.
Condenses 3 rows into one.
Gives 1 row in 51 ms.\
""")


def wide(parts: int) -> Plan:
    """A plan of many nodes, some heavy."""
    scans = "".join(
        f"   ->  Seq Scan on part_{i} t_{i}  (cost=0.00..{10 + i}.00 rows=10 width=4)"
        f" (actual time=0.000..{(i % 7) ** 3}.000 rows={i}.00 loops=1)\n"
        for i in range(parts)
    )
    return read(f" Append  (cost=0.00..9000.00 rows=999 width=4) (actual time=0.0..9000.0 rows=99.00 loops=1)\n{scans}")


def test_a_plan_of_a_hundred_nodes_has_ten_lines_and_a_flowchart_that_can_be_read() -> None:
    plan = wide(100)
    figures = reckon(plan)
    lines = account(plan, figures)
    assert len(lines) <= LINES
    assert sum(map(len, lines)) < 3_000
    assert len(re.findall(r"^  n\d+\[", mermaid(plan, figures), re.MULTILINE)) <= NODES
    assert len(tree_text(plan, figures).splitlines()) == 102


def test_the_tree_shows_shares_estimates_and_conditions() -> None:
    plan = read(MEASURED)
    assert tree_text(plan, reckon(plan)) == snapshot("""\
node, own share of the time, step, rows estimated -> found, condition
1   under 1 %  Limit  [10 -> 10 rows, 96 ms]
2   under 1 %    Sort  [360 -> 10 rows, 96 ms]  Sort Key: (sum(o.total)) DESC
3         3 %      Aggregate  [360 -> 350 rows, 96 ms]  Group Key: c.city
4         6 %        Hash Join  [40 -> 9,000 rows, 93 ms]  Hash Cond: o.customer_id = c.id
5        88 %          Seq Scan on orders o  [40 -> 9,000 rows, 85 ms]  Filter: status = 'open' AND total > '10'
6         1 %          Hash  [5,000 -> 5,000 rows, 2 ms]
7         1 %            Seq Scan on city c  [5,000 -> 5,000 rows, 1 ms]
""")


def test_the_flowchart_shows_where_the_time_goes() -> None:
    plan = read(ESTIMATED)
    assert mermaid(plan, reckon(plan)) == snapshot("""\
flowchart TB
  n1["Nested Loop<br/>about 120 rows"]
  n2["Seq Scan<br/>users u<br/>about 100,000 rows<br/>6 %"]
  n3["Index Only Scan<br/>logins l<br/>by logins_user_id_idx<br/>about 1 row<br/>94 %"]:::hot
  n2 --> n1
  n3 --> n1
  classDef hot fill:#f8d7da,stroke:#b02a37,color:#212529
""")


@given(plans())
@settings(max_examples=150, deadline=None)
def test_any_tree_is_told_in_at_most_ten_single_lines(plan: Plan) -> None:
    figures = reckon(plan)
    lines = account(plan, figures)
    assert 1 <= len(lines) <= LINES
    for line in lines:
        assert line.endswith(".") and line.isprintable() and 1 < len(line) <= LONGEST_LINE
    assert len(tree_text(plan, figures).splitlines()) == len(plan.nodes) + 1


LINE = re.compile(
    r'(?:flowchart TB|  n\d+\["[^"\[\]{}<>`|;]*(?:(?:#\d+;|<br/>)[^"\[\]{}<>`|;]*)*"\](?::::(?:hot|warm))?'
    r"|  n\d+ (?:-->|-\. \d+ steps? \.->) n\d+"
    r'|  x\d+\(\["[\d,]+ more steps?"\]\) --> n\d+|  classDef (?:hot|warm) [\w:#,]+)\Z'
)


@given(plans())
@settings(max_examples=150, deadline=None)
def test_no_name_breaks_out_of_a_flowchart_label(plan: Plan) -> None:
    for line in mermaid(plan, reckon(plan)).splitlines():
        assert LINE.match(line), line


@pytest.mark.parametrize("name", ['"] --> evil', "a\n  evil --> n1", "x];y", "&lt;b&gt;", "<b>"])
def test_the_check_of_labels_catches_one_that_is_not_escaped(name: str) -> None:
    assert not all(LINE.match(line) for line in f'  n1["Seq Scan<br/>{name}"]'.splitlines())


def test_the_time_to_tell_a_plan_grows_with_its_nodes() -> None:
    """Eight times the nodes; with a square in it, it would take 64 times as long."""
    short, long = (min(seconds_to_tell(nodes) for _ in range(3)) for nodes in (625, 5_000))
    assert long < 24 * short


def seconds_to_tell(nodes: int) -> float:
    plan = wide(nodes)
    figures = reckon(plan)
    began = perf_counter()
    assert len(account(plan, figures)) <= LINES
    assert mermaid(plan, figures)
    assert tree_text(plan, figures)
    return perf_counter() - began


def test_a_very_deep_plan_is_told() -> None:
    node = Node(3_000, "Seq Scan", {"Relation Name": "t"})
    for number in range(2_999, 0, -1):
        node = Node(number, "Result", {"Total Cost": 1.0}, (node,))
    plan = Plan(node)
    figures = reckon(plan)
    assert len(account(plan, figures)) <= LINES
    assert mermaid(plan, figures)
    assert len(tree_text(plan, figures)) < 1_000_000
