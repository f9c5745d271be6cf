"""Rewrites as one gets them wrong: each is a rewrite of ours without a condition it depends on."""

from __future__ import annotations

from typing import NamedTuple

TABLES = """
CREATE TABLE a (id int PRIMARY KEY, x int, y int NOT NULL, code text, at timestamp, made date NOT NULL, u int UNIQUE);
CREATE TABLE b (id int PRIMARY KEY, a int, x int, z int NOT NULL);
"""


class Wrong(NamedTuple):
    of: str
    condition: str
    query: str
    rewrite: str


WRONG = (
    Wrong(
        "not_in_to_not_exists",
        "the listed column is never NULL",
        "SELECT id FROM a WHERE y NOT IN (SELECT x FROM b)",
        "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.x = a.y)",
    ),
    Wrong(
        "not_in_to_not_exists",
        "the tested column is never NULL",
        "SELECT id FROM a WHERE x NOT IN (SELECT z FROM b)",
        "SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.z = a.x)",
    ),
    Wrong(
        "not_in_to_not_exists",
        "the tested column is excluded as NULL by the query, not by the rewrite (the list may be empty)",
        "SELECT id FROM a WHERE x NOT IN (SELECT z FROM b)",
        "SELECT id FROM a WHERE x IS NOT NULL AND NOT EXISTS (SELECT 1 FROM b WHERE b.z = a.x)",
    ),
    Wrong(
        "or_to_union",
        "rows of the first part are left out of the second",
        "SELECT x FROM a WHERE x = 1 OR y = 2",
        "SELECT x FROM a WHERE x = 1 UNION ALL SELECT x FROM a WHERE y = 2",
    ),
    Wrong(
        "or_to_union",
        "rows come as often as before",
        "SELECT x FROM a WHERE x = 1 OR y = 2",
        "SELECT x FROM a WHERE x = 1 UNION SELECT x FROM a WHERE y = 2",
    ),
    Wrong(
        "or_to_union",
        "NULL in the first part is not true",
        "SELECT id FROM a WHERE x = 1 OR y = 2",
        "SELECT id FROM a WHERE x = 1 UNION ALL SELECT id FROM a WHERE y = 2 AND NOT x = 1",
    ),
    Wrong(
        "function_on_column_to_range",
        "the range ends before the next month",
        "SELECT id FROM a WHERE date_trunc('month', at) = '2026-02-01'",
        "SELECT id FROM a WHERE at BETWEEN '2026-02-01' AND '2026-03-01'",
    ),
    Wrong(
        "function_on_column_to_range",
        "the last day belongs to it whole",
        "SELECT id FROM a WHERE extract(year FROM at) = 2026",
        "SELECT id FROM a WHERE at BETWEEN '2026-01-01' AND '2026-12-31'",
    ),
    Wrong(
        "function_on_column_to_range",
        "the literal is a beginning",
        "SELECT id FROM a WHERE date_trunc('month', at) < '2026-02-15'",
        "SELECT id FROM a WHERE at < '2026-02-15'",
    ),
    Wrong(
        "cast_off_column",
        "the literal is spelt as the type spells it",
        "SELECT y FROM a WHERE y::text <> '05'",
        "SELECT y FROM a WHERE y <> 5",
    ),
    Wrong(
        "cast_off_column",
        "the literal is whole",
        "SELECT y FROM a WHERE y < 5.5",
        "SELECT y FROM a WHERE y < 5",
    ),
    Wrong(
        "cast_off_column",
        "text is compared for equality only",
        "SELECT y FROM a WHERE y::text > '10'",
        "SELECT y FROM a WHERE y > 10",
    ),
    Wrong(
        "correlated_subquery_to_join",
        "a count of nothing is 0",
        "SELECT a.id, (SELECT count(*) FROM b WHERE b.a = a.id) FROM a",
        "SELECT a.id, t.n AS count FROM a LEFT JOIN (SELECT b.a, count(*) AS n FROM b GROUP BY b.a) t ON t.a = a.id",
    ),
    Wrong(
        "correlated_subquery_to_join",
        "rows without a partner stay",
        "SELECT a.id, (SELECT max(z) FROM b WHERE b.a = a.id) FROM a",
        "SELECT a.id, t.max FROM a JOIN (SELECT b.a, max(z) FROM b GROUP BY b.a) t ON t.a = a.id",
    ),
    Wrong(
        "distinct_made_useless_by_key",
        "the key is never NULL",
        "SELECT DISTINCT u, y FROM a",
        "SELECT u, y FROM a",
    ),
    Wrong(
        "distinct_made_useless_by_key",
        "every table has a key among the columns",
        "SELECT DISTINCT a.id FROM a JOIN b ON b.a = a.id",
        "SELECT a.id FROM a JOIN b ON b.a = a.id",
    ),
    Wrong(
        "count_to_exists",
        "it is compared with none",
        "SELECT id FROM a WHERE (SELECT count(*) FROM b WHERE b.a = a.id) > 1",
        "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
    ),
    Wrong(
        "count_to_exists",
        "rows are counted, not values",
        "SELECT id FROM a WHERE (SELECT count(b.x) FROM b WHERE b.a = a.id) > 0",
        "SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
    ),
    Wrong(
        "union_to_union_all",
        "the parts are told apart",
        "SELECT id FROM a UNION SELECT id FROM b",
        "SELECT id FROM a UNION ALL SELECT id FROM b",
    ),
    Wrong(
        "union_to_union_all",
        "no part has a row twice",
        "SELECT 'a', y FROM a UNION SELECT 'b', id FROM b",
        "SELECT 'a', y FROM a UNION ALL SELECT 'b', id FROM b",
    ),
)

