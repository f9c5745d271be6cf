"""SQLite folders: executed in memory, downs tried, and what cannot be known there said."""

from __future__ import annotations

from typing import Any

from knowledge.report import Outcome

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT);"
SOUND = {"1_users.up.sql": USERS, "1_users.down.sql": "DROP TABLE users;"}


async def test_a_broken_down_is_found_and_what_follows_is_still_rehearsed(write: Any, migrate: Any) -> None:
    write(
        {
            **SOUND,
            "2_logs.up.sql": "CREATE TABLE logs (id INTEGER);",
            "2_logs.down.sql": "CREATE TABLE left_over (id INTEGER);",
            "3_note.up.sql": "ALTER TABLE logs ADD COLUMN note TEXT;",
            "3_note.down.sql": "ALTER TABLE logs DROP COLUMN note;",
        }
    )
    report = await migrate()
    assert {(item.rule, item.location.path) for item in report.findings} == {
        ("down-does-not-restore", "db/2_logs.down.sql"),
        ("down-fails", "db/2_logs.down.sql"),
    }
    assert report.fact("downs restored") == "2 of 3"
    assert any("empty tables" in text for text in report.not_tested)


async def test_its_sound_twin_passes(write: Any, migrate: Any) -> None:
    write({**SOUND, "2_logs.up.sql": "CREATE TABLE logs (id INTEGER);", "2_logs.down.sql": "DROP TABLE logs;"})
    report = await migrate()
    assert report.outcome is Outcome.PASS
    assert report.fact("downs restored") == "2 of 2"


async def test_what_sqlite_refuses_on_empty_tables_stops_the_replay_there(write: Any, migrate: Any) -> None:
    write({**SOUND, "2.up.sql": "SELECT 1;\nALTER TABLE users ADD COLUMN n INT UNIQUE;", "3.up.sql": "SELECT 1;"})
    report = await migrate()
    (finding,) = report.findings
    assert str(finding.location) == "db/2.up.sql:2"
    assert "Cannot add a UNIQUE column" in finding.message
    assert "1 migrations after db/2.up.sql: not run" in report.not_tested[0]


async def test_a_statement_that_never_ends_is_interrupted(write: Any, migrate: Any) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;"
    write({**SOUND, "2.up.sql": endless})
    (finding,) = (await migrate(timeout_seconds=1)).findings
    assert "interrupted after 1 s" in finding.message
