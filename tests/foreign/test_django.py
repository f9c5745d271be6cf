"""Django projects, read through Django itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from program_projects import django_migration, django_project, write

from backend.engines.postgres.host import PostgresHost
from backend.foreign import ProjectCodeError, read_program_migrations
from backend.migration_source import load_migrations
from backend.rehearsal.rehearse import Options, rehearse
from backend.workspace import Workspace
from knowledge.formats.postgres_sql import read
from knowledge.migration import MigrationFolder

ID = '("id", models.BigAutoField(primary_key=True))'
CUSTOMER = f'migrations.CreateModel("Customer", [{ID}, ("email", models.TextField(unique=True))])'
ORDER = f'migrations.CreateModel("Order", [{ID}, ("by", models.ForeignKey("shop.Customer", models.CASCADE))])'


async def load(root: Path, host: PostgresHost, folder: str = "", *, allowed: bool = True) -> MigrationFolder:
    return await load_migrations(Workspace.at(root), folder, allow_project_code=allowed, host=host)


def kinds(sql: str | None) -> list[str]:
    script = read(sql or "")
    assert not script.problems
    return [statement.kind for statement in script.statements]


def shop(folder: MigrationFolder) -> list[str]:
    return [step.name for step in folder.migrations if step.version.startswith("shop.")]


async def test_migrations_come_in_the_order_of_the_plan_with_both_ways(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    age = 'migrations.AddField("customer", "age", models.IntegerField(null=True))'
    django_migration(tmp_path, "0002_age", [("shop", "0001_initial")], age)
    folder = await load(tmp_path, postgres)
    assert (folder.format, folder.dialect) == ("django", "postgresql")
    assert shop(folder) == ["0001_initial", "0002_age"]
    first, second = (step for step in folder.migrations if step.version.startswith("shop."))
    assert (kinds(first.up), kinds(first.down)) == (["CreateStmt", "IndexStmt"], ["DropStmt"])
    assert (kinds(second.up), kinds(second.down)) == (["AlterTableStmt"], ["AlterTableStmt"])
    assert first.path == "shop/migrations/0001_initial.py#upgrade" and first.transactional


async def test_names_that_only_a_database_knows_are_in_the_sql(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], f"{CUSTOMER}, {ORDER}")
    drop = 'migrations.RemoveField("order", "by"), migrations.AlterField("customer", "email", models.TextField())'
    django_migration(tmp_path, "0002_drop", [("shop", "0001_initial")], drop)
    last = (await load(tmp_path, postgres)).migrations[-1]
    assert 'DROP CONSTRAINT "shop_order_by_id_' in last.up
    assert 'DROP CONSTRAINT "shop_customer_email_key"' in last.up


async def test_apps_the_project_depends_on_come_first_and_are_noted(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    needs = [("contenttypes", "0002_remove_content_type_name")]
    django_migration(tmp_path, "0001_initial", needs, CUSTOMER)
    folder = await load(tmp_path, postgres)
    assert [step.version.partition(".")[0] for step in folder.migrations] == ["contenttypes", "contenttypes", "shop"]
    assert "installed apps the project depends on are run as well: contenttypes" in folder.notes


async def test_the_folder_of_one_app_gives_that_app_and_what_it_needs(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    folder = await load(tmp_path, postgres, "shop/migrations")
    assert [step.version for step in folder.migrations] == ["shop.0001_initial"]
    assert folder.placed("shop/migrations").migrations[0].path == "shop/migrations/0001_initial.py#upgrade"


async def test_without_a_server_at_hand_one_is_started_for_the_call(tmp_path: Path) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    folder = await load_migrations(Workspace.at(tmp_path), "", allow_project_code=True)
    assert shop(folder) == ["0001_initial"]


async def test_data_migrations_are_not_run_but_noted(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], f"{CUSTOMER}, migrations.RunPython(code, code)")
    folder = await load(tmp_path, postgres)
    assert any("0001_initial.py: not SQL, so left out: " in note for note in folder.notes)
    assert kinds(folder.migrations[-1].up) == ["CreateStmt", "IndexStmt"]


async def test_an_irreversible_migration_has_no_way_back(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], 'migrations.RunSQL("CREATE TABLE t (a int)")')
    folder = await load(tmp_path, postgres)
    assert folder.migrations[-1].down is None
    assert any("0001_initial.py: no way back (IrreversibleError" in note for note in folder.notes)


async def test_a_migration_that_is_not_atomic_runs_outside_a_transaction(
    tmp_path: Path, postgres: PostgresHost
) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    index = 'AddIndexConcurrently("customer", models.Index(fields=["email"], name="by_email"))'
    django_migration(tmp_path, "0002_index", [("shop", "0001_initial")], index, "atomic = False")
    path = tmp_path / "shop/migrations/0002_index.py"
    path.write_text("from django.contrib.postgres.operations import AddIndexConcurrently\n" + path.read_text())
    last = (await load(tmp_path, postgres)).migrations[-1]
    assert not last.transactional and "CREATE INDEX CONCURRENTLY" in last.up


async def test_a_migration_that_fails_ends_the_reading_there_and_is_kept(
    tmp_path: Path, postgres: PostgresHost
) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], 'migrations.RunSQL("ALTER TABLE missing ADD a int", "")')
    django_migration(tmp_path, "0002_more", [("shop", "0001_initial")], CUSTOMER)
    folder = await load(tmp_path, postgres)
    assert shop(folder) == ["0001_initial"]
    assert any("after shop.0001_initial were not read: ProgrammingError" in note for note in folder.notes)


async def test_code_that_may_not_run_does_not_run_and_the_refusal_says_how_to_allow_it(
    tmp_path: Path, postgres: PostgresHost
) -> None:
    trace = tmp_path / "ran"
    django_project(tmp_path, settings=f"open({str(trace)!r}, 'w').close()")
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    with pytest.raises(ProjectCodeError, match=r"(?s)manage.py sqlmigrate.*allow_project_code=true"):
        await load(tmp_path, postgres, allowed=False)
    assert not trace.exists()
    await load(tmp_path, postgres)
    assert trace.exists()


async def test_other_databases_are_refused(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path, engine="django.db.backends.sqlite3")
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    with pytest.raises(ProjectCodeError, match=r"engine is django\.db\.backends\.sqlite3; PostgreSQL can"):
        await load(tmp_path, postgres)


async def test_settings_that_fail_are_an_error_with_their_own_last_lines(
    tmp_path: Path, postgres: PostgresHost
) -> None:
    django_project(tmp_path, settings="raise RuntimeError('no settings today')")
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    with pytest.raises(ProjectCodeError, match="no settings today"):
        await load(tmp_path, postgres)


async def test_a_manage_py_without_settings_is_refused(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    write(tmp_path / "manage.py", "print('nothing')\n")
    with pytest.raises(ProjectCodeError, match=r"manage\.py does not set DJANGO_SETTINGS_MODULE"):
        await load(tmp_path, postgres)


async def test_a_manage_py_above_the_workspace_is_not_searched_for(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], CUSTOMER)
    with pytest.raises(ProjectCodeError, match=r"no manage\.py here or above"):
        await load(tmp_path / "shop", postgres, "migrations")


async def test_an_unknown_tool_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectCodeError, match="unknown migration tool 'rails'; known: alembic, django"):
        await read_program_migrations("rails", Workspace.at(tmp_path), "", allowed=True)


async def test_what_was_read_can_be_rehearsed(tmp_path: Path, postgres: PostgresHost) -> None:
    django_project(tmp_path)
    django_migration(tmp_path, "0001_initial", [], f"{CUSTOMER}, {ORDER}")
    django_migration(tmp_path, "0002_drop", [("shop", "0001_initial")], 'migrations.RemoveField("order", "by")')

    async def quiet(done: float, total: float, message: str) -> None:
        return None

    outcome = await rehearse(postgres, await load(tmp_path, postgres), Options(), quiet)
    assert [step.failed for step in outcome.migrations] == [False] * 4