NOT_PROPOSED = (
    "SELECT id FROM a WHERE y NOT IN (SELECT x FROM b)",
    "SELECT id FROM a WHERE x NOT IN (SELECT z FROM b)",
    "SELECT id FROM a WHERE y NOT IN (SELECT z FROM b LIMIT 3)",
    "SELECT id FROM a WHERE y NOT IN (SELECT max(z) FROM b)",
    "SELECT a.id FROM b LEFT JOIN a ON a.id = b.a WHERE a.y NOT IN (SELECT z FROM b AS c)",
    "WITH b AS (SELECT NULL::int AS z) SELECT id FROM a WHERE y NOT IN (SELECT z FROM b)",
    "SELECT id FROM a WHERE x = 1 OR x = 2",
    "SELECT x, count(*) FROM a WHERE x = 1 OR y = 2 GROUP BY x",
    "SELECT DISTINCT x FROM a WHERE x = 1 OR y = 2",
    "SELECT id FROM a WHERE x = 1 OR y = 2 ORDER BY id LIMIT 2",
    "SELECT id FROM a WHERE date_trunc('month', at) = '2026-02-15'",
    "SELECT id FROM a WHERE date_trunc('month', at) = made",
    "SELECT id FROM a WHERE extract(month FROM at) = 2",
    "SELECT id FROM a WHERE y::text = '05'",
    "SELECT id FROM a WHERE y = 5.5",
    "SELECT id FROM a WHERE y::text > '10'",
    "SELECT id FROM a WHERE y = 5",
    "SELECT id FROM a WHERE y::text = '99999999999'",
    "SELECT a.id, (SELECT count(*) FROM b WHERE b.a > a.id) FROM a",
    "SELECT a.id, (SELECT count(*) FROM b WHERE b.a = a.id AND b.x = a.x) FROM a",
    "SELECT id FROM a WHERE y < (SELECT coalesce(max(b.z), 9) FROM b WHERE b.a = a.id)",
    "SELECT id FROM a WHERE y < (SELECT count(*) + 1 FROM b WHERE b.a = a.id)",
    "SELECT *, (SELECT count(*) FROM b WHERE b.a = a.id) FROM a",
    "SELECT a.id, (SELECT z FROM b WHERE b.a = a.id LIMIT 1) FROM a",
    "SELECT DISTINCT u, y FROM a",
    "SELECT DISTINCT a.id FROM a JOIN b ON b.a = a.id",
    "SELECT DISTINCT ON (x) id FROM a",
    "SELECT DISTINCT a.id, b.id FROM a LEFT JOIN b ON b.a = a.id",
    "SELECT id FROM a WHERE (SELECT count(*) FROM b GROUP BY z LIMIT 1) > 0",
    "SELECT id FROM a UNION SELECT id FROM b",
    "SELECT 'a', y FROM a UNION SELECT 'b', id FROM b",
    "SELECT id FROM a ORDER BY x LIMIT 5 OFFSET 10",
    "SELECT id FROM a ORDER BY y + 1 LIMIT 5 OFFSET 10",
    "SELECT id FROM a LIMIT 5 OFFSET 10",
    "SELECT id, -y AS y FROM a ORDER BY y LIMIT 5 OFFSET 10",
    "SELECT a.id FROM a JOIN b ON true ORDER BY a.id LIMIT 5 OFFSET 10",
    "DELETE FROM a WHERE y NOT IN (SELECT z FROM b)",
    "SELECT 1; SELECT DISTINCT id FROM a",
    "not SQL at all",
    "",
)
"""Queries that look like the ones the rewrites are for."""

