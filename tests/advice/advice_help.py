"""A shop's schema, as SQL with rows and as plain data."""

from __future__ import annotations

from knowledge.schema import Column, Relation, Schema

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE customers (
  id bigint PRIMARY KEY, email text NOT NULL, country text, gone timestamptz, active boolean NOT NULL
);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
  placed timestamptz NOT NULL, day timestamp NOT NULL, total numeric(12,2) NOT NULL, paid boolean NOT NULL,
  note text, code text NOT NULL, tags text[] NOT NULL, doc jsonb NOT NULL
);
CREATE TABLE items (
  id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, product_id int NOT NULL, quantity int NOT NULL,
  price numeric(12,2) NOT NULL
);
CREATE TABLE kinds (id int PRIMARY KEY, label text NOT NULL);
CREATE TABLE events (at timestamptz NOT NULL, kind int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX items_product_id_idx ON items (product_id);
"""

ROWS = """
SELECT setseed(0.5);
INSERT INTO customers SELECT i, 'User' || i || '@' || (ARRAY['example','mail','post'])[1 + i % 3] || '.org',
  (ARRAY['de','fr','us','us','us','jp','it'])[1 + (random() * 6.99)::int % 7],
  CASE WHEN random() < 0.9 THEN timestamptz '2024-01-01' + i * interval '1 minute' END, random() < 0.02
  FROM generate_series(1, 20000) i;
INSERT INTO orders SELECT i, 1 + (random() * 19998)::int,
  CASE WHEN i % 100 = 0 THEN 'open' WHEN i % 3 = 0 THEN 'sent' ELSE 'done' END,
  '2023-01-01'::timestamptz + i * interval '7 minutes', '2023-01-01'::timestamp + i * interval '7 minutes',
  (random() * 500)::numeric(12,2), random() < 0.97, CASE WHEN random() < 0.3 THEN md5(i::text) END,
  CASE WHEN i % 1000 = 7 THEN 'ABC' ELSE 'abc' END, ARRAY['t' || (i % 500), 'u' || (i % 7)],
  jsonb_build_object('kind', 'k' || (i % 300), 'n', i) FROM generate_series(1, 60000) i;
INSERT INTO items SELECT i, 1 + i / 3, 1 + (random() * 1999)::int, 1 + (random() * 9)::int,
  (random() * 90)::numeric(12,2) FROM generate_series(1, 150000) i;
INSERT INTO kinds SELECT i, 'kind ' || i FROM generate_series(1, 40) i;
INSERT INTO events SELECT '2024-01-01'::timestamptz + i * interval '20 minutes', i % 500
  FROM generate_series(1, 50000) i;
SET default_statistics_target = 1000;
VACUUM ANALYZE;
ANALYZE events;
"""


def _table(name: str, columns: str) -> Relation:
    pairs = [part.strip().partition(" ") for part in columns.split(",")]
    return Relation("public", name, tuple(Column(column, kind) for column, _, kind in pairs))


SCHEMA_MODEL = Schema(
    (
        _table("customers", "id bigint, email text, country text, gone timestamp with time zone, active boolean"),
        _table(
            "orders",
            "id bigint, customer_id bigint, status text, placed timestamp with time zone,"
            " day timestamp without time zone, total numeric, paid boolean, note text, code text, tags text[],"
            " doc jsonb",
        ),
        _table("items", "id bigint, order_id bigint, product_id integer, quantity integer, price numeric"),
    )
)
