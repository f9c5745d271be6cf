"""Alembic projects, read through Alembic itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from program_projects import ENV, alembic_project, revision, write

from backend.engines.postgres.host import PostgresHost
from backend.foreign import ProjectCodeError, read_program_migrations
from backend.migration_source import load_migrations
from backend.rehearsal.rehearse import Options, rehearse
from backend.workspace import Workspace
from knowledge.formats.postgres_sql import read
from knowledge.migration import MigrationFolder

USERS = 'op.create_table("users", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text))'


async def load(root: Path, folder: str = "migrations", *, allowed: bool = True) -> MigrationFolder:
    return await load_migrations(Workspace.at(root), folder, allow_project_code=allowed)


def kinds(sql: str | None) -> list[str]:
    script = read(sql or "")
    assert not script.problems
    return [statement.kind for statement in script.statements]


async def test_revisions_come_in_their_order_with_both_ways(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(
        tmp_path,
        "bbb",
        "'aaa'",
        'op.add_column("users", sa.Column("age", sa.Integer))',
        "op.drop_column('users', 'age')",
    )
    revision(tmp_path, "aaa", "None", USERS, 'op.drop_table("users")')
    folder = await load(tmp_path)
    assert (folder.format, folder.dialect) == ("alembic", "postgresql")
    assert [(step.version, step.name) for step in folder.migrations] == [
        ("aaa", "The aaa step."),
        ("bbb", "The bbb step."),
    ]
    assert [kinds(step.up) for step in folder.migrations] == [["CreateStmt"], ["AlterTableStmt"]]
    assert [kinds(step.down) for step in folder.migrations] == [["DropStmt"], ["AlterTableStmt"]]
    assert [step.path for step in folder.migrations] == [f"versions/{name}.py#upgrade" for name in ("aaa", "bbb")]
    assert all(step.transactional for step in folder.migrations)


async def test_the_tools_own_bookkeeping_is_not_part_of_a_migration(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS, 'op.drop_table("users")')
    (step,) = (await load(tmp_path)).migrations
    assert "alembic_version" not in step.up + (step.down or "")


async def test_branches_are_both_read_and_a_merge_comes_after_them(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "root", "None", USERS)
    revision(tmp_path, "left", "'root'", "op.execute('SELECT 1')")
    revision(tmp_path, "right", "'root'", "op.execute('SELECT 2')")
    two_heads = await load(tmp_path)
    assert any("2 heads: " in note for note in two_heads.notes)
    revision(tmp_path, "joined", "('left', 'right')", "op.execute('SELECT 3')")
    merged = await load(tmp_path)
    order = [step.version for step in merged.migrations]
    assert order[0] == "root" and order[-1] == "joined" and sorted(order[1:3]) == ["left", "right"]
    assert not any("heads" in note for note in merged.notes)


async def test_an_autocommit_block_makes_the_migration_keep_its_own_transactions(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS)
    concurrently = 'op.create_index("users_name", "users", ["name"], postgresql_concurrently=True)'
    revision(tmp_path, "bbb", "'aaa'", f"with op.get_context().autocommit_block():\n    {concurrently}")
    first, second = (await load(tmp_path)).migrations
    assert first.transactional and not second.transactional
    assert kinds(second.up) == ["TransactionStmt", "TransactionStmt", "IndexStmt", "TransactionStmt", "TransactionStmt"]


async def test_an_empty_downgrade_is_no_way_back_and_is_noted(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS, "pass")
    revision(tmp_path, "bbb", "'aaa'", "op.execute('SELECT 1')", "raise NotImplementedError('never')")
    folder = await load(tmp_path)
    assert [step.down for step in folder.migrations] == [None, None]
    assert "versions/aaa.py: downgrade does nothing" in folder.notes
    assert "versions/bbb.py: downgrade left out (NotImplementedError: never)" in folder.notes


async def test_a_revision_that_reads_the_database_is_noted_and_the_others_are_read(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", f"{USERS}\nop.get_bind().execute(sa.text('SELECT 1')).scalar_one()")
    revision(tmp_path, "bbb", "'aaa'", "op.execute('SELECT 1')")
    folder = await load(tmp_path)
    assert [kinds(step.up) for step in folder.migrations] == [["CreateStmt", "SelectStmt"], ["SelectStmt"]]
    assert any("aaa.py: upgrade needs a database" in note for note in folder.notes)


async def test_the_folder_of_alembic_ini_is_recognised_as_well(tmp_path: Path) -> None:
    alembic_project(tmp_path / "api")
    revision(tmp_path / "api", "aaa", "None", USERS)
    outer, inner = await load(tmp_path, "api"), await load(tmp_path, "api/migrations")
    assert outer.placed("api").migrations == inner.placed("api/migrations").migrations
    assert outer.placed("api").migrations[0].path == "api/migrations/versions/aaa.py#upgrade"


async def test_a_script_folder_without_an_ini_is_read(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS)
    (tmp_path / "alembic.ini").unlink()
    assert [step.version for step in (await load(tmp_path)).migrations] == ["aaa"]


async def test_sqlite_projects_are_told_by_their_url(tmp_path: Path) -> None:
    alembic_project(tmp_path, url="sqlite:///app.db")
    revision(tmp_path, "aaa", "None", USERS)
    assert (await load(tmp_path)).dialect == "sqlite"
    assert not (tmp_path / "app.db").exists()


async def test_mysql_projects_are_refused(tmp_path: Path) -> None:
    alembic_project(tmp_path, url="mysql+pymysql://app@localhost/app")
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match="database is mysql; PostgreSQL and SQLite can be rehearsed"):
        await load(tmp_path)


async def test_code_that_may_not_run_does_not_run_and_the_refusal_says_how_to_allow_it(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    alembic_project(tmp_path, env=f"open({str(trace)!r}, 'w').close()\n{ENV}")
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match=r"(?s)alembic upgrade --sql.*allow_project_code=true"):
        await load(tmp_path, allowed=False)
    assert not trace.exists()
    await load(tmp_path)
    assert trace.exists()


async def test_the_process_sees_none_of_our_environment_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hush")
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", "op.execute('SELECT ' + repr(' '.join(sorted(os.environ)) + os.environ['HOME']))")
    (step,) = (await load(tmp_path)).migrations
    assert "DATABASE_URL" in step.up
    assert "SECRET_OF" not in step.up and str(Path.home()) not in step.up


async def test_a_project_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    start = "import subprocess\nprocess = subprocess.Popen(['/bin/sleep', '600'])\n"
    hang = f"{start}open({str(child)!r}, 'w').write(str(process.pid))\nprocess.wait()"
    alembic_project(tmp_path, env=hang)
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match="ran for over 4 s and was ended"):
        await read_program_migrations("alembic", Workspace.at(tmp_path), "migrations", allowed=True, timeout_seconds=4)
    state = Path(f"/proc/{child.read_text()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


async def test_a_project_that_wants_too_much_memory_fails_alone(tmp_path: Path) -> None:
    alembic_project(tmp_path, env="held = bytearray(6 << 30)")
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match="MemoryError"):
        await load(tmp_path)


async def test_a_broken_env_is_an_error_with_its_own_last_lines(tmp_path: Path) -> None:
    alembic_project(tmp_path, env="import no_such_module_anywhere")
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match=r"(?s)failed:.*No module named 'no_such_module_anywhere'"):
        await load(tmp_path)


async def test_settings_that_need_a_variable_are_told_that_there_is_none(tmp_path: Path) -> None:
    alembic_project(tmp_path, env="import os\nos.environ['PASSWORD_OF_PRODUCTION']")
    revision(tmp_path, "aaa", "None", USERS)
    with pytest.raises(ProjectCodeError, match="it sees none of your environment variables"):
        await load(tmp_path)


async def test_the_projects_own_python_is_used_where_it_has_one(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS)
    write(tmp_path / ".venv/bin/python", "#!/bin/sh\necho 'the python of the project' >&2\nexit 3\n")
    (tmp_path / ".venv/bin/python").chmod(0o755)
    with pytest.raises(ProjectCodeError, match="the python of the project"):
        await load(tmp_path)


async def test_no_revision_at_all_is_said(tmp_path: Path) -> None:
    alembic_project(tmp_path)
    with pytest.raises(ProjectCodeError, match="migrations holds no Alembic revision"):
        await load(tmp_path)


async def test_what_was_read_can_be_rehearsed(tmp_path: Path, postgres: PostgresHost) -> None:
    alembic_project(tmp_path)
    revision(tmp_path, "aaa", "None", USERS, 'op.drop_table("users")')
    concurrently = 'op.create_index("users_name", "users", ["name"], postgresql_concurrently=True)'
    revision(tmp_path, "bbb", "'aaa'", f"with op.get_context().autocommit_block():\n    {concurrently}")

    async def quiet(done: float, total: float, message: str) -> None:
        return None

    outcome = await rehearse(postgres, await load(tmp_path), Options(), quiet)
    assert [step.failed for step in outcome.migrations] == [False, False]