PROPOSED = (
    "SELECT id FROM a WHERE y NOT IN (SELECT z FROM b WHERE b.x = 1)",
    "SELECT id FROM a WHERE x IS NOT NULL AND x NOT IN (SELECT x FROM b WHERE x IS NOT NULL)",
    "SELECT id FROM a WHERE a.y NOT IN (SELECT z FROM b WHERE b.a = a.id) ORDER BY id LIMIT 3",
    "SELECT a.x, b.x FROM a JOIN b ON b.a = a.id WHERE a.x = 1 OR b.x = 2",
    "SELECT x FROM a WHERE x IS NULL OR y > 1 OR code LIKE 'q%'",
    "SELECT id, made FROM a ORDER BY made DESC LIMIT 20 OFFSET 40",
    "SELECT id FROM a WHERE y > 0 ORDER BY made DESC, id LIMIT 20 OFFSET 40",
    "SELECT * FROM a ORDER BY a.id LIMIT 20 OFFSET 40",
    "SELECT id FROM a WHERE at::date = '2026-02-28'",
    "SELECT id FROM a WHERE date_trunc('year', at) >= '2026-01-01' AND y > 0",
    "SELECT id FROM a WHERE date_trunc('month', at) > '2026-02-01'",
    "SELECT id FROM a WHERE '2026-02-01' >= date_trunc('month', at)",
    "SELECT id FROM a WHERE date_trunc('day', at) < '2026-02-01'",
    "SELECT id FROM a WHERE extract(year FROM made) = 2026",
    "SELECT id FROM a WHERE date(at) = '2026-12-31'",
    "SELECT id FROM a WHERE y::text = '5' AND x = 1.0",
    "SELECT id FROM a WHERE y::text <> '5'",
    "SELECT id FROM a WHERE x <= 3.0",
    "SELECT id, (SELECT sum(z) FROM b WHERE b.a = a.id AND b.x > 0) AS total FROM a WHERE y > 0 ORDER BY id",
    "SELECT id, (SELECT count(b.x) FROM b WHERE a.x = b.a) FROM a",
    "SELECT id FROM a WHERE y < (SELECT 2 * max(b.z) FROM b WHERE b.a = a.id) AND y > -5",
    "SELECT sum(x) AS s, count(*) FROM a WHERE y >= (SELECT avg(y) FROM a AS o WHERE o.x = a.x)",
    "SELECT id FROM b WHERE z > (SELECT 0.5 * avg(z) FROM a JOIN b AS c ON c.a = a.id WHERE b.x = a.x)",
    "SELECT id FROM a WHERE x IS NULL OR y <> (SELECT count(*) FROM b WHERE b.a = a.id)",
    "SELECT id FROM a WHERE (SELECT count(*) FROM b WHERE b.a = a.id) > 1",
    "SELECT id FROM a WHERE (SELECT count(b.x) FROM b WHERE b.a = a.id) > 0",
    "SELECT DISTINCT a.id, b.id FROM a JOIN b ON b.a = a.id ORDER BY a.id",
    "SELECT DISTINCT * FROM a",
    "SELECT id, (SELECT count(*) FROM b WHERE b.a = a.id) = 0 AS lonely FROM a",
    "SELECT 'x' AS k, id FROM a WHERE y > 0 UNION SELECT 'y', id FROM a",
)
"""Queries for which something is proposed, whose results must all be equal."""
