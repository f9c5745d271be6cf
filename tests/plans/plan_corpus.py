"""Plans made on the real server: one execution told in two notations, queries times options times notations.

``auto_explain`` tells the same execution that ``EXPLAIN ANALYZE`` tells, so that times can be compared too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.engines.postgres.host import PostgresHost

TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, region int);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE, placed date, total int);
CREATE TABLE "Order Items" (id int PRIMARY KEY, "order" int REFERENCES orders ON DELETE CASCADE, sku text, n int);
CREATE TABLE events (at date NOT NULL, kind int, note text) PARTITION BY RANGE (at);
CREATE TABLE events_a PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE events_b PARTITION OF events FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
INSERT INTO customers SELECT g, 'it''s ' || g, g % 7 FROM generate_series(1, 300) g;
INSERT INTO orders SELECT g, 1 + g % 300, date '2024-01-01' + g % 360, g % 97 FROM generate_series(1, 3000) g;
INSERT INTO "Order Items" SELECT g, 1 + g % 3000, 'sku ' || g % 50, g % 9 FROM generate_series(1, 6000) g;
INSERT INTO events SELECT date '2024-01-01' + g % 360, g % 5, 'n' FROM generate_series(1, 3000) g;
CREATE INDEX orders_customer ON orders (customer);
CREATE INDEX orders_placed ON orders (placed, total);
CREATE INDEX "Items by Order" ON "Order Items" ("order");
CREATE INDEX events_kind ON events (kind);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noting BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION noted();
VACUUM ANALYZE;
"""

NO_HASH = "SET LOCAL enable_hashjoin = off"
NO_MERGE = "SET LOCAL enable_mergejoin = off"
NO_SCAN = "SET LOCAL enable_seqscan = off"
TINY = "SET LOCAL work_mem = '64kB'"
PARALLEL = (
    "SET LOCAL max_parallel_workers_per_gather = 2",
    "SET LOCAL parallel_setup_cost = 0",
    "SET LOCAL parallel_tuple_cost = 0",
    "SET LOCAL min_parallel_table_scan_size = 0",
    "SET LOCAL min_parallel_index_scan_size = 0",
)

QUERIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SELECT * FROM orders WHERE total > 90 AND customer <> 3", ()),
    (
        "SELECT * FROM orders o JOIN customers c ON c.id = o.customer WHERE c.region = 2 ORDER BY o.total DESC, c.name",
        (),
    ),
    ("SELECT * FROM orders o JOIN customers c ON c.id = o.customer", (NO_HASH, NO_MERGE)),
    ("SELECT * FROM orders o LEFT JOIN customers c ON c.id = o.customer AND c.region > o.total", (NO_HASH,)),
    ("SELECT * FROM orders o FULL JOIN customers c ON c.id = o.customer", ()),
    ("SELECT * FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer = c.id AND total = 5)", ()),
    ("SELECT * FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer = c.id AND total = 5)", ()),
    ("SELECT * FROM customers WHERE id NOT IN (SELECT customer FROM orders WHERE total = 3)", ()),
    ("SELECT c.*, (SELECT max(total) FROM orders o WHERE o.customer = c.id) FROM customers c", ()),
    (
        "SELECT * FROM orders WHERE total = (SELECT max(total) FROM orders) AND customer < (SELECT "
        "min(region) FROM customers)",
        (),
    ),
    (
        "WITH x AS MATERIALIZED (SELECT customer, count(*) n FROM orders GROUP BY 1) SELECT * FROM "
        "x a JOIN x b ON a.n = b.n LIMIT 7",
        (),
    ),
    (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50) SELECT * FROM r WHERE n % 2 = 0",
        (),
    ),
    ('WITH gone AS (DELETE FROM "Order Items" WHERE id < 9 RETURNING *) SELECT count(*) FROM gone', ()),
    ("SELECT customer, total, count(*) FROM orders GROUP BY GROUPING SETS ((customer), (total), ())", ()),
    (
        "SELECT customer, total, count(*) FROM orders GROUP BY ROLLUP (customer, total)",
        ("SET LOCAL enable_hashagg = off",),
    ),
    ("SELECT customer, total, placed, count(*) FROM orders GROUP BY 1, 2, 3", (TINY,)),
    ("SELECT *, row_number() OVER (PARTITION BY customer ORDER BY placed ROWS 3 PRECEDING) FROM orders", ()),
    ("SELECT * FROM orders ORDER BY placed, total, customer LIMIT 40", ()),
    ("SELECT * FROM (SELECT * FROM orders ORDER BY placed LIMIT 900) o ORDER BY placed, customer", (NO_SCAN,)),
    ('SELECT * FROM "Order Items" i ORDER BY sku, n', (TINY,)),
    ('SELECT * FROM "Order Items" x WHERE "order" IN (1, 5, 9) OR id BETWEEN 70 AND 90', (NO_SCAN,)),
    ("SELECT count(*) FROM events WHERE kind = 3 AND at > '2024-08-01'", ()),
    ("SELECT * FROM events WHERE kind = 1 UNION ALL SELECT placed, total, NULL FROM orders WHERE id = 4", (NO_SCAN,)),
    ("SELECT customer FROM orders EXCEPT ALL SELECT id FROM customers WHERE region = 4", ()),
    ("SELECT DISTINCT total FROM orders INTERSECT SELECT id FROM customers", ("SET LOCAL enable_hashagg = off",)),
    ("SELECT * FROM orders TABLESAMPLE system (30) REPEATABLE (4) WHERE ctid > '(2,1)'", ()),
    ("SELECT * FROM orders WHERE ctid IN ('(0,1)', '(0,2)')", ()),
    (
        "SELECT * FROM generate_series(1, 9) WITH ORDINALITY AS g(a, b) JOIN (VALUES (1, 'a, b'), "
        "(2, ')')) v(k, t) ON k = a",
        (),
    ),
    ("SELECT * FROM customers WHERE name = 'two\nlines' OR name LIKE '%''; ->  (cost=%'", ()),
    ("SELECT 1 WHERE false", ()),
    (
        "SELECT * FROM customers c, LATERAL (SELECT * FROM orders o WHERE o.customer = c.id LIMIT "
        "2) t WHERE c.region = 1",
        (),
    ),
    ('SELECT o.* FROM "Order Items" i JOIN orders o ON o.id = i."order" % 50', (NO_HASH, NO_MERGE)),
    ('SELECT count(*) FROM orders o JOIN "Order Items" i ON i."order" = o.id', PARALLEL),
    ("SELECT customer, count(*) FROM orders GROUP BY customer ORDER BY customer", PARALLEL),
    ("SELECT * FROM orders ORDER BY total DESC, id", PARALLEL),
    ('SELECT * FROM orders WHERE total > (SELECT avg(n) FROM "Order Items") AND customer = 3', PARALLEL),
    ("SELECT * FROM orders FOR UPDATE LIMIT 3", ()),
    ("UPDATE orders SET total = total + 1 WHERE customer = 7", ()),
    ("DELETE FROM customers WHERE id IN (3, 4)", ()),
    ("UPDATE events SET note = 'm' WHERE kind = 2", ()),
    (
        "INSERT INTO customers VALUES (1, 'a', 1), (900, 'b', 2) ON CONFLICT (id) DO UPDATE SET "
        "name = excluded.name WHERE customers.region > 0",
        (),
    ),
    ("INSERT INTO customers SELECT id + 5000, 'x', 1 FROM customers ON CONFLICT DO NOTHING", ()),
    (
        "MERGE INTO customers c USING (SELECT 5 AS id UNION SELECT 950) s ON s.id = c.id WHEN "
        "MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'm', 0)",
        (),
    ),
    (
        "SELECT * FROM orders WHERE customer = 1",
        (NO_SCAN, "SET LOCAL enable_indexscan = off", "SET LOCAL enable_bitmapscan = off"),
    ),
)

