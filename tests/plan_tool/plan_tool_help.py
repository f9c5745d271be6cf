"""A shop: its schema as somebody would paste it, its rows in a database that plays the operator's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from knowledge.report import Finding, Report

Explain = Callable[..., Awaitable[Report]]

SHOP = """\
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, country text, gone timestamptz);
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL,
  placed timestamptz NOT NULL, total numeric(12,2) NOT NULL
);
CREATE TABLE items (
  id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, sku text NOT NULL, quantity int NOT NULL
);
CREATE TABLE kinds (id int PRIMARY KEY, label text NOT NULL);
"""
ROWS = ["customers=200k", "orders=2M", "items=6M", "kinds=40"]

FILLED = """\
INSERT INTO customers SELECT i, 'u' || i || '@example.org', (ARRAY['de','fr','us'])[1 + i % 3],
  CASE WHEN i % 10 > 0 THEN timestamptz '2024-01-01' END FROM generate_series(1, 4000) i;
INSERT INTO orders SELECT i, 1 + i % 4000, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END,
  timestamptz '2024-01-01' + i * interval '1 minute', i % 500 FROM generate_series(1, 30000) i;
INSERT INTO kinds SELECT i, 'kind ' || i FROM generate_series(1, 40) i;
"""
QUERY = "SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed DESC LIMIT 5"


@dataclass(frozen=True)
class Operators:
    """A database that plays the operator's: its URL, its password, a session that may write."""

    url: str
    password: str
    session: asyncpg.Connection

    async def value(self, sql: str) -> Any:
        """The first column of the first row."""
        return await self.session.fetchval(sql)


def advised(report: Report) -> list[Finding]:
    """The recommendations of a report: what was tried and helped."""
    return [each for each in report.findings if each.rule == "index-advice" or each.rule.startswith("rewrite-")]


def indexes(report: Report) -> list[str]:
    """The DDL of the indexes that a report advises."""
    return [step.sql for each in report.findings if each.rule == "index-advice" for step in each.fixes[0].steps]


def document(report: Report, name: str) -> str:
    """The text of one of a report's documents."""
    return next(each.text for each in report.artifacts if each.name == name)
