"""A populated database, its statistics read from the live server, and a lab made of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.engines.statistics_export import read_statistics
from knowledge.plan.model import Plan
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    import asyncpg

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE customers (
  id bigint PRIMARY KEY, email text NOT NULL, country text, balance numeric(12,2), created timestamptz NOT NULL
);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
  placed timestamptz NOT NULL, total numeric(12,2) NOT NULL, note text
);
CREATE TABLE items (
  order_id bigint NOT NULL REFERENCES orders, line int NOT NULL, product_id int NOT NULL, quantity int NOT NULL,
  price numeric(12,2) NOT NULL, tags text[] NOT NULL, PRIMARY KEY (order_id, line)
);
CREATE TABLE events (at timestamptz NOT NULL, kind int NOT NULL, payload jsonb) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE UNIQUE INDEX customers_email ON customers (lower(email));
CREATE INDEX customers_country ON customers (country);
CREATE INDEX orders_customer ON orders (customer_id, placed DESC);
CREATE INDEX orders_open ON orders (placed) WHERE status = 'open';
CREATE INDEX orders_placed_brin ON orders USING brin (placed) WITH (pages_per_range = 16);
CREATE INDEX items_product ON items (product_id) INCLUDE (quantity);
CREATE INDEX items_tags ON items USING gin (tags);
CREATE INDEX orders_status_hash ON orders USING hash (status);
CREATE INDEX events_kind ON events (kind);
"""

ROWS = """
SELECT setseed(0.5);
INSERT INTO customers SELECT i, 'user' || i || '@' || (ARRAY['example','mail','post'])[1 + i % 3] || '.org',
  (ARRAY['de','fr','us','us','us','jp',NULL])[1 + (random() * 6.99)::int % 7], (random() * 10000)::numeric(12,2),
  '2020-01-01'::timestamptz + i * interval '20 minutes' FROM generate_series(1, 30000) i;
INSERT INTO orders SELECT i, 1 + (random() ^ 2 * 29998)::int,
  (ARRAY['done','done','done','done','done','done','done','done','open','held'])[1 + (random() * 9.99)::int % 10],
  '2023-01-01'::timestamptz + i * interval '7 minutes', (random() * 500)::numeric(12,2),
  CASE WHEN random() < 0.3 THEN md5(i::text) END FROM generate_series(1, 120000) i;
INSERT INTO items SELECT 1 + i / 3, i % 3, 1 + (random() ^ 3 * 4999)::int, 1 + (random() * 9)::int,
  (random() * 90)::numeric(12,2), ARRAY['t' || (i % 50), 'u' || (i % 7)] FROM generate_series(0, 299999) i;
INSERT INTO events SELECT '2024-01-01'::timestamptz + i * interval '12 minutes', (random() * 20)::int,
  jsonb_build_object('n', i) FROM generate_series(1, 80000) i;
VACUUM ANALYZE;
ANALYZE events;
"""

QUERIES = (
    "SELECT * FROM orders WHERE id = 77",
    "SELECT * FROM orders WHERE customer_id = 17",
    "SELECT * FROM orders WHERE customer_id = 17 ORDER BY placed DESC LIMIT 5",
    "SELECT * FROM orders WHERE customer_id BETWEEN 10 AND 600",
    "SELECT * FROM orders WHERE status = 'open' AND placed > '2024-02-01'",
    "SELECT count(*) FROM orders WHERE status = 'held'",
    "SELECT status, count(*), sum(total) FROM orders GROUP BY status",
    "SELECT * FROM orders WHERE placed BETWEEN '2023-05-01' AND '2023-05-03'",
    "SELECT * FROM orders WHERE note IS NOT NULL ORDER BY total DESC LIMIT 20",
    "SELECT * FROM customers WHERE lower(email) = 'user99@example.org'",
    "SELECT * FROM customers WHERE country = 'jp'",
    "SELECT * FROM customers WHERE country IS NULL AND balance > 9000",
    "SELECT country, count(*) FROM customers GROUP BY country ORDER BY 2 DESC",
    "SELECT c.email, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'de'",
    "SELECT c.email, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = 5",
    "SELECT o.id, sum(i.price * i.quantity) FROM orders o JOIN items i ON i.order_id = o.id"
    " WHERE o.placed > '2024-06-01' GROUP BY o.id",
    "SELECT product_id, sum(quantity) FROM items GROUP BY product_id ORDER BY 2 DESC LIMIT 10",
    "SELECT sum(quantity) FROM items WHERE product_id = 42",
    "SELECT sum(quantity) FROM items WHERE product_id BETWEEN 100 AND 200",
    "SELECT * FROM items WHERE tags @> ARRAY['t7']",
    "SELECT * FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)",
    "SELECT * FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.status = 'held')",
    "SELECT * FROM orders o WHERE total > (SELECT avg(total) FROM orders x WHERE x.customer_id = o.customer_id)"
    " AND o.placed > '2024-07-20'",
    "SELECT * FROM events WHERE at > '2025-03-01' AND kind = 3",
    "SELECT kind, count(*) FROM events GROUP BY kind",
    "SELECT * FROM orders o JOIN items i ON i.order_id = o.id JOIN customers c ON c.id = o.customer_id"
    " WHERE i.product_id = 4000",
    "WITH recent AS (SELECT * FROM orders WHERE placed > '2024-07-01') SELECT c.country, sum(r.total)"
    " FROM recent r JOIN customers c ON c.id = r.customer_id GROUP BY 1",
    "SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY placed) FROM orders WHERE customer_id < 1000",
    "UPDATE orders SET status = 'done' WHERE customer_id = 17 AND status = 'open'",
    "DELETE FROM items WHERE order_id IN (SELECT id FROM orders WHERE placed < '2023-01-02')",
    "SELECT 1 FROM orders WHERE id IN (1, 2, 3, 500, 90000)",
    "SELECT min(placed), max(placed) FROM orders WHERE status = 'open'",
)


async def live_statistics(session: asyncpg.Connection) -> DatabaseStatistics:
    """What the planner knows; our server's own settings are no production's."""
    return replace(await read_statistics(session), settings={})


def shape(plan: Plan) -> list[tuple[str, str, str]]:
    """What two plans must have in common to be called the same."""
    return [(node.kind, node.relation, node.index) for node in plan.nodes]
