"""The empty SQLite database plans as the full one does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backend.engines.sqlite_lab import SqliteLabError, open_sqlite_lab
from backend.engines.sqlite_statistics import SqliteStatistics, read_sqlite_statistics
from knowledge.formats.explain_sqlite import read_rows

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, country TEXT NOT NULL, active INT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, state TEXT NOT NULL,
  placed_at TEXT NOT NULL, total REAL NOT NULL);
CREATE TABLE items (order_id INTEGER NOT NULL REFERENCES orders, line INTEGER NOT NULL, sku TEXT NOT NULL,
  quantity INT NOT NULL, PRIMARY KEY (order_id, line)) WITHOUT ROWID;
CREATE INDEX customers_country ON customers (country, active);
CREATE INDEX orders_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_state ON orders (state);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE INDEX orders_large ON orders (total) WHERE total > 900;
CREATE INDEX items_sku ON items (sku);
CREATE VIEW open_orders AS SELECT * FROM orders WHERE state = 'open';
"""

QUERIES = (
    "SELECT * FROM orders WHERE id = 5",
    "SELECT * FROM orders WHERE customer_id = 5",
    "SELECT * FROM orders WHERE customer_id = 5 ORDER BY placed_at",
    "SELECT * FROM orders WHERE state = 'open'",
    "SELECT * FROM orders WHERE state = 'open' AND customer_id = 7",
    "SELECT * FROM orders WHERE state = 'open' AND placed_at > '2025-02-01'",
    "SELECT * FROM orders WHERE state = 'open' ORDER BY placed_at LIMIT 10",
    "SELECT placed_at FROM orders WHERE customer_id IN (1, 2, 3)",
    "SELECT count(*) FROM orders",
    "SELECT state, count(*) FROM orders GROUP BY state",
    "SELECT * FROM orders WHERE total > 950",
    "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'de'",
    "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'de' AND o.state = 'open'",
    "SELECT * FROM items i JOIN orders o ON o.id = i.order_id WHERE i.sku = 'sku 5' AND o.state = 'sent'",
    "SELECT * FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.total > 990)",
    "SELECT * FROM customers WHERE email = 'a' OR country = 'fr'",
    "SELECT c.country, sum(o.total) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.country",
    "SELECT * FROM open_orders WHERE customer_id = ? AND placed_at > :since",
    "SELECT id FROM orders WHERE state = 'open' UNION SELECT order_id FROM items WHERE sku = 'sku 1'",
    "UPDATE orders SET state = 'sent' WHERE customer_id = 3 AND state = 'paid'",
    "SELECT * FROM customers a JOIN customers b ON a.active = b.active AND a.country = b.country WHERE a.id < 50",
    "SELECT (SELECT max(placed_at) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE c.active = 1",
)


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop in a file: 0.1 million rows, analysed."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", _customers())
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", _orders())
        connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", _items())
        connection.execute("ANALYZE")
        connection.commit()
    return path


def _customers() -> Iterator[tuple[object, ...]]:
    return ((i, f"p{i}@example.org", ("de", "fr", "it")[i % 3], int(i % 10 > 0)) for i in range(4_000))


def _orders() -> Iterator[tuple[object, ...]]:
    states = ("open", "paid", "sent", "sent")
    return (
        (i, i * i % 4_000, states[i % 4], f"2025-{1 + i % 12:02}-{1 + i % 28:02}", i % 1_000) for i in range(36_000)
    )


