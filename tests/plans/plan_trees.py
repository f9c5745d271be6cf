"""Plans of any shape with properties of any value, names that try to break out included."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from knowledge.plan.model import Node, Plan, Trigger

NAMES = st.text(max_size=40) | st.sampled_from(
    [
        'x"]',
        "a\nb",
        'end"]; click n1 "javascript:alert(1)"',
        "%%{init: {}}%%",
        "</script>",
        "#quot;",
        "`x`",
        "-->",
        ":::hot",
    ]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e12) | st.integers(0, 10**9)
KINDS = st.sampled_from(
    "Seq Scan,Index Scan,Index Only Scan,Bitmap Heap Scan,Bitmap Index Scan,Hash,Hash Join,Nested Loop,Merge Join,Sort,"
    "Aggregate,Limit,ModifyTable,Gather,Append,Materialize,Memoize,CTE Scan,Result,Unique,WindowAgg,FETCH,SCAN x".split(
        ","
    )
)
PROPERTIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("Relation Name", "Schema", "Alias", "Index Name", "Filter", "Index Cond", "Hash Cond"), NAMES),
        **dict.fromkeys(("Detail", "CTE Name", "Subplan Name", "Operation", "Join Type"), NAMES),
        **dict.fromkeys(("Sort Key", "Group Key"), st.lists(NAMES, max_size=3)),
        **dict.fromkeys(("Total Cost", "Plan Rows", "Plan Width", "Actual Total Time", "Actual Rows"), NUMBERS),
        **dict.fromkeys(("Actual Loops", "Rows Removed by Filter", "Workers Launched"), NUMBERS),
        "Parent Relationship": st.sampled_from(["Outer", "Inner", "InitPlan", "SubPlan", "Member", "Subquery"]),
    },
)

BESIDE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("Planning Time", "Execution Time"), NUMBERS),
        "JIT": st.none()
        | st.fixed_dictionaries({"Timing": st.dictionaries(st.sampled_from(["Total", "Emission"]), NUMBERS)}),
        "Serialization": st.none() | st.fixed_dictionaries({"Time": NUMBERS | NAMES, "Output Volume": NUMBERS}),
        "Settings": st.dictionaries(st.sampled_from(["max_parallel_workers_per_gather", "enable_seqscan"]), NAMES),
    },
)
TRIGGERS = st.lists(st.builds(Trigger, NAMES, NAMES, NAMES, st.floats(0, 1e9), st.integers(0, 10**6)), max_size=3).map(
    tuple
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Trees of any shape, bushy and deep, with properties of any value."""
    pending: list[tuple[str, dict[str, Any], int]] = [
        (draw(KINDS), draw(PROPERTIES), draw(st.integers(0, max(0, number - 1))))
        for number in range(draw(st.integers(1, 40)))
    ]
    children: dict[int, list[int]] = {}
    for number, (_, _, parent) in enumerate(pending):
        if number:
            children.setdefault(parent, []).append(number)
    order = iter(range(1, len(pending) + 1))

    def build(index: int) -> Node:
        number = next(order)
        kind, properties, _ = pending[index]
        return Node(number, kind, properties, tuple(build(child) for child in children.get(index, ())))

    root = build(0)
    return Plan(root, draw(BESIDE), draw(TRIGGERS), engine=draw(st.sampled_from(["postgresql", "sqlite", "mongodb"])))
