"""Reading EXPLAIN QUERY PLAN: rows and the shell's tree give the same plan."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from knowledge.formats.explain import PlanSyntaxError
from knowledge.formats.explain_sqlite import looks_like, read_rows, read_text
from knowledge.plan.model import Plan

SCHEMA = """
CREATE TABLE a (id INTEGER PRIMARY KEY, x, y); CREATE INDEX a_x ON a (x, y); CREATE TABLE b (x, y);
CREATE VIRTUAL TABLE words USING fts5 (body);
"""
QUERIES = (
    "SELECT * FROM a AS q WHERE q.x = 1 AND q.y > 3 ORDER BY q.id",
    "SELECT x FROM a",
    "SELECT * FROM a JOIN b ON a.id = b.x LEFT JOIN b c ON c.x = a.y",
    "SELECT * FROM b AS one, b AS two WHERE one.x = two.x",
    "SELECT (SELECT max(y) FROM b WHERE b.x = a.x), (SELECT 1 FROM b) FROM a WHERE id IN (SELECT x FROM b)",
    "SELECT * FROM a WHERE x = 1 OR id = 4",
    "SELECT x FROM a UNION SELECT y FROM b ORDER BY 1",
    "SELECT x FROM a UNION ALL SELECT y FROM b",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
    "WITH m AS MATERIALIZED (SELECT DISTINCT x FROM b) SELECT * FROM m AS u, m AS v",
    "SELECT * FROM words WHERE words MATCH 'a'",
    "SELECT * FROM a WHERE id BETWEEN 1 AND 2 GROUP BY y HAVING count(DISTINCT x) > 1",
    "VALUES (1), (2)",
)


def _rows(query: str) -> list[tuple[int, int, int, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        return [tuple(row) for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]


def _tree(plan: Plan) -> str:
    """The plan as the shell prints it."""
    lines = ["QUERY PLAN"]

    def write(node, indent: str) -> None:  # type: ignore[no-untyped-def]
        for child in node.children:
            last = child is node.children[-1]
            lines.append(f"{indent}{'`--' if last else '|--'}{child.text('Detail')}")
            write(child, indent + ("   " if last else "|  "))

    write(plan.root, "")
    return "\n".join(lines)


def _shape(plan: Plan) -> list[tuple[int, str, dict[str, object], int]]:
    parents = plan.parents
    return [
        (node.number, node.kind, dict(node.properties), parents[node.number].number if node.number in parents else 0)
        for node in plan.nodes
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_the_tree_and_the_rows_give_the_same_plan(query: str) -> None:
    plan = read_rows(_rows(query))
    assert plan.engine == "sqlite"
    tree = _tree(plan)
    assert _shape(read_text(tree)) == _shape(plan)
    listed = "\n".join("|".join(map(str, row)) for row in _rows(query))
    assert _shape(read_text(listed)) == _shape(plan)
    assert _shape(read_text("\n".join(map(str, _rows(query))))) == _shape(plan)
    assert looks_like(tree) and looks_like(listed)


def test_no_step_of_real_plans_is_without_a_kind() -> None:
    plans = [read_rows(_rows(query)) for query in QUERIES]
    assert sorted({node.kind for plan in plans for node in plan.nodes}) == snapshot(
        [
            "Co-Routine",
            "Compound Query",
            "Correlated Subquery",
            "Left-Most Subquery",
            "Materialize",
            "Merge",
            "Multi-Index Or",
            "Or Branch",
            "Query Plan",
            "Scan",
            "Search",
            "Step",
            "Subquery",
            "Temp B-Tree",
            "Union All",
        ]
    )


def test_what_a_step_reads_and_how_is_told_apart() -> None:
    def read(detail: str) -> dict[str, object]:
        return {
            name: value for name, value in read_text(f"`--{detail}").nodes[1].properties.items() if name != "Detail"
        }

    assert read("SEARCH a AS q USING COVERING INDEX a_x (x=? AND y>?)") == snapshot(
        {
            "Node Type": "Search",
            "Alias": "q",
            "Relation Name": "a",
            "Index Name": "a_x",
            "Index Cond": "x=? AND y>?",
            "Covering": True,
        }
    )
    assert read("SCAN b") == snapshot({"Node Type": "Scan", "Alias": "b", "Relation Name": "b"})
    assert read("SEARCH TABLE a USING INTEGER PRIMARY KEY (rowid=?)") == snapshot(
        {
            "Node Type": "Search",
            "Alias": "a",
            "Relation Name": "a",
            "Index Name": "INTEGER PRIMARY KEY",
            "Index Cond": "rowid=?",
        }
    )
    assert read("SEARCH two USING AUTOMATIC PARTIAL COVERING INDEX (x=?) LEFT-JOIN") == snapshot(
        {
            "Node Type": "Search",
            "Alias": "two",
            "Relation Name": "two",
            "Left Join": True,
            "Index Cond": "x=?",
            "Covering": True,
            "Automatic Index": True,
        }
    )
    assert read("SCAN words VIRTUAL TABLE INDEX 0:M1") == snapshot(
        {"Node Type": "Scan", "Alias": "words", "Relation Name": "words", "Virtual Table": "0:M1"}
    )
    assert read("SCAN 2 CONSTANT ROWS") == snapshot({"Node Type": "Scan", "Alias": "2 CONSTANT ROWS"})
    assert read("SEARCH my table USING INDEX an index (a=?)") == snapshot(
        {
            "Node Type": "Search",
            "Alias": "my table",
            "Relation Name": "my table",
            "Index Name": "an index",
            "Index Cond": "a=?",
        }
    )
    assert read("SEARCH TABLE a AS q USING INDEX a_x (x=?) (~10 rows)")["Index Cond"] == "x=?"
    assert read("SOMETHING NEW") == snapshot({"Node Type": "Step"})


def test_a_plan_of_postgresql_is_not_taken_for_one() -> None:
    text = "                QUERY PLAN\n-----------------\n Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n"
    assert not looks_like(text)
    with pytest.raises(PlanSyntaxError):
        read_text(text)


def test_an_impossible_tree_is_an_error_with_its_line() -> None:
    with pytest.raises(PlanSyntaxError) as error:
        read_text("QUERY PLAN\n|--SCAN a\n|  |  `--SCAN b")
    assert error.value.line == 3
    with pytest.raises(PlanSyntaxError, match="ancestor"):
        read_rows([(2, 3, 0, "SCAN a"), (3, 2, 0, "SCAN b")])
    with pytest.raises(PlanSyntaxError, match="deeper"):
        read_rows([(place + 1, place, 0, "SCAN a") for place in range(500)])


@pytest.mark.parametrize("part", [" AS a", " USING INDEX", " (", "|  ", "1|", " VIRTUAL TABLE INDEX "])
def test_a_long_hostile_line_is_read_at_once(part: str) -> None:
    with suppress(PlanSyntaxError):
        read_text(f"`--SCAN {part * 100_000}\n1|0|0|SCAN {part * 100_000}")


@given(st.text("|`- \nSCANERH a1?()=:", max_size=80) | st.text(max_size=40))
def test_any_text_is_a_plan_or_an_error(text: str) -> None:
    with suppress(PlanSyntaxError):
        assert read_text(text).nodes[0].kind == "Query Plan"
    looks_like(text)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.just(0), st.text(max_size=9)), max_size=9))
def test_any_rows_are_a_plan_or_an_error(rows: list[tuple[int, int, int, str]]) -> None:
    with suppress(PlanSyntaxError):
        assert len(read_rows(rows).nodes) == len(rows) + 1
