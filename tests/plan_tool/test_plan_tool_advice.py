"""Every recommendation was tried; where nothing helps, nothing is recommended."""

from __future__ import annotations

import pytest
from plan_tool_help import ROWS, SHOP, Explain, Operators, advised, indexes

from knowledge.report import Basis

BATCH = [
    "SELECT * FROM orders WHERE customer_id = 42",
    "SELECT * FROM orders WHERE status = 'open' AND placed > '2026-01-01'",
    "SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'de' AND o.total > 400",
    "SELECT count(*) FROM items WHERE order_id = 7",
    "SELECT * FROM customers WHERE lower(email) = 'u1@example.org'",
    "SELECT * FROM items WHERE sku IN ('a', 'b', 'c')",
    "SELECT * FROM orders WHERE id NOT IN (SELECT order_id FROM items WHERE quantity > 5)",
    "SELECT * FROM orders WHERE customer_id = 3 OR status = 'held'",
    "SELECT id FROM orders ORDER BY placed DESC OFFSET 50000 LIMIT 20",
    "SELECT * FROM orders WHERE date(placed) = '2026-03-01'",
    "SELECT c.id, (SELECT max(o.placed) FROM orders o WHERE o.customer_id = c.id) FROM customers c",
    "SELECT DISTINCT id, email FROM customers",
    "UPDATE orders SET status = 'done' WHERE customer_id = 9",
    "DELETE FROM items WHERE order_id = 12",
    "SELECT status, count(*) FROM orders WHERE placed > '2026-06-01' GROUP BY status",
    "SELECT * FROM items i JOIN orders o ON o.id = i.order_id WHERE o.customer_id = 5",
    "SELECT * FROM orders WHERE customer_id = $1 AND status = $2",
    "SELECT * FROM customers WHERE gone IS NULL AND country = 'fr' ORDER BY id LIMIT 10",
    "SELECT * FROM orders WHERE total::text = '12.00'",
    "SELECT * FROM orders WHERE customer_id + 1 = 43",
]
HELPED = 15
"""Of the batch, at least so many get a recommendation: else the next line would say nothing."""


async def test_every_recommendation_was_observed_and_its_fix_is_proven(explain: Explain) -> None:
    helped = 0
    for sql in BATCH:
        report = await explain(sql=sql, ddl=SHOP, rows=ROWS)
        found = advised(report)
        helped += bool(found)
        for each in found:
            assert each.basis is Basis.OBSERVED, (sql, each)
            assert len(each.fixes) == 1 and each.fixes[0].proven and each.fixes[0].proof, (sql, each)
        for ddl in indexes(report):
            assert ddl.startswith(("CREATE INDEX CONCURRENTLY", "ANALYZE ", "--")), (sql, ddl)
    assert helped >= HELPED


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM kinds WHERE label = 'x'",
        "SELECT * FROM customers WHERE id = 5",
        "SELECT * FROM customers WHERE email = 'u1@example.org'",
        "SELECT * FROM orders WHERE total <> 5",
        "SELECT * FROM orders WHERE status LIKE '%open'",
        "SELECT * FROM orders WHERE random() < 0.5",
        "SELECT * FROM orders",
        "SELECT count(*) FROM customers WHERE country IS NOT NULL OR random() < 0.5",
        "UPDATE orders SET total = total + 1",
        "SELECT 1",
    ],
    ids=["tiny", "primary key", "unique", "unequal", "suffix", "volatile", "whole", "anything", "writes all", "none"],
)
async def test_where_no_index_can_help_none_is_recommended(explain: Explain, sql: str) -> None:
    report = await explain(sql=sql, ddl=SHOP, rows=ROWS)
    assert not advised(report)
    assert report.fact("no index")


@pytest.mark.parametrize(("state", "helps"), [("DONE", False), ("done", True), ("Done", True)])
async def test_a_literal_is_planned_as_it_is_written(
    operators: Operators, live: Explain, state: str, helps: bool
) -> None:
    """Folded to lower case, the most frequent value would look like a rare one."""
    await operators.session.execute(
        "CREATE TABLE tickets (id int PRIMARY KEY, state text NOT NULL);"
        " INSERT INTO tickets SELECT i, (ARRAY['done', 'Done', 'DONE'])[least(1 + i % 2000, 3)]"
        " FROM generate_series(1, 20000) i; ANALYZE tickets"
    )
    report = await live(sql=f"SELECT * FROM tickets WHERE state = '{state}'")
    assert bool(advised(report)) is helps, report.headline


async def test_identifiers_in_quotes_keep_their_case(explain: Explain) -> None:
    ddl = 'CREATE TABLE "Order Lines" (id bigint PRIMARY KEY, "Sku" text NOT NULL, sku text NOT NULL);'
    report = await explain(sql='SELECT * FROM "Order Lines" WHERE "Sku" = \'A\'', ddl=ddl, rows=["Order Lines=2M"])
    assert ['"Sku"' in sql and '"Order Lines"' in sql for sql in indexes(report)] == [True]


async def test_a_recommended_index_is_used_by_the_real_database_and_then_recommended_no_more(
    operators: Operators, live: Explain
) -> None:
    sql = "SELECT * FROM orders WHERE customer_id = 42 AND total > 100"
    first = await live(sql=sql)
    (ddl,) = indexes(first)
    await operators.session.execute(ddl)
    again = await live(sql=sql)
    name = ddl.split()[3]
    assert not advised(again), again.headline
    assert any(name in each.text for each in again.artifacts if each.name == "plan.txt")
    assert float(again.fact("cost").split()[0]) < float(first.fact("cost").split()[0].replace(",", "")) / 2
