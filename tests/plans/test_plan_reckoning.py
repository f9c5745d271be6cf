"""Self times and self costs: what they make up, on plans of the real server and on plans of all shapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.formats.explain import read
from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import reckon


def number(node: Node, first: int = 1) -> Node:
    """The tree with its nodes counted anew."""
    following = first + 1
    children = []
    for child in node.children:
        counted = number(child, following)
        following += sum(1 for _ in counted.walk())
        children.append(counted)
    return Node(first, node.kind, node.properties, tuple(children))


def node(kind: str, ms: float, *children: Node, loops: int = 1, cost: float = 1.0, **said: Any) -> Node:
    properties = {
        "Total Cost": cost,
        "Plan Rows": 1,
        "Actual Total Time": ms,
        "Actual Loops": loops,
        "Actual Rows": 1,
        **{name.replace("_", " "): value for name, value in said.items()},
    }
    return Node(0, kind, properties, children)


def plan_of(root: Node) -> Plan:
    return Plan(number(root))


def own(root: Node) -> list[float]:
    """Milliseconds of every node itself, in the order of the tree."""
    return [round(figures.self_ms, 6) for figures in reckon(plan_of(root)).values()]


def test_loops_multiply_the_average() -> None:
    inner = node("Index Scan", 0.02, loops=100, Parent_Relationship="Inner")
    assert own(node("Nested Loop", 5.0, node("Seq Scan", 1.0), inner)) == [2.0, 1.0, 2.0]


def test_a_node_that_never_ran_took_nothing() -> None:
    assert own(node("Append", 1.0, node("Seq Scan", 1.0), node("Seq Scan", 0.0, loops=0))) == [0.0, 1.0, 0.0]


def test_a_cte_lies_in_the_scan_that_pulls_it() -> None:
    cte = node("Sort", 8.0, Parent_Relationship="InitPlan", Subplan_Name="CTE x")
    scan = node("CTE Scan", 9.0, CTE_Name="x", Parent_Relationship="Outer")
    assert own(node("Limit", 10.0, cte, scan)) == [1.0, 8.0, 1.0]


def test_a_cte_read_twice_is_counted_once() -> None:
    cte = node("Sort", 8.0, Parent_Relationship="InitPlan", Subplan_Name="CTE x")
    scans = (node("CTE Scan", 7.0, CTE_Name="x"), node("CTE Scan", 2.0, CTE_Name="x"))
    found = own(node("Hash Join", 10.0, cte, *scans))
    assert sum(found) == 10.0
    assert found == [1.0, 8.0, 0.0, 1.0]


def test_a_cte_name_means_the_nearest_declaration() -> None:
    def query(cte: float, scan: float, total: float, *inside: Node) -> Node:
        declared = node("Sort", cte, Parent_Relationship="InitPlan", Subplan_Name="CTE x")
        return node("Nested Loop", total, declared, node("CTE Scan", scan, CTE_Name="x"), *inside)

    assert own(query(3.0, 4.0, 20.0, query(1.0, 5.0, 9.0))) == [7.0, 3.0, 1.0, 4.0, 1.0, 4.0]


def test_a_data_modifying_cte_that_nobody_reads_ran_after_the_tree() -> None:
    cte = node("ModifyTable", 6.0, node("Seq Scan", 2.0), Parent_Relationship="InitPlan", Subplan_Name="CTE gone")
    plan = plan_of(node("Result", 2.0, cte))
    figures = reckon(plan)
    assert [round(item.self_ms, 6) for item in figures.values()] == [2.0, 4.0, 2.0]
    assert sum(item.share for item in figures.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("label", "reference"), [("InitPlan 1", "(InitPlan 1).col1"), ("InitPlan 1 (returns $0)", "$0")]
)
def test_an_initplan_lies_in_the_node_that_first_needs_it(label: str, reference: str) -> None:
    init = node("Aggregate", 5.0, Parent_Relationship="InitPlan", Subplan_Name=label)
    scan = node("Seq Scan", 6.0, Filter=f"(a = {reference})", Parent_Relationship="Outer")
    assert own(node("Sort", 7.0, init, scan)) == [1.0, 5.0, 1.0]


def test_an_initplan_that_no_line_names_lies_where_there_is_time_for_it() -> None:
    init = node("Aggregate", 5.0, Parent_Relationship="InitPlan", Subplan_Name="InitPlan 1")
    scan = node("Seq Scan", 6.0, Parent_Relationship="Outer")
    assert own(node("Sort", 7.0, init, scan)) == [1.0, 5.0, 1.0]


def test_a_gather_evaluates_the_initplans_its_workers_need() -> None:
    init = node("Aggregate", 5.0, Parent_Relationship="InitPlan", Subplan_Name="InitPlan 1")
    scan = node("Seq Scan", 3.0, loops=3, Filter="(a = (InitPlan 1).col1)", Parent_Relationship="Outer")
    assert own(node("Gather", 9.0, init, scan)) == [1.0, 5.0, 3.0]


def test_a_subplan_lies_in_its_parent() -> None:
    sub = node("Seq Scan", 0.1, loops=30, Parent_Relationship="SubPlan", Subplan_Name="SubPlan 1")
    assert own(node("Seq Scan", 4.0, sub)) == [1.0, 3.0]


def test_processes_side_by_side_count_once() -> None:
    scan = node("Seq Scan", 3.0, loops=3, Parent_Relationship="Outer")
    assert own(node("Gather", 4.0, node("Sort", 3.5, scan, loops=3, Parent_Relationship="Outer"))) == [0.5, 0.5, 3.0]


def test_the_slowest_process_is_what_a_gather_waits_for() -> None:
    workers = [{"Worker Number": 0, "Actual Total Time": 8.0, "Actual Loops": 1}]
    scan = node("Seq Scan", 5.0, loops=2, Workers=workers, Parent_Relationship="Outer")
    assert own(node("Gather", 9.0, scan)) == [1.0, 8.0]


def test_rounding_never_makes_a_child_longer_than_its_parent() -> None:
    inner = node("Index Scan", 0.001, loops=1_000_000, Parent_Relationship="Inner")
    outer = node("Seq Scan", 100.0, Parent_Relationship="Outer")
    found = own(node("Nested Loop", 900.0, outer, inner))
    assert sum(found) == pytest.approx(900.0)
    assert found[1] == pytest.approx(100.0, abs=0.001)


def test_a_limit_pays_only_for_what_it_takes() -> None:
    scan = node("Seq Scan", 0.1, cost=1000.0, Parent_Relationship="Outer")
    figures = reckon(plan_of(node("Limit", 0.1, scan, cost=2.5)))
    assert [item.self_cost for item in figures.values()] == [0.0, 2.5]


def test_a_nested_loop_pays_for_every_turn_of_its_inner_side() -> None:
    outer = node("Seq Scan", 0.0, cost=10.0, Plan_Rows=50, Parent_Relationship="Outer")
    inner = node("Index Scan", 0.0, cost=2.0, Parent_Relationship="Inner")
    figures = reckon(plan_of(node("Nested Loop", 0.0, outer, inner, cost=115.0)))
    assert [item.self_cost for item in figures.values()] == [5.0, 10.0, 100.0]


def test_a_kept_inner_side_is_paid_for_once() -> None:
    outer = node("Seq Scan", 0.0, cost=10.0, Plan_Rows=50, Parent_Relationship="Outer")
    scan = node("Seq Scan", 0.0, cost=4.0, Parent_Relationship="Outer")
    kept = node("Materialize", 0.0, scan, cost=5.0, Plan_Rows=100, Parent_Relationship="Inner")
    figures = reckon(plan_of(node("Nested Loop", 0.0, outer, kept, cost=40.0)))
    assert [round(item.self_cost, 6) for item in figures.values()] == [12.75, 10.0, 13.25, 4.0]


KINDS = st.sampled_from(
    ["Seq Scan", "Nested Loop", "Gather", "Limit", "Append", "CTE Scan", "ModifyTable", "Materialize"]
)
LABELS = st.sampled_from(["", "", "", "CTE x", "CTE y", "InitPlan 1", "InitPlan 2 (returns $0)", "SubPlan 1"])
FIGURE = st.one_of(st.floats(0, 1e9), st.sampled_from([0.0, -1.0, 0.001, 1e300]))


@st.composite
def any_node(draw: st.DrawFn, below: st.SearchStrategy[Node] | None = None) -> Node:
    label = draw(LABELS)
    relationship = {"": draw(st.sampled_from(["Outer", "Inner", "Member"])), "S": "SubPlan"}.get(label[:1], "InitPlan")
    return node(
        draw(KINDS),
        draw(FIGURE),
        *(draw(st.lists(below, max_size=4)) if below is not None else ()),
        loops=draw(st.integers(0, 10**6)),
        cost=draw(FIGURE),
        Plan_Rows=draw(FIGURE),
        Parent_Relationship=relationship,
        Subplan_Name=label,
        CTE_Name=draw(st.sampled_from(["x", "y"])),
        Filter=draw(st.sampled_from(["", "(a = $0)", "(InitPlan 1).col1", "hashed SubPlan 1"])),
    )


@given(st.recursive(any_node(), lambda below: any_node(below), max_leaves=12))
def test_the_parts_make_up_the_whole_of_any_plan(root: Node) -> None:
    plan = plan_of(root)
    figures = reckon(plan)
    whole = figures[1]
    assert sum(item.self_cost for item in figures.values()) == pytest.approx(whole.inclusive_cost, rel=1e-9, abs=1e-9)
    assert all(item.self_ms >= 0 and item.self_cost >= 0 and 0 <= item.share <= 1 + 1e-9 for item in figures.values())
    assert sum(item.share for item in figures.values()) <= 1 + 1e-6
    if not any(child.kind == "ModifyTable" for child in plan.nodes):
        assert sum(item.self_ms for item in figures.values()) == pytest.approx(whole.inclusive_ms, rel=1e-9, abs=1e-9)


@st.composite
def executed(draw: st.DrawFn, depth: int = 3, loops: int = 1) -> tuple[Node, float]:
    """A serial execution: every node's own time is drawn, and its printed time is the rounded average of a loop."""
    itself = draw(st.floats(0.01, 50.0))
    count = draw(st.integers(0, 2)) if depth else 0
    children, total = [], itself
    for place in range(count):
        turns = loops * draw(st.sampled_from([1, 1, 3, 20])) if place else loops
        child, spent = draw(executed(depth - 1, turns))
        total += spent
        children.append(child)
    kind = ("Seq Scan", "Sort", "Nested Loop")[count]
    return node(kind, round(total / loops, 3), *children, loops=loops, itself=itself), total