def _items() -> Iterator[tuple[object, ...]]:
    return ((i // 2, i % 2, f"sku {i % 500}", 1 + i % 3) for i in range(60_000))


def _steps(path: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        parameters = () if "?" not in query else (None, None)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {query}", parameters).fetchall()
    return [node.text("Detail") for node in read_rows(rows).nodes]


async def _of_lab(statistics: SqliteStatistics) -> list[list[str]]:
    async with open_sqlite_lab(SCHEMA, statistics) as lab:
        return [[node.text("Detail") for node in (await lab.explain(query)).nodes] for query in QUERIES]


async def test_every_plan_equals_that_of_the_full_database(shop_file: Path) -> None:
    expected = [_steps(shop_file, query) for query in QUERIES]
    assert await _of_lab(await read_sqlite_statistics(shop_file)) == expected


async def test_without_statistics_some_plans_differ(shop_file: Path) -> None:
    """The twin: the comparison above would see statistics that were not injected."""
    expected = [_steps(shop_file, query) for query in QUERIES]
    assert await _of_lab(SqliteStatistics()) != expected


async def test_a_what_if_index_is_used_and_gone_afterwards(shop_file: Path) -> None:
    query = "SELECT * FROM orders WHERE state = 'open' AND total = 77"
    async with open_sqlite_lab(SCHEMA, await read_sqlite_statistics(shop_file)) as lab:
        before = await lab.explain(query)
        async with lab.what_if("CREATE INDEX orders_total ON orders (total, state)") as better:
            plan = await better.explain(query)
            assert better.used(plan) == better.indexes == ("orders_total",)
            assert better.used(before) == ()
            assert better.assumed == ("orders_total: 36000 10 1 (rows, then rows of one key)",)
        async with lab.what_if("CREATE INDEX useless ON orders (id, total)") as worse:
            assert worse.used(await worse.explain(query)) == ()
        after = await lab.explain(query)
        assert [node.text("Detail") for node in after.nodes] == [node.text("Detail") for node in before.nodes]


async def test_a_failed_what_if_leaves_the_lab_as_it_was(shop_file: Path) -> None:
    async with open_sqlite_lab(SCHEMA, await read_sqlite_statistics(shop_file)) as lab:
        before = await lab.explain(QUERIES[5])
        for ddl, words in (
            ("CREATE INDEX x ON nowhere (a)", "no such table"),
            ("DROP TABLE orders", "must be one CREATE INDEX"),
            ("CREATE INDEX x ON orders (total); DROP TABLE orders", "must be one CREATE INDEX"),
        ):
            with pytest.raises(SqliteLabError, match=words):
                async with lab.what_if(ddl):
                    raise AssertionError("it was let in")
        after = await lab.explain(QUERIES[5])
    assert before.nodes == after.nodes


async def test_declared_row_counts_choose_the_side_of_a_join() -> None:
    schema = "CREATE TABLE a (id INTEGER PRIMARY KEY, x INT); CREATE TABLE b (id INTEGER PRIMARY KEY, x INT);"
    schema += " CREATE INDEX a_x ON a (x); CREATE INDEX b_x ON b (x);"
    outer = []
    for rows in ({"a": 50, "b": 2_000_000}, {"a": 2_000_000, "b": 50}):
        async with open_sqlite_lab(schema, rows) as lab:
            plan = await lab.explain("SELECT * FROM a JOIN b ON a.x = b.x")
            outer.append(plan.nodes[1].relation)
            assert any("assumed" in note for note in lab.differences)
    assert outer == ["a", "b"]


async def test_samples_that_are_ignored_are_told() -> None:
    statistics = SqliteStatistics((("t", "t_a", "1000 10"),), (("t", "t_a", "10", "0", "0", b"\x02\x01\x01"),), ())
    async with open_sqlite_lab("CREATE TABLE t (a); CREATE INDEX t_a ON t (a)", statistics) as lab:
        told = any("without STAT4" in note for note in lab.differences)
    assert told is not lab.has_stat4


async def test_a_database_that_was_never_analysed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    found = await read_sqlite_statistics(path)
    assert found.stat1 == () and "never analysed" in found.notes[0]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE orders",
        "SELECT 1; SELECT 2",
        "ATTACH 'x.db' AS x",
        "PRAGMA writable_schema = ON",
        "",
        "SELECT nope FROM orders",
    ],
)
async def test_only_one_query_is_planned_and_nothing_runs(sql: str) -> None:
    async with open_sqlite_lab(SCHEMA, {"orders": 5}) as lab:
        with pytest.raises(SqliteLabError):
            await lab.explain(sql)
        assert (await lab.explain("DELETE FROM orders")).nodes
        assert (await lab.explain("SELECT * FROM orders WHERE id = 1")).nodes[1].index == "INTEGER PRIMARY KEY"


async def test_a_schema_that_fails_is_an_error_with_its_line() -> None:
    with pytest.raises(SqliteLabError, match=r"line 2: .*nowhere"):
        async with open_sqlite_lab("CREATE TABLE t (a);\nCREATE INDEX i ON nowhere (a);", {}):
            raise AssertionError("it was let in")
