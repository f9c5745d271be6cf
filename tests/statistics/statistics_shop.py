"""The shop the tests of statistics read: many column types, a partitioned table, expression and partial indexes."""

from __future__ import annotations

SCHEMA = """
CREATE TYPE state AS ENUM ('open', 'paid', 'sent');
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(40) NOT NULL,
  country char(2) NOT NULL, token uuid NOT NULL, active boolean NOT NULL, born date, tags text[] NOT NULL);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers,
  state state NOT NULL, total numeric(12, 2) NOT NULL, placed_at timestamptz NOT NULL, code text COLLATE "C" NOT NULL,
  valid int4range NOT NULL, note jsonb);
CREATE INDEX orders_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_open ON orders (placed_at) WHERE state = 'open';
CREATE INDEX customers_lower ON customers (lower(email));
CREATE STATISTICS orders_together (ndistinct, dependencies, mcv) ON customer_id, state FROM orders;
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');
CREATE TABLE untouched (id int PRIMARY KEY);
"""

POPULATION = """
INSERT INTO customers (email, name, country, token, active, born, tags)
  SELECT 'Person.' || i || '@example.org', 'Müller ' || i % 700, (ARRAY['de','fr','US','it','es'])[1 + i % 5],
    md5(i::text)::uuid, i % 10 > 0, date '1950-01-01' + i % 20000, ARRAY['tag' || i % 7, 'tag "' || i % 3 || '"']
  FROM generate_series(1, 5000) i;
INSERT INTO orders (customer_id, state, total, placed_at, code, valid, note)
  SELECT 1 + (i * i % 5000),
    (ARRAY['open','paid','sent'])[1 + (i % 20 > 0)::int + (i % 3 > 0 AND i % 20 > 0)::int]::state,
    i % 997 + 0.25, timestamptz '2025-01-01' + i * interval '7 minutes', 'Code-' || upper(md5((i % 3000)::text)),
    int4range(i % 10, i % 10 + 5), '{"channel": "web", "campaign": "spring", "gift": false, "referrer": "letter"}'
  FROM generate_series(1, 40000) i;
INSERT INTO events SELECT i, date '2022-01-01' + i % 1500, 'kind ' || i % 4 FROM generate_series(1, 20000) i;
ANALYZE customers, orders, events;
"""
