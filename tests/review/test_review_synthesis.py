"""Snippets from real life run although nothing in them creates their tables."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_harness import review, rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from backend.review.groundwork import prepare
from knowledge.formats.postgres_sql import read
from knowledge.synthesis import Synthesis, synthesize
from knowledge.synthesis.guesses import type_by_name
from knowledge.synthesis.rows import ROWS, value

SNIPPETS = {
    "add column": "ALTER TABLE users ADD COLUMN last_login_at timestamptz;",
    "index on expression": "CREATE INDEX users_lower_email_idx ON users (lower(email)) WHERE deleted_at IS NULL;",
    "foreign key between two": (
        "ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id);"
    ),
    "foreign key to a unique code": "ALTER TABLE cities ADD FOREIGN KEY (country_code) REFERENCES countries (code);",
    "uuid reference from a new table": (
        "CREATE TABLE comments (id uuid PRIMARY KEY, post_id uuid NOT NULL REFERENCES posts (id) ON DELETE CASCADE);"
    ),
    "type change": (
        "ALTER TABLE accounts ALTER COLUMN balance TYPE numeric(14, 2), ALTER COLUMN opened TYPE timestamptz,"
        " ALTER COLUMN code TYPE varchar(10);"
    ),
    "type change with USING": (
        "ALTER TABLE accounts ALTER COLUMN external_id TYPE uuid USING external_id::uuid,"
        " ALTER COLUMN points TYPE integer USING points::integer;"
    ),
    "enum value": "ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded' AFTER 'paid';",
    "column of an enum type": "ALTER TABLE orders ADD COLUMN status order_status NOT NULL DEFAULT 'new';",
    "backfill": "UPDATE users SET plan = 'free', is_active = true WHERE plan IS NULL AND created_at < '2024-01-01';",
    "insert select join": (
        "INSERT INTO memberships (user_id, team_id, role) SELECT u.id, t.id, 'owner' FROM users u"
        " JOIN teams t ON t.owner_id = u.id WHERE t.archived = false ON CONFLICT (user_id) DO NOTHING;"
    ),
    "view": (
        "CREATE VIEW active_orders AS SELECT o.id, c.name, sum(i.price * i.quantity) AS total FROM orders o"
        " JOIN customers c ON c.id = o.customer_id LEFT JOIN order_items i ON i.order_id = o.id"
        " WHERE o.status IN ('new', 'paid') GROUP BY 1, 2;"
    ),
    "trigger": (
        "CREATE TRIGGER users_touch BEFORE UPDATE OF email ON users FOR EACH ROW"
        " WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION touch_updated_at();"
    ),
    "policy": (
        "ALTER TABLE documents ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON documents FOR SELECT TO app_reader"
        " USING (owner_id = current_setting('app.user_id')::uuid OR is_public);"
    ),
    "schema and gin": (
        "CREATE INDEX docs_search_idx ON search.documents USING gin (title gin_trgm_ops);\n"
        "CREATE INDEX docs_meta_idx ON search.documents USING gin (metadata);"
    ),
    "partition": ("CREATE TABLE events_2026_01 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"),
    "attach": ("ALTER TABLE measurements ATTACH PARTITION measurements_7 FOR VALUES FROM (7000) TO (8000);"),
    "constraints by name": (
        "ALTER TABLE users DROP CONSTRAINT users_email_key;\nALTER TABLE users VALIDATE CONSTRAINT users_age_check;"
    ),
    "indexes by name": "DROP INDEX CONCURRENTLY users_email_idx;\nREINDEX INDEX orders_created_at_idx;",
    "primary key from an index": "ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_id_idx;",
    "rename and go on": (
        "ALTER TABLE people RENAME TO users;\nALTER TABLE users RENAME COLUMN mail TO email;\n"
        "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\nCREATE UNIQUE INDEX users_email_idx ON users (email);"
    ),
    "extensions": (
        "ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT uuid_generate_v4();\n"
        "ALTER TABLE users ADD COLUMN handle citext;"
    ),
    "comments and grants": (
        "COMMENT ON COLUMN users.phone IS 'E.164';\nGRANT SELECT ON users TO reporting;\nTRUNCATE audit_log, outbox;"
    ),
    "exclusion": (
        "ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room_id WITH =, during WITH &&);"
    ),
    "cte": (
        "WITH stale AS (DELETE FROM sessions WHERE expires_at < now() RETURNING user_id)"
        " UPDATE users SET online = false FROM stale WHERE users.id = stale.user_id;"
    ),
    "inheritance and likeness": (
        "CREATE TABLE copies (LIKE originals);\nCREATE TABLE heirs (extra text) INHERITS (parents);"
    ),
    "exclusion in a new table": (
        "CREATE TABLE slots (room_id bigint REFERENCES rooms (id), during tstzrange,"
        " EXCLUDE USING gist (room_id WITH =, during WITH &&));"
    ),
    "new key": (
        "ALTER TABLE tags ADD COLUMN id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ADD CHECK (length(label) > 1);"
    ),
    "identity and defaults": (
        "ALTER TABLE items ALTER COLUMN position SET DEFAULT 0, ALTER COLUMN serial_no SET NOT NULL;\n"
        "ALTER TABLE items ALTER COLUMN serial_no ADD GENERATED ALWAYS AS IDENTITY;"
    ),
    "moved and renamed": (
        "CREATE SCHEMA archive;\nALTER TABLE old_orders SET SCHEMA archive;\n"
        "ALTER TABLE archive.old_orders RENAME CONSTRAINT old_orders_total_check TO total_is_positive;"
    ),
    "lock, truncate, cluster, vacuum": (
        "BEGIN;\nLOCK TABLE jobs IN SHARE MODE;\nTRUNCATE jobs;\nCOMMIT;\nCLUSTER jobs USING jobs_pkey;\nVACUUM jobs;"
    ),
    "label before another": "ALTER TYPE billing.state ADD VALUE 'paused' BEFORE 'closed';",
    "subqueries": (
        "CREATE MATERIALIZED VIEW ranks AS SELECT s.user_id, rank() OVER (ORDER BY s.points DESC) AS place FROM"
        " (SELECT user_id, sum(points) AS points FROM scores WHERE day > '2026-01-01' GROUP BY user_id) s"
        " WHERE EXISTS (SELECT 1 FROM users WHERE users.id = s.user_id AND NOT blocked);"
    ),
    "join using": "SELECT a.name FROM albums a JOIN artists USING (artist_id) WHERE lower(title) LIKE 'x%';",
    "merge": (
        "MERGE INTO stock s USING deliveries d ON s.sku = d.sku"
        " WHEN MATCHED THEN UPDATE SET amount = s.amount + d.amount"
        " WHEN NOT MATCHED THEN INSERT (sku, amount) VALUES (d.sku, d.amount);"
    ),
    "insert without its key": "INSERT INTO schema_migrations (version) VALUES ('20240101'), ('20240102');",
    "json and arrays": (
        "UPDATE products SET tags = array_append(tags, 'new'), settings = settings || '{\"a\": 1}'::jsonb"
        " WHERE settings ->> 'kind' = 'x';"
    ),
}


@pytest.mark.parametrize("name", SNIPPETS)
async def test_a_snippet_runs_without_error_and_says_what_was_assumed(
    tmp_path: Path, postgres: PostgresHost, name: str
) -> None:
    report = await review(toolbox_at(tmp_path, postgres), SNIPPETS[name], ignore=["required-column-no-default"])
    assert "migration-fails" not in rules_of(report), [finding.message for finding in report.findings]
    assert report.not_tested == []
    assert report.assumptions


@pytest.mark.parametrize("name", SNIPPETS)
async def test_without_what_is_made_up_the_same_snippet_fails(postgres: PostgresHost, name: str) -> None:
    """The weakened twin: the checks above would notice if nothing were made up."""
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        try:
            with pytest.raises(asyncpg.PostgresError):
                for statement in read(SNIPPETS[name]).statements:
                    await session.execute(statement.sql)
        finally:
            await session.close()


@pytest.mark.parametrize("name", SNIPPETS)
async def test_everything_that_is_made_up_can_be_created(postgres: PostgresHost, name: str) -> None:
    async with postgres.scratch() as scratch:
        assert await prepare(scratch, synthesize(read(SNIPPETS[name]).statements)) == []


async def test_an_object_that_cannot_be_made_up_is_told(postgres: PostgresHost) -> None:
    broken = Synthesis(extensions=("file_fdw",), sql=("CREATE TABLE t (x no_such_type)",))
    async with postgres.scratch() as scratch:
        notes = await prepare(scratch, broken)
    assert len(notes) == 2


def assumed(sql: str) -> Synthesis:
    return synthesize(read(sql).statements)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (id bigint PRIMARY KEY); ALTER TABLE a ADD COLUMN b text; CREATE INDEX ON a (b);",
        "DROP TABLE IF EXISTS a; CREATE TABLE a (id bigint);",
        "CREATE TABLE a (id bigint REFERENCES b); CREATE TABLE b (id bigint PRIMARY KEY);",
        "CREATE VIEW v AS SELECT 1 AS x; SELECT x FROM v; SELECT relname FROM pg_class;",
        "WITH w AS (SELECT 1 AS x) SELECT x FROM w;",
        "SELECT * FROM information_schema.tables;",
        "CREATE SCHEMA app; CREATE TABLE app.a (id bigint); ALTER TABLE app.a ADD COLUMN x int;",
    ],
)
def test_nothing_is_made_up_for_what_the_text_creates_or_the_system_has(sql: str) -> None:
    assert assumed(sql).sql == ()


def test_a_column_the_text_adds_is_not_made_up() -> None:
    found = assumed("ALTER TABLE users ADD COLUMN email text; UPDATE users SET email = name;")
    assert found.assumptions == (
        "table public.users was assumed with columns id bigint, name text and 3 rows; nothing in the input creates it",
    )


def test_both_sides_of_a_foreign_key_get_one_type_and_matching_rows() -> None:
    found = assumed("ALTER TABLE a ADD FOREIGN KEY (b_code) REFERENCES b (code); SELECT 1 FROM b WHERE code = 'x';")
    created = {sql.split()[2]: sql for sql in found.sql if sql.startswith("CREATE TABLE")}
    assert "b_code text" in created["public.a"]
    assert "code text" in created["public.b"]


def test_the_values_a_column_is_compared_with_become_its_rows() -> None:
    found = assumed("UPDATE users SET plan = 'pro' WHERE plan IN ('free', 'trial');")
    insert = next(sql for sql in found.sql if sql.startswith("INSERT"))
    assert "'free'" in insert and "'trial'" in insert


def test_the_same_text_always_leads_to_the_same_assumptions() -> None:
    for sql in SNIPPETS.values():
        assert assumed(sql) == assumed(sql)


KINDS = [
    *("smallint", "integer", "bigint", "numeric(5,2)", "real", "double precision", "boolean", "uuid", "date", "text"),
    *("timestamp with time zone", "timestamp(3) without time zone", "time with time zone", "interval", "json", "jsonb"),
    *("character varying(3)", "character(2)", "text[]", "integer[]", "inet", "cidr", "bytea", "tsvector", "xml"),
    *("int4range", "tstzrange", "daterange", "bit(4)", "macaddr", "point", "money", "oid", "uuid[]", "jsonb[]"),
]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_type_gets_rows_postgresql_takes(postgres: PostgresHost, kind: str) -> None:
    if kind == "xml":
        kind = "text"
    rows = ", ".join(f"({value(kind, 'name', row)})" for row in range(1, ROWS + 1))
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        try:
            await session.execute(f"CREATE TABLE t (c {kind}); INSERT INTO t VALUES {rows}")
            distinct = await session.fetchval("SELECT count(DISTINCT c::text) FROM t")
        finally:
            await session.close()
    assert distinct == (1 if kind in ("boolean", "jsonb[]") else ROWS)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("id", "bigint"),
        ("author_id", "bigint"),
        ("created_at", "timestamp with time zone"),
        ("is_admin", "boolean"),
        ("email", "text"),
        ("unit_price", "numeric"),
        ("metadata", "jsonb"),
        ("birthday", "date"),
        ("retry_count", "integer"),
        ("public_uuid", "uuid"),
    ],
)
def test_a_columns_name_suggests_its_type(name: str, kind: str) -> None:
    assert type_by_name(name) == kind


@given(st.text(alphabet=st.sampled_from("abcdefgh_ ();,.*='1234\n"), max_size=120))
def test_no_text_can_make_the_synthesis_raise(noise: str) -> None:
    for lead in ("SELECT ", "ALTER TABLE t ADD COLUMN c ", "UPDATE t SET a = ", "CREATE INDEX ON t (", ""):
        synthesize(read(lead + noise).statements)
