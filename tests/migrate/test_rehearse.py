"""Rehearsals: what is dangerous is found, what is sound is not, and what breaks breaks only itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Basis, Outcome, Report
from tools.spec import ToolError

USERS = "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL);"


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


async def test_a_sound_folder_passes_with_a_hash_to_apply_it(write: Any, migrate: Any) -> None:
    write({"1_users.up.sql": USERS, "1_users.down.sql": "DROP TABLE users;"})
    report = await migrate()
    assert report.outcome is Outcome.PASS
    assert report.fact("downs restored") == "1 of 1"
    assert len(report.fact("plan_hash")) == 16
    assert report.fact("plan_hash") in report.next_step


async def test_a_dangerous_statement_is_shown_with_its_lock_its_waiters_and_a_proven_rewrite(
    write: Any, migrate: Any
) -> None:
    write({"1_users.sql": USERS, "2_unique.sql": "\n-- later\nALTER TABLE users ADD UNIQUE (email);"})
    report = await migrate()
    (finding,) = [item for item in report.findings if item.rule == "unique-builds-index"]
    assert str(finding.location) == "db/2_unique.sql:3:1"
    assert finding.basis is Basis.OBSERVED
    assert "AccessExclusiveLock on public.users" in finding.evidence[0].result
    assert finding.fixes[0].proven, finding.fixes[0].proof
    assert "end catalog identical" in finding.fixes[0].proof
    (row,) = report.tables[0].rows
    assert row[3] == "SELECT and UPDATE wait"
    rewrite = next(item.text for item in report.artifacts if item.name == "safe_rewrite.sql")
    assert "CREATE UNIQUE INDEX CONCURRENTLY users_email_key" in rewrite


async def test_a_down_that_does_not_restore_the_schema_is_found_and_its_repaired_twin_is_not(
    write: Any, migrate: Any
) -> None:
    files = {
        "1_users.up.sql": USERS,
        "1_users.down.sql": "DROP TABLE users;",
        "2_name.up.sql": "ALTER TABLE users ADD COLUMN name text;\nCREATE INDEX users_name ON users (name);",
        "2_name.down.sql": "DROP INDEX users_name;",
    }
    write(files)
    broken = await migrate(prove=False)
    assert {"down-does-not-restore", "down-fails"} & rules(broken)
    write({"2_name.down.sql": "DROP INDEX users_name;\nALTER TABLE users DROP COLUMN name;"})
    assert not {"down-does-not-restore", "down-fails"} & rules(await migrate(prove=False))


async def test_a_down_names_the_columns_whose_values_it_loses(write: Any, migrate: Any) -> None:
    write(
        {
            "1_users.up.sql": USERS,
            "1_users.down.sql": "DROP TABLE users;",
            "2_nick.up.sql": "ALTER TABLE users ADD COLUMN nickname text;",
            "2_nick.down.sql": "ALTER TABLE users DROP COLUMN nickname;",
        }
    )
    report = await migrate(prove=False)
    assert report.outcome is Outcome.FINDINGS, "adding the column without a lock_timeout"
    assert "irreversible-down" not in rules(report), "a new column cannot outlive its down: no mistake"
    (losses,) = [table for table in report.tables if table.title.startswith("irreversible")]
    assert losses.rows == [["public.users.nickname", "3", "going down: db/2_nick.down.sql"]]
    assert report.fact("columns a down loses") == "1"


async def test_a_required_column_fails_on_rows_and_says_that_the_rows_were_generated(write: Any, migrate: Any) -> None:
    write({"1.sql": USERS, "2.sql": "ALTER TABLE users ADD COLUMN age int NOT NULL;", "3.sql": "SELECT 1;"})
    report = await migrate()
    (finding,) = [item for item in report.findings if item.rule == "required-column-no-default"]
    assert {item.basis for item in finding.evidence} == {Basis.OBSERVED, Basis.ASSUMED}
    assert report.fact("migrations") == "3", "the replay goes on without the rows"


async def test_a_failing_migration_stops_the_replay_and_what_follows_is_not_tested(write: Any, migrate: Any) -> None:
    write({"1.sql": USERS, "2.sql": "ALTER TABLE users ADD COLUMN email text;", "3.sql": "SELECT 1;"})
    report = await migrate()
    (finding,) = [item for item in report.findings if item.rule == "migration-fails"]
    assert (finding.rule, str(finding.location)) == ("migration-fails", "db/2.sql:1:1")
    assert "42701" in finding.evidence[0].result
    assert "db/3.sql" in report.not_tested[0]
    assert report.fact("plan_hash").startswith("none")


async def test_only_versions_after_since_are_traced(write: Any, migrate: Any) -> None:
    write({"1.sql": USERS, "2.sql": "CREATE INDEX a ON users (email);", "3.sql": "CREATE INDEX b ON users (email);"})
    report = await migrate(since="2", prove=False)
    assert {item.location.path for item in report.findings} == {"db/3.sql"}
    with pytest.raises(ToolError, match="no migration has version 9"):
        await migrate(since="9")


async def test_the_hash_changes_with_a_file_and_only_with_it(write: Any, migrate: Any) -> None:
    write({"1.sql": USERS})
    first = (await migrate()).fact("plan_hash")
    assert (await migrate(seed_rows=0)).fact("plan_hash") == first
    write({"1.sql": USERS + "\nSELECT 1;"})
    assert (await migrate()).fact("plan_hash") != first


HOSTILE = {
    "never ends": ("SELECT pg_sleep(600);", "57014"),
    "drops the database": (
        "DO $$ BEGIN EXECUTE format('DROP DATABASE %I', current_database()); END $$;",
        "25001|42501|55006",
    ),
    "runs a program": ("COPY users FROM PROGRAM 'touch /tmp/architect-was-here';", "42501"),
    "reads a server file": ("COPY users (email) FROM '/etc/passwd';", "42501"),
    "reads by function": ("SELECT pg_read_file('/etc/passwd');", "42501"),
    "becomes superuser": ("ALTER ROLE CURRENT_USER SUPERUSER;", "42501"),
    "changes the server": ("ALTER SYSTEM SET fsync = on;", "25001|42501"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_migration_gets_a_clear_error_and_the_engine_answers_the_next_call(
    name: str, write: Any, migrate: Any
) -> None:
    sql, states = HOSTILE[name]
    write({"1.sql": USERS, "2.sql": sql})
    report = await migrate(timeout_seconds=1, seed_rows=0)
    text = " ".join(evidence.result for item in report.findings for evidence in item.evidence)
    assert any(state in text for state in states.split("|")), report.findings
    assert not Path("/tmp/architect-was-here").exists()
    write({"2.sql": "SELECT 1;"})
    assert (await migrate()).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "does not exist"),
        ({"readme.txt": "hello"}, "no .sql file"),
        ({"1.sql": "a\0b"}, "NUL"),
        ({"1.sql": ""}, ""),
    ],
)
async def test_a_folder_that_holds_nothing_to_run_is_refused_with_the_reason(
    files: dict[str, str], message: str, write: Any, migrate: Any
) -> None:
    write(files)
    if not message:
        assert (await migrate()).fact("statements") == "0"
        return
    with pytest.raises(ToolError, match=message):
        await migrate()


async def test_text_that_is_not_sql_is_a_finding_at_its_line(write: Any, migrate: Any) -> None:
    write({"1.sql": "SELECT 1;\nthis is not sql;"})
    (finding,) = (await migrate()).findings
    assert (finding.rule, finding.location.line) == ("sql-not-readable", 2)


@pytest.mark.parametrize("path", ["..", "../..", "/etc"])
async def test_a_folder_outside_the_workspace_is_refused(path: str, toolbox: Any) -> None:
    from tools.migrate_backend import MigrateBackendRequest, run

    with pytest.raises(ToolError, match="outside the workspace"):
        await run(MigrateBackendRequest(path=path), toolbox)


async def test_cancelling_a_rehearsal_frees_the_engine(write: Any, migrate: Any, postgres: PostgresHost) -> None:
    write({"1.sql": "SELECT pg_sleep(60);"})
    started = asyncio.Event()

    async def watch() -> None:
        while not await _sleeping(postgres):
            await asyncio.sleep(0)
        started.set()

    task = asyncio.create_task(migrate())
    await asyncio.wait_for(watch(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await _sleeping(postgres)
    write({"1.sql": "SELECT 1;"})
    assert (await migrate()).outcome is Outcome.PASS


async def _sleeping(postgres: PostgresHost) -> bool:
    await postgres.start()
    connection = await postgres.connect("postgres")
    try:
        return bool(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'"
            )
        )
    finally:
        await connection.close()
