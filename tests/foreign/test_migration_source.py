"""Which folders hold programs, and which are read as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.foreign import ProjectCodeError
from backend.migration_source import load_migrations, program_tool
from backend.workspace import Workspace, WorkspaceError
from knowledge.formats.migrations import MigrationFormatError


def make(root: Path, *names: str) -> Workspace:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("SELECT 1;" if name.endswith(".sql") else "")
    return Workspace.at(root)


@pytest.mark.parametrize(
    ("names", "tool"),
    [
        (["env.py", "versions/1.py"], "alembic"),
        (["alembic.ini"], "alembic"),
        (["manage.py"], "django"),
        (["__init__.py", "0001_initial.py"], "django"),
        (["0001_initial.py"], ""),
        (["versions/1.py"], ""),
        (["1_a.sql", "env.py", "versions/1.py", "manage.py"], ""),
        (["1_a/migration.sql", "manage.py"], ""),
        ([], ""),
    ],
)
def test_programs_are_told_by_the_files_of_their_tool(tmp_path: Path, names: list[str], tool: str) -> None:
    workspace = make(tmp_path, *(f"db/{name}" for name in names), "other.txt")
    (tmp_path / "db").mkdir(exist_ok=True)
    assert program_tool(tmp_path / "db", workspace) == tool


async def test_sql_beside_programs_is_read_without_running_anything(tmp_path: Path) -> None:
    folder = await load_migrations(make(tmp_path, "db/1_a.sql", "db/manage.py"), "db")
    assert (folder.root, folder.format) == ("db", "plain")


async def test_a_named_tool_is_asked_even_where_sql_lies_beside_it(tmp_path: Path) -> None:
    workspace = make(tmp_path, "db/1_a.sql", "db/alembic.ini")
    with pytest.raises(ProjectCodeError, match="allow_project_code=true"):
        await load_migrations(workspace, "db", format="alembic")


async def test_placeholders_reach_the_files(tmp_path: Path) -> None:
    workspace = make(tmp_path, "db/1_a.sql")
    (tmp_path / "db/1_a.sql").write_text("SELECT ${x};")
    folder = await load_migrations(workspace, "db", placeholders={"x": "7"})
    assert folder.migrations[0].up == "SELECT 7;"


async def test_folders_that_are_missing_outside_or_empty_are_refused(tmp_path: Path) -> None:
    workspace = make(tmp_path, "empty/readme.txt")
    with pytest.raises(WorkspaceError, match="nowhere does not exist"):
        await load_migrations(workspace, "nowhere")
    with pytest.raises(WorkspaceError, match="outside the workspace"):
        await load_migrations(workspace, "..")
    with pytest.raises(MigrationFormatError, match=r"empty holds no \.sql file"):
        await load_migrations(workspace, "empty")