MEASURED = (
    "",
    "VERBOSE, BUFFERS",
    "TIMING OFF, BUFFERS OFF",
    "VERBOSE, WAL, SETTINGS",
    "BUFFERS OFF, SUMMARY OFF",
)
PLANNED = ("", "COSTS OFF", "VERBOSE, SETTINGS, MEMORY", "GENERIC_PLAN, SUMMARY")
NOTATIONS = ("text", "json", "yaml", "xml")


@dataclass(frozen=True)
class Telling:
    """One execution, or one planning, told in several notations."""

    query: str
    options: str
    texts: dict[str, str]
    measured: bool
    parallel: bool

    @property
    def verbose(self) -> bool:
        return "VERBOSE" in self.options


async def make(postgres: PostgresHost) -> list[Telling]:
    """All tellings; the tables live in a scratch database only as long as this takes."""
    found = []
    async with postgres.scratch() as database:
        session = await database.connect(admin=True)
        notices: list[str] = []
        session.add_log_listener(lambda _, message: notices.append(message.message))
        try:
            for statement in TABLES.strip().rstrip(";").split(";\n"):
                await session.execute(statement)
            await session.execute("LOAD 'auto_explain'")
            await session.execute("SET client_min_messages = log; SET auto_explain.log_level = notice")
            for place, (query, settings) in enumerate(QUERIES):
                found.append(await _planned(session, query, settings, PLANNED[place % len(PLANNED)]))
                for turn in range(2):
                    options = MEASURED[(place + turn) % len(MEASURED)]
                    notation = NOTATIONS[1 + (place + turn) % 3]
                    found.append(await _measured(session, query, settings, options, notation, notices))
        finally:
            await session.close()
    return found


async def _planned(session: Any, query: str, settings: tuple[str, ...], options: str) -> Telling:
    texts = {}
    transaction = session.transaction()
    await transaction.start()
    for setting in settings:
        await session.execute(setting)
    for notation in NOTATIONS:
        chosen = ", ".join(part for part in (options, f"FORMAT {notation}") if part)
        texts[notation] = await _explain(session, f"EXPLAIN ({chosen}) {query}")
    await transaction.rollback()
    return Telling(query, options, texts, measured=False, parallel=settings == PARALLEL)


async def _measured(
    session: Any, query: str, settings: tuple[str, ...], options: str, notation: str, notices: list[str]
) -> Telling:
    """``EXPLAIN ANALYZE`` in text, and what ``auto_explain`` says of the same execution in the other notation."""
    transaction = session.transaction()
    await transaction.start()
    for setting in settings:
        await session.execute(setting)
    buffers, timing = "BUFFERS OFF" not in options, "TIMING OFF" not in options
    for name, on in {
        "analyze": True,
        "timing": timing,
        "buffers": buffers,
        "verbose": "VERBOSE" in options,
        "wal": "WAL" in options,
        "settings": "SETTINGS" in options,
        "triggers": True,
    }.items():
        await session.execute(f"SET LOCAL auto_explain.log_{name} = {'on' if on else 'off'}")
    await session.execute(f"SET LOCAL auto_explain.log_format = {notation}")
    await session.execute("SET LOCAL auto_explain.log_min_duration = 0")
    notices.clear()
    chosen = ", ".join(part for part in ("ANALYZE", options) if part)
    text = await _explain(session, f"EXPLAIN ({chosen}) {query}")
    await transaction.rollback()
    return Telling(
        query,
        options,
        {"text": text, notation: notices[-1].partition("plan:\n")[2]},
        measured=True,
        parallel=settings == PARALLEL,
    )


async def _explain(session: Any, statement: str) -> str:
    return "\n".join(row[0] for row in await session.fetch(statement))
