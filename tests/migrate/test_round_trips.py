"""Down and up again: what must come back, what is lost, and that a broken down breaks only itself."""

from __future__ import annotations

from typing import Any

from knowledge.report import Finding, Report, Severity

USERS = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"
SOUND = {"1_users.up.sql": USERS, "1_users.down.sql": "DROP TABLE users;"}


def of_rule(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


async def test_a_down_that_drops_what_its_up_created_loses_nothing_worth_saying(write: Any, migrate: Any) -> None:
    write(SOUND)
    assert not of_rule(await migrate(prove=False), "irreversible-down")


async def test_a_down_that_brings_back_the_column_and_not_its_values_is_irreversible(write: Any, migrate: Any) -> None:
    files = {
        **SOUND,
        "2_drop.up.sql": "ALTER TABLE users DROP COLUMN email;",
        "2_drop.down.sql": "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';"
        "ALTER TABLE users ALTER COLUMN email DROP DEFAULT;",
    }
    write(files)
    (finding,) = of_rule(await migrate(prove=False), "irreversible-down")
    assert finding.severity is Severity.MEDIUM
    assert "public.users.email" in finding.message
    assert "3 generated values lost" in finding.evidence[0].result


async def test_its_twin_that_keeps_the_values_is_not(write: Any, migrate: Any) -> None:
    write(
        {
            **SOUND,
            "2_rename.up.sql": "ALTER TABLE users RENAME COLUMN email TO mail;",
            "2_rename.down.sql": "ALTER TABLE users RENAME COLUMN mail TO email;",
        }
    )
    assert not of_rule(await migrate(prove=False), "irreversible-down")


async def test_a_second_up_that_makes_another_schema_is_found(write: Any, migrate: Any) -> None:
    once = (
        "DO $$ BEGIN IF to_regclass('done') IS NULL THEN CREATE TABLE done (); CREATE TABLE first ();"
        " ELSE CREATE TABLE second (); END IF; END $$;"
    )
    write({"1.up.sql": once, "1.down.sql": "DROP TABLE first;"})
    report = await migrate(prove=False)
    assert of_rule(report, "down-does-not-restore")
    write({"1.up.sql": once.replace("second", "first"), "1.down.sql": "DROP TABLE first, done;"})
    assert not (await migrate(prove=False)).findings


async def test_after_a_broken_down_the_migrations_behind_it_are_still_rehearsed(write: Any, migrate: Any) -> None:
    write(
        {
            **SOUND,
            "2_index.up.sql": "CREATE TABLE logs (id int);\nALTER TABLE users ADD COLUMN nick text;",
            "2_index.down.sql": "ALTER TABLE users DROP COLUMN nick;",
            "3_more.up.sql": "ALTER TABLE logs ADD COLUMN note text;\nALTER TABLE users ADD COLUMN age int;",
            "3_more.down.sql": "ALTER TABLE logs DROP COLUMN note;\nALTER TABLE users DROP COLUMN age;",
        }
    )
    report = await migrate(prove=False)
    broken = of_rule(report, "down-does-not-restore")
    assert [finding.location.path for finding in broken] == ["db/2_index.down.sql"]
    assert report.fact("migrations") == "3"
    assert report.fact("downs restored") == "2 of 3"
    assert len(report.fact("plan_hash")) == 16, "a broken down does not keep the ups from being applied"


async def test_a_down_that_fails_is_found_at_its_own_line(write: Any, migrate: Any) -> None:
    write({"1.up.sql": USERS, "1.down.sql": "SELECT 1;\n\nDROP TABLE user;"})
    (finding,) = of_rule(await migrate(prove=False), "down-fails")
    assert (finding.location.path, finding.location.line) == ("db/1.down.sql", 3)


async def test_a_migration_that_creates_an_index_concurrently_has_a_round_trip_too(write: Any, migrate: Any) -> None:
    write(
        {
            "1_users.sql": f"-- +goose Up\n{USERS}\n-- +goose Down\nDROP TABLE users;\n",
            "2_index.sql": "-- +goose NO TRANSACTION\n-- +goose Up\n"
            "CREATE INDEX CONCURRENTLY users_email ON users (email);\n"
            "-- +goose Down\nDROP INDEX CONCURRENTLY users_email;\n",
        }
    )
    report = await migrate(prove=False)
    assert report.fact("downs restored") == "2 of 2"
    assert not [finding for finding in report.findings if finding.severity is Severity.HIGH]


async def test_a_folder_without_its_beginning_is_rehearsed_on_made_up_tables_and_says_so(
    write: Any, migrate: Any
) -> None:
    write({"7.sql": "ALTER TABLE orders ADD COLUMN note text;", "8.sql": "UPDATE orders SET note = 'x' WHERE id = 1;"})
    report = await migrate(prove=False)
    assert report.fact("migrations") == "2"
    assert any("orders" in line and "assumed" in line for line in report.assumptions)


async def test_a_name_that_is_mistyped_later_on_is_a_mistake_and_not_a_missing_beginning(
    write: Any, migrate: Any
) -> None:
    write({"1.sql": USERS, "2.sql": "ALTER TABLE usres ADD COLUMN note text;"})
    report = await migrate(prove=False)
    assert of_rule(report, "migration-fails")
    assert report.fact("plan_hash").startswith("none")


async def test_progress_names_each_migration(write: Any, toolbox: Any) -> None:
    from dataclasses import replace

    from tools.migrate_backend import MigrateBackendRequest, run

    write({"1.sql": USERS, "2.sql": "SELECT 1;"})
    seen: list[tuple[float, float, str]] = []

    async def note(done: float, total: float, message: str) -> None:
        seen.append((done, total, message))

    await run(MigrateBackendRequest(path="db"), replace(toolbox, progress=note))
    assert seen == [(0, 2, "db/1.sql (1 of 2)"), (1, 2, "db/2.sql (2 of 2)"), (2, 2, "done")]


async def test_rows_that_stopped_the_up_are_not_held_against_its_down(write: Any, migrate: Any) -> None:
    write(
        {
            **SOUND,
            "2_tier.up.sql": "ALTER TABLE users ADD COLUMN tier text NOT NULL;",
            "2_tier.down.sql": "ALTER TABLE users DROP COLUMN tier;",
        }
    )
    report = await migrate(prove=False)
    assert of_rule(report, "required-column-no-default")
    assert report.fact("downs restored") == "2 of 2"
