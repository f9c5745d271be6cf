"""The schema, the statistics and the queries of a shop, for the tests of workload advice."""

from __future__ import annotations

from backend.advice.workload_model import WeightedQuery
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

SHOP = """
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL, country text NOT NULL, name text NOT NULL);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
  placed_at date NOT NULL, total numeric NOT NULL, note text
);
CREATE INDEX orders_placed_at ON orders (placed_at);
CREATE INDEX orders_placed_at_again ON orders (placed_at);
CREATE INDEX orders_placed_at_status ON orders (placed_at, status);
CREATE UNIQUE INDEX orders_unique ON orders (id, status);
CREATE INDEX orders_customer ON orders (note) WHERE note IS NOT NULL;
CREATE INDEX customers_country ON customers (country);
"""


def _column(name: str, width: int, distinct: float, correlation: float = 0.0) -> ColumnStatistics:
    return ColumnStatistics(name, 0.0, width, distinct, correlation=correlation)


SHOP_STATISTICS = DatabaseStatistics(
    relations=(
        RelationStatistics(
            "public",
            "customers",
            "r",
            2_000,
            100_000.0,
            2_000,
            2_000,
            columns=(
                _column("id", 8, -1, 1.0),
                _column("email", 24, -1),
                _column("country", 3, 200),
                _column("name", 20, -0.8),
            ),
        ),
        RelationStatistics(
            "public",
            "orders",
            "r",
            14_000,
            1_000_000.0,
            14_000,
            14_000,
            columns=(
                _column("id", 8, -1, 1.0),
                _column("customer_id", 8, 90_000),
                _column("status", 8, 500),
                _column("placed_at", 4, 2_000, 0.1),
                _column("total", 6, 50_000),
                _column("note", 40, -0.5),
            ),
        ),
    )
)

READS = (
    WeightedQuery("SELECT id, total FROM orders WHERE customer_id = 17", 100, "orders of one"),
    WeightedQuery("SELECT * FROM orders WHERE status = 'open' AND total > 90", 10, "open"),
    WeightedQuery("SELECT id FROM customers WHERE email = 'a@example.org'", 50, "login"),
    WeightedQuery(
        "SELECT c.name, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id"
        " WHERE c.country = 'NL' GROUP BY c.name",
        5,
        "country",
    ),
    WeightedQuery("SELECT count(*) FROM orders WHERE placed_at > date '2024-01-01'", 1, "recent"),
)

UPDATES = (
    WeightedQuery("UPDATE orders SET status = 'paid', total = total + 1 WHERE id < 2000", 400, "payments"),
    WeightedQuery("UPDATE customers SET email = 'x' WHERE id < 2000", 400, "addresses"),
    WeightedQuery(
        "INSERT INTO orders SELECT id + 5000000, 1, 'new', now(), 0 FROM orders WHERE id < 3000", 400, "arrivals"
    ),
)
