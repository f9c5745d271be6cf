"""A shop for SQLite: its schema, its row counts, its rows."""

from __future__ import annotations

import sqlite3

DDL = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, country TEXT NOT NULL, "Name" TEXT,
  active INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
  state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'sent', 'done')), placed_at TEXT NOT NULL, total REAL NOT NULL,
  cancelled_at DATETIME);
CREATE TABLE "OrderItems" (order_id INTEGER NOT NULL REFERENCES orders (id), line INTEGER NOT NULL,
  sku TEXT NOT NULL, quantity INT NOT NULL);
CREATE TABLE settings (name TEXT, value TEXT);
CREATE TABLE rates (currency TEXT, day TEXT, rate REAL, PRIMARY KEY (currency, day)) WITHOUT ROWID;
CREATE INDEX orders_customer ON orders (customer_id);
"""
SHOP_ROWS = {"customers": 5_000, "orders": 40_000, "OrderItems": 80_000, "settings": 40, "rates": 6_000}
STATES = ("open", "paid", "sent", "done")


def fill(connection: sqlite3.Connection) -> None:
    """All its rows."""
    connection.executemany(
        "INSERT INTO customers VALUES (?, ?, ?, ?, ?)",
        ((i, f"c{i}@example.org", ("de", "fr", "it")[i % 3], f"Ann {i}", int(i % 10 > 0)) for i in range(5_000)),
    )
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                i,
                i * 7 % 5_000,
                STATES[i % 4],
                f"2025-{1 + i % 12:02}-{1 + i % 28:02}",
                i % 997,
                "x" if i % 90 == 0 else None,
            )
            for i in range(40_000)
        ),
    )
    connection.executemany(
        "INSERT INTO OrderItems VALUES (?, ?, ?, ?)", ((i // 2, i % 2, f"sku {i % 3_000}", 1) for i in range(80_000))
    )
    connection.executemany("INSERT INTO settings VALUES (?, ?)", ((f"s{i}", "v") for i in range(40)))
    connection.executemany(
        "INSERT INTO rates VALUES (?, ?, ?)", ((f"c{i % 20}", f"2025-{i // 20:04}", 1.0) for i in range(6_000))
    )