@given(executed())
def test_self_times_are_those_of_the_execution_within_rounding(execution: tuple[Node, float]) -> None:
    plan = plan_of(execution[0])
    figures = reckon(plan)
    for item in plan.nodes:
        loops = [item.loops, *(child.loops for child in item.children)]
        off = 0.0005 * sum(loops) + 1e-6
        above = sum(0.0005 * other.loops for other in plan.nodes)
        assert abs(figures[item.number].self_ms - item.number_of("itself")) <= off + above


WITH_CTE = """\
Limit  (cost=74.75..75.10 rows=7 width=24) (actual time=0.515..0.517 rows=7.00 loops=1)
  CTE x
    ->  HashAggregate  (cost=62.00..65.00 rows=300 width=12) (actual time=0.427..0.450 rows=300.00 loops=1)
          Group Key: orders.customer
          ->  Seq Scan on orders  (cost=0.00..47.00 rows=3000 width=4) (actual time=0.004..0.112 rows=3000.00 loops=1)
  ->  CTE Scan on x a  (cost=0.00..6.00 rows=300 width=12) (actual time=0.428..0.514 rows=1.00 loops=1)
"""


def naive(plan: Plan) -> list[float]:
    """The weakened twin: a child lies in the node it hangs on."""

    def inclusive(item: Node) -> float:
        return item.number_of("Actual Total Time") * item.loops

    return [max(0.0, inclusive(item) - sum(map(inclusive, item.children))) for item in plan.nodes]


def test_reckoning_a_cte_where_it_hangs_would_not_make_up_the_whole() -> None:
    plan = read(WITH_CTE)
    assert sum(item.self_ms for item in reckon(plan).values()) == pytest.approx(0.517)
    assert sum(naive(plan)) != pytest.approx(0.517, abs=0.01)
