"""A query of SQLite's, explained on statistics alone: what is advised is used by the populated file as well."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_shop import DDL, SHOP_ROWS, fill

from backend.engines.sqlite_lab import SqliteLabError
from backend.engines.sqlite_statistics import SqliteStatistics, read_sqlite_statistics
from backend.plans.explained import Explained
from backend.plans.report import report_of
from backend.plans.sqlite_query import explain_sqlite_query
from knowledge.report import Basis, Outcome, Severity

ADVISED = {
    "SELECT * FROM customers WHERE email = ?": ("customers (email)", "high"),
    "SELECT * FROM customers WHERE lower(email) = 'c7@example.org'": ("customers (lower(email))", "high"),
    "SELECT * FROM customers WHERE name LIKE 'Ann 12%'": ("customers (Name COLLATE NOCASE)", "high"),
    "SELECT * FROM customers WHERE name GLOB 'Ann 12*'": ("customers (Name)", "high"),
    "SELECT * FROM customers WHERE email = 'C7@Example.org' COLLATE NOCASE": (
        "customers (email COLLATE NOCASE)", "high",
    ),
    "SELECT * FROM orders WHERE state = 'open' ORDER BY placed_at DESC LIMIT 20": (
        "orders (state, placed_at)", "high",
    ),
    "SELECT * FROM orders ORDER BY placed_at LIMIT 5, 20": ("orders (placed_at)", "high"),
    "SELECT * FROM orders WHERE placed_at BETWEEN '2025-03-01' AND '2025-03-02'": ("orders (placed_at)", "high"),
    "SELECT sum(total) FROM orders WHERE state = 'open'": ("orders (state, total)", "high"),
    "SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.placed_at DESC LIMIT 10": (
        "orders (placed_at)", "high",
    ),
    "SELECT max(placed_at) FROM orders": ("orders (placed_at)", "high"),
    "SELECT o.id, i.sku FROM orders o JOIN OrderItems i ON i.order_id = o.id WHERE o.customer_id = 9": (
        "OrderItems (order_id)", "high",
    ),
    "SELECT *, (SELECT count(*) FROM OrderItems i WHERE i.order_id = o.id) FROM orders o WHERE o.customer_id = 3": (
        "OrderItems (order_id)", "high",
    ),
    "SELECT * FROM customers a JOIN customers b ON a.email = b.email AND a.id < b.id": ("customers (email)", "medium"),
    "SELECT sku, count(*) FROM [OrderItems] GROUP BY sku": ("OrderItems (sku)", "medium"),
    "SELECT * FROM orders WHERE total = 77 OR customer_id = 4": ("orders (total)", "high"),
    "UPDATE orders SET total = total + 1 WHERE placed_at = '2025-03-01' AND state = 'sent'": (None, "high"),
    "DELETE FROM \"OrderItems\" WHERE sku = :sku": ("OrderItems (sku)", "high"),
    "DELETE FROM orders WHERE id = 3": ("OrderItems (order_id)", "high"),
    "INSERT OR REPLACE INTO settings SELECT sku, 'x' FROM OrderItems WHERE sku == 'sku 5'": (
        "OrderItems (sku)", "high",
    ),
    "SELECT * FROM orders WHERE cancelled_at IS NOT NULL": ("orders (id) WHERE cancelled_at IS NOT NULL", "high"),
    "SELECT id FROM orders WHERE customer_id = 5 UNION SELECT order_id FROM OrderItems WHERE sku = 'sku 1'": (
        "OrderItems (sku)", "high",
    ),
}  # fmt: skip
"""Queries with the index that is to be advised (``None``: any), and how severe its absence is."""

LEFT_ALONE = {
    "an existing index": "SELECT * FROM orders WHERE customer_id = 5",
    "the rowid": "SELECT * FROM orders WHERE id = 4",
    "a primary key without rowid": "SELECT * FROM rates WHERE currency = 'eur' AND day = '2025-01-01'",
    "a tiny table": "SELECT * FROM settings WHERE name = 'x'",
    "a sort of few rows": "SELECT * FROM orders WHERE customer_id = 7 ORDER BY placed_at",
    "a wildcard first": "SELECT * FROM customers WHERE name LIKE '%nn%'",
    "a function that tells of every row": "SELECT * FROM orders WHERE total + random() > 5",
    "a value that many rows have": "SELECT * FROM orders WHERE state = 'open'",
    "an order of all rows": "SELECT * FROM orders ORDER BY total",
    "a bound on a column of four values": "SELECT * FROM orders WHERE state < 'open'",
    "a flag": "SELECT * FROM customers WHERE active = 1",
    "everything": "SELECT * FROM orders",
    "a count": "SELECT count(*) FROM orders",
    "an insertion": "INSERT INTO settings VALUES ('a', 'b')",
}


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop in a file, with rows and analysed."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DDL)
        fill(connection)
        connection.execute("ANALYZE")
        connection.commit()
    return path


@pytest.fixture(scope="module")
async def analysed(shop_file: Path) -> SqliteStatistics:
    """The statistics of the file."""
    return await read_sqlite_statistics(shop_file)


@pytest.fixture
def real(shop_file: Path) -> Iterator[sqlite3.Connection]:
    """The populated file in a transaction that is rolled back."""
    with closing(sqlite3.connect(shop_file, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")


def _plan(connection: sqlite3.Connection, query: str) -> list[str]:
    parameters = {"sku": None} if ":sku" in query else (None,) * query.count("?")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", parameters)]


def _ddl(explained: Explained) -> list[str]:
    return [
        step.sql for finding in explained.proven if finding.rule == "index-advice" for step in finding.fixes[0].steps
    ]


async def _on_counts(query: str, **options: bool) -> Explained:
    return await explain_sqlite_query(query, DDL, SHOP_ROWS, origin="declared row counts", assumed=True, **options)


@pytest.mark.parametrize("query", ADVISED)
async def test_the_index_advised_from_row_counts_is_the_expected_one(query: str) -> None:
    explained = await _on_counts(query)
    expected, severity = ADVISED[query]
    (finding,) = explained.proven
    assert finding.severity.value == severity
    assert finding.basis is Basis.OBSERVED and finding.fixes[0].proven
    assert " -> " in finding.evidence[0].result
    if expected is not None:
        assert _ddl(explained)[0].partition(" ON ")[2] == f"{expected};"


@pytest.mark.parametrize("query", ADVISED)
async def test_the_populated_file_uses_the_advised_index_and_is_rid_of_the_fault(
    query: str, analysed: SqliteStatistics, real: sqlite3.Connection
) -> None:
    explained = await explain_sqlite_query(query, DDL, analysed, origin="the file's", assumed=False)
    assert [n.text("Detail") for n in explained.plan.nodes[1:]] == _plan(real, query)
    before = _plan(real, query)
    made = _ddl(explained)
    assert made
    for sql in made:
        real.execute(sql)
    real.execute("ANALYZE")
    after = _plan(real, query)
    for sql in made:
        assert any(f"INDEX {sql.split()[2]}" in line for line in after), after
    assert _faults(after) < _faults(before), (before, after)


def _faults(plan: list[str]) -> tuple[int, int, int]:
    """Whole reads (not those that follow an order, or a partial index), automatic indexes, sorts."""
    whole = [line for line in plan if line.startswith(("SCAN", "SEARCH")) and "USING" not in line]
    return len(whole), sum("AUTOMATIC" in line for line in plan), sum("TEMP B-TREE" in line for line in plan)


@pytest.mark.parametrize("query", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
async def test_where_no_index_helps_none_is_advised_and_the_reason_is_said(query: str) -> None:
    explained = await _on_counts(query)
    assert explained.proven == []
    assert explained.facts["no index"]


@pytest.mark.parametrize("query", ["SELECT * FROM customers WHERE name LIKE 'Ann%' COLLATE BINARY", "SELECT 1"])
async def test_nothing_is_advised_that_sqlite_would_not_use(query: str) -> None:
    assert (await _on_counts(query)).proven == []


async def test_without_the_check_an_index_is_advised_that_the_file_ignores(real: sqlite3.Connection) -> None:
    """The twin: what asks whether the plan uses an index is what keeps this one out."""
    query = "SELECT * FROM customers WHERE name LIKE 'Ann%'"
    explained = await _on_counts(query, check_use=False)
    (sql,) = _ddl(explained)
    real.execute(sql)
    real.execute("ANALYZE")
    assert sql.split()[2] not in " ".join(_plan(real, query))


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1; SELECT 2", "single"),
        ("SELECT 1; DROP TABLE orders", "single"),
        ("DROP TABLE orders", "single"),
        ("PRAGMA writable_schema = 1", "single"),
        ("EXPLAIN SELECT 1", "single"),
        ("ATTACH 'x.db' AS x", "single"),
        ("", "single"),
        ("SELECT * FROM nowhere", "no such table"),
        ("SELECT missing FROM orders", "no such column"),
    ],
)
async def test_what_is_no_single_plannable_statement_is_refused(sql: str, words: str) -> None:
    with pytest.raises(SqliteLabError, match=words):
        await _on_counts(sql)


async def test_a_schema_that_fails_is_told_with_its_line() -> None:
    with pytest.raises(SqliteLabError, match="line 2"):
        await explain_sqlite_query(
            "SELECT 1", "CREATE TABLE a (b INT);\nCREATE TABLE a (b INT);", {}, origin="", assumed=True
        )


async def test_a_report_names_neither_cost_nor_time() -> None:
    explained = await _on_counts("SELECT * FROM orders WHERE state = 'open' ORDER BY placed_at DESC LIMIT 20")
    report = report_of(explained)
    assert report.outcome is Outcome.FINDINGS
    assert report.findings[0].severity is Severity.HIGH
    assert not any(fact.name in ("cost", "execution", "rows") for fact in report.facts)
    assert report.not_tested[0].startswith("costs and times: EXPLAIN QUERY PLAN has none")
    assert any("assumed" in each for each in report.assumptions)
    (made,) = [artifact for artifact in report.artifacts if artifact.name == "indexes.sql"]
    assert made.text == "CREATE INDEX orders_state_placed_at_idx ON orders (state, placed_at);\n"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT * FROM orders WHERE total = ?1 OR placed_at = ?1",
            {"orders (placed_at)", "orders (total)"},
        ),
        (
            "SELECT * FROM customers c, OrderItems i WHERE c.email = i.sku AND i.quantity = 7 AND c.country = 'de'",
            {"OrderItems (quantity)", "customers (email, country)"},
        ),
    ],
)
async def test_indexes_that_help_together_are_advised_together(
    query: str, expected: set[str], real: sqlite3.Connection
) -> None:
    explained = await _on_counts(query)
    assert {sql.partition(" ON ")[2].rstrip(";") for sql in _ddl(explained)} == expected
    for sql in _ddl(explained):
        real.execute(sql)
    after = " ".join(row[3] for row in real.execute(f"EXPLAIN QUERY PLAN {query}", (None,) * query.count(" ?1 ")))
    assert all(sql.split()[2] in after for sql in _ddl(explained))


async def test_a_view_is_looked_through() -> None:
    ddl = f"{DDL} CREATE VIEW open_orders AS SELECT id, total AS worth, placed_at FROM orders WHERE state = 'open';"
    ddl += "CREATE VIEW [Dear] AS SELECT * FROM open_orders;"
    for query in ("SELECT * FROM dear d WHERE d.worth = 7", "SELECT id FROM open_orders WHERE worth = 7"):
        explained = await explain_sqlite_query(query, ddl, SHOP_ROWS, origin="declared row counts", assumed=True)
        assert any("(total" in sql for sql in _ddl(explained)), query


async def test_a_schema_of_odd_names_gets_an_index_that_can_be_run() -> None:
    ddl = 'CREATE TABLE "Order Lines" ("Group" TEXT, [select] INT, `a"b` INT, user TEXT);'
    for column in ('"Group"', "[select]", '"a""b"', "user"):
        explained = await explain_sqlite_query(
            f"SELECT * FROM [order lines] WHERE {column} = 5", ddl, {"Order Lines": 90_000}, origin="", assumed=True
        )
        (sql,) = _ddl(explained)
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(ddl)
            connection.execute(sql)


async def test_an_idea_that_sqlite_refuses_is_said_to_be_untried() -> None:
    explained = await _on_counts("SELECT * FROM orders WHERE CAST(total AS TEXT) = '5'")
    assert explained.proven == []
    assert any(each.startswith("not tried, ") for each in explained.not_tested)


async def test_the_rules_speak_of_the_sizes_known() -> None:
    query = "SELECT * FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.total = c.id + c.active)"
    (found,) = [each for each in (await _on_counts(query)).found if each.finding.rule == "sqlite-correlated-subquery"]
    assert "(40,000 rows)" in found.finding.message
    small = await explain_sqlite_query(query, DDL, {"customers": 900, "orders": 900}, origin="", assumed=True)
    assert [each.finding.rule for each in small.found] == []


@pytest.mark.parametrize(("column", "guessed"), [("email", True), ("state", False)])
async def test_a_guess_about_values_is_said_with_what_would_turn_it_round(column: str, guessed: bool) -> None:
    explained = await _on_counts(f"SELECT sum(id) FROM {'customers' if guessed else 'orders'} WHERE {column} = 'x'")
    guesses = [each for each in explained.proven[0].evidence if each.basis is Basis.ASSUMED]
    assert [each.action for each in guesses] == ([f"how many rows share a value of {column}"] if guessed else [])
    assert all(each.flips == "over 15% of the rows having the value asked for" for each in guesses)


async def test_no_size_is_said_of_a_table_of_which_nothing_is_known() -> None:
    explained = await explain_sqlite_query(
        "SELECT * FROM customers WHERE email = 'x'", DDL, SqliteStatistics(), origin="a new file", assumed=False
    )
    assert explained.proven[0].message == "customers_email_idx would save the full read of customers"
    assert explained.assumptions == [
        "assumed: customers has 1,048,576 rows, as SQLite does where ANALYZE told nothing of it"
    ]
    assert explained.next_step.startswith("run ANALYZE")


async def test_rows_of_unknown_tables_are_named_as_left_out() -> None:
    explained = await explain_sqlite_query(
        "SELECT 1", DDL, {**SHOP_ROWS, "order": 5}, origin="declared row counts", assumed=True
    )
    assert "row counts of order were left out: the schema has no such table" in explained.not_tested
