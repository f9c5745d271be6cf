"""Rewrites as they are proposed: compared, and planned at production scale."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.engines.lab.lab import Lab, open_lab
from backend.engines.postgres.host import PostgresHost
from backend.rewriting import prove
from backend.rewriting.prove import ProvenRewrite, RefutedRewrite, proven_rewrites, tried_rewrites
from knowledge.query_rewrites import query_rewrites
from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.statistics import DatabaseStatistics, RelationStatistics

DDL = """
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, boss bigint);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, total numeric,
  at timestamp NOT NULL, ref text, old_id bigint);
CREATE INDEX orders_at ON orders (at);
CREATE INDEX orders_ref ON orders (ref);
CREATE INDEX orders_old ON orders (old_id);
"""
SIZES = (("customers", 3_000, 200_000.0), ("orders", 30_000, 2_000_000.0))

WORTH_IT = {
    "SELECT c.email FROM customers c WHERE c.id NOT IN (SELECT o.customer_id FROM orders o)": "not_in_to_not_exists",
    "SELECT id, at FROM orders ORDER BY at LIMIT 20 OFFSET 100000": "offset_to_keyset",
    "SELECT id FROM orders WHERE at::date = '2026-02-03'": "function_on_column_to_range",
    "SELECT c.id, (SELECT sum(o.total) FROM orders o WHERE o.customer_id = c.id) FROM customers c": (
        "correlated_subquery_to_join"
    ),
    "SELECT email FROM customers WHERE id = 42.0": "cast_off_column",
    "SELECT DISTINCT id, email FROM customers": "distinct_made_useless_by_key",
    "SELECT c.email FROM customers c WHERE (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) > 0": (
        "count_to_exists"
    ),
    "SELECT 'a' AS kind, id FROM customers UNION SELECT 'b', id FROM orders": "union_to_union_all",
    "SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = 1 OR c.id = 2": "or_to_union",
}


@pytest.fixture(scope="module")
async def lab(postgres: PostgresHost) -> AsyncIterator[Lab]:
    sizes = tuple(RelationStatistics("public", name, "r", pages, rows, pages) for name, pages, rows in SIZES)
    async with open_lab(postgres, DDL, DatabaseStatistics(relations=sizes)) as opened:
        yield opened


@pytest.mark.parametrize("sql", WORTH_IT, ids=WORTH_IT.values())
async def test_a_rewrite_that_gives_the_same_rows_at_less_cost_is_proposed(
    postgres: PostgresHost, lab: Lab, sql: str
) -> None:
    proven = await proven_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert [one.cost_after for one in proven] == sorted(one.cost_after for one in proven)
    (found,) = [one for one in proven if one.id == WORTH_IT[sql]]
    assert found.cost_after < found.cost_before * 0.95
    assert found.databases > 40
    assert "PostgreSQL" in found.engines


async def test_every_rewrite_is_worth_it_for_some_query() -> None:
    assert set(WORTH_IT.values()) == {record.id for record in query_rewrites()}


async def test_the_proof_says_what_was_compared(postgres: PostgresHost, lab: Lab) -> None:
    sql = next(iter(WORTH_IT))
    (found,) = await proven_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert found.proof.startswith("same rows in 300 generated databases (")
    assert "on PostgreSQL and SQLite; planner's cost" in found.proof


async def test_a_rewrite_whose_plan_is_no_better_is_refuted_with_both_costs(postgres: PostgresHost, lab: Lab) -> None:
    sql = "SELECT ref FROM orders WHERE total = 1 OR ref = 'x'"
    (found,) = await tried_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert isinstance(found, RefutedRewrite)
    assert found.reason.startswith("its plan is no better: cost ")


async def test_an_index_comes_along_only_where_the_rewrite_gains_nothing_without_it(
    postgres: PostgresHost, lab: Lab
) -> None:
    sql = "SELECT id FROM orders ORDER BY total IS NULL, id LIMIT 5 OFFSET 5000"
    assert await tried_rewrites(postgres, lab, sql, DDL, lab.schema) == []
    sql = "SELECT id, customer_id FROM orders ORDER BY customer_id, id LIMIT 5 OFFSET 900000"
    (found,) = await proven_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert found.index in ("", "CREATE INDEX ON public.orders (customer_id, id)")
    assert found.cost_after < found.cost_before


async def test_an_index_that_serves_the_query_as_it_stands_is_no_merit_of_the_rewrite(
    postgres: PostgresHost, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = "SELECT id FROM orders WHERE total = 5"
    same = Rewrite("SELECT id FROM orders WHERE total = 5.0", "", "CREATE INDEX ON orders (total)")
    record = QueryRewrite("same", "", "", "", "", "", "", lambda text, schema: [same])
    monkeypatch.setattr(prove, "query_rewrites", lambda: (record,))
    (found,) = await tried_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert isinstance(found, RefutedRewrite)


async def test_a_wrong_rewrite_never_reaches_the_user_however_good_its_plan(
    postgres: PostgresHost, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = "SELECT c.email FROM customers c WHERE c.boss NOT IN (SELECT o.old_id FROM orders o)"
    assert await tried_rewrites(postgres, lab, sql, DDL, lab.schema) == []
    from knowledge.query_rewrites import not_in

    monkeypatch.setattr(not_in, "never_null", lambda scope, node, conditions: True)
    (found,) = await tried_rewrites(postgres, lab, sql, DDL, lab.schema)
    assert isinstance(found, RefutedRewrite)
    assert found.reason == "the results differ"
    assert "NULL" in found.counterexample


async def test_a_query_without_an_idea_costs_nothing(postgres: PostgresHost, lab: Lab) -> None:
    found: list[ProvenRewrite] = await proven_rewrites(postgres, lab, "SELECT 1", DDL, lab.schema)
    assert found == []
