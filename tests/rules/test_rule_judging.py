"""How a suspicion becomes a finding, whatever the statement looks like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from postgast import PgQueryError
from rule_help import by_engine, by_text

from backend.engines.postgres.host import PostgresHost
from backend.judge import by_kind, is_suspect, judge
from knowledge.formats.postgres_sql import read
from knowledge.report import Basis, Fix
from knowledge.rules import all_rules, rule
from knowledge.rules.rule import Hit, StatementContext, StatementRule
from knowledge.trace import Lock, LockMode, SqlError, StatementTrace

ODD = (Path(__file__).parent / "odd_statements.sql").read_text()


@pytest.mark.parametrize("transactional", [False, True])
def test_no_rule_stumbles_over_an_unusual_statement(transactional: bool) -> None:
    found = by_text(ODD, transactional=transactional)
    assert found
    for item in found:
        assert item.judgement.finding.message
        for fix in item.judgement.finding.fixes:
            assert all(len(read(step.sql).statements) == 1 for step in fix.steps)


def test_what_only_looks_like_alter_table_is_left_alone() -> None:
    sql = (
        "ALTER INDEX i SET TABLESPACE b; ALTER SEQUENCE s SET UNLOGGED; ALTER TYPE pair ADD ATTRIBUTE c int;"
        "ALTER FOREIGN TABLE f ADD COLUMN c int NOT NULL; ALTER INDEX i RENAME TO j;"
        "ALTER VIEW v ALTER a SET DEFAULT 1;"
    )
    assert [item.rule for item in by_text(sql)] == []


def test_a_rule_about_a_part_is_asked_only_about_that_part() -> None:
    asked: list[str] = []

    def note(context: StatementContext) -> list[Hit]:
        asked.append(context.statement.sql)
        return []

    watching = replace(rule("set-not-null-scans-table"), suspect=note)
    assert isinstance(watching, StatementRule)
    table = by_kind([watching])
    for statement in read("ALTER TABLE t ADD c int; ALTER TABLE t ADD c int, ALTER n SET NOT NULL").statements:
        judge(StatementContext(statement), table)
    assert asked == ["ALTER TABLE t ADD c int, ALTER n SET NOT NULL"]


def test_a_fix_that_cannot_be_written_back_is_not_offered() -> None:
    def fails(hit: Hit, context: StatementContext) -> Fix | None:
        raise PgQueryError("deparse: unsupported")

    broken = replace(rule("index-not-concurrent"), remedy=fails)
    (statement,) = read("CREATE INDEX ON t (n)").statements
    (judgement,) = judge(StatementContext(statement), by_kind([broken]))
    assert judgement.finding.fixes == []


def test_what_the_trace_does_not_confirm_is_not_said() -> None:
    (statement,) = read("CREATE INDEX ON t (n)").statements
    rules = by_kind([rule("index-not-concurrent")])
    locked = StatementTrace(statement, "open", locks=(Lock("public.t", LockMode.SHARE),), scans=("public.t",))
    assert is_suspect(StatementContext(statement), rules)
    (judgement,) = judge(StatementContext(statement, locked), rules)
    assert judgement.finding.basis is Basis.OBSERVED
    for weaker in (
        replace(locked, locks=(Lock("public.t", LockMode.SHARE_UPDATE_EXCLUSIVE),)),
        replace(locked, locks=(Lock("public.other", LockMode.SHARE),)),
        replace(locked, locks=(Lock("public.t", LockMode.SHARE, is_index=True),)),
        replace(locked, error=SqlError("42P07", "exists")),
        replace(locked, transaction="skipped"),
    ):
        assert judge(StatementContext(statement, weaker), rules) == []


def test_every_statement_rule_can_be_reached() -> None:
    table = by_kind()
    reachable = {found.id for rules in table.values() for found in rules}
    assert reachable == {each.id for each in all_rules() if isinstance(each, StatementRule)}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("BEGIN; VACUUM t; COMMIT;", "cannot run inside a transaction"),
        ("CREATE VIEW w AS SELECT n FROM t; ALTER TABLE t ALTER n TYPE bigint;", "another object depends on it"),
        ("CREATE VIEW w AS SELECT n FROM t; ALTER TABLE t DROP COLUMN n;", "other objects depend on it"),
        ("ALTER TABLE t ADD UNIQUE (n);", "existing rows hold duplicates"),
        ("ALTER TABLE t ADD CHECK (n > 1);", "existing rows break the condition"),
        ("ALTER TABLE t ADD FOREIGN KEY (n) REFERENCES t;", "existing rows point at nothing"),
        ("ALTER TABLE t ALTER m SET NOT NULL;", "existing rows hold NULL"),
        ("ALTER TABLE t ALTER m TYPE int USING m::int;", "a value of an existing row cannot be converted"),
        ("ALTER TABLE nowhere ADD n int;", "does not exist"),
        ("CREATE TABLE t (n int);", "already exists"),
    ],
)
async def test_a_failing_statement_says_why(postgres: PostgresHost, sql: str, message: str) -> None:
    setup = "CREATE TABLE t (id int PRIMARY KEY, n int, m text); INSERT INTO t VALUES (5, 1, NULL), (6, 1, 'x');"
    judged = await by_engine(postgres, f"{setup}\n-- setup ends\n{sql}")
    said = [item.judgement.finding for item in judged if item.rule == "migration-fails"]
    assert len(said) == 1
    assert said[0].message.startswith("fails: ")
    assert message in said[0].message
    assert said[0].evidence[0].result.startswith("ERROR ")
