"""Loading the migrations of a folder in the workspace, whichever tool wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from backend.workspace import Workspace
from knowledge.formats.migrations import SUFFIXES, read_migrations
from knowledge.migration import MigrationFolder

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

PROJECT_CODE = {"alembic": ("env.py", "alembic.ini"), "django": ("manage.py",)}
"""Files that show a tool whose migrations are programs: their SQL comes from running the tool."""


async def load_migrations(
    workspace: Workspace,
    folder: str,
    *,
    format: str = "",
    placeholders: Mapping[str, str] | None = None,
    allow_project_code: bool = False,
    host: PostgresHost | None = None,
    dialect: str = "",
) -> MigrationFolder:
    """The migrations of ``folder``.

    Args:
        workspace: where the folder lies.
        folder: its path, relative to the workspace.
        format: a layout's name, ``alembic`` or ``django``; empty to recognise it.
        placeholders: values for placeholders in the SQL.
        allow_project_code: whether the project's own migration tool may be run (Alembic, Django).
        dialect: the target's, for Alembic projects that take the address of their database from the environment.
        host: where Django finds the database its own tool asks; ``None`` starts a server for this call.

    Raises:
        WorkspaceError: the folder or a file in it is refused.
        MigrationFormatError: it cannot be read as migrations.
        ProjectCodeError: the project's code would have to run and may not, or failed.
    """
    top = workspace.existing(folder)
    tool = format if format in PROJECT_CODE else "" if format else program_tool(top, workspace)
    if tool:
        from backend.foreign import read_program_migrations

        return await read_program_migrations(
            tool, workspace, folder, allowed=allow_project_code, host=host, dialect=dialect
        )
    files = workspace.files_under(folder, SUFFIXES)
    return read_migrations(files, folder, format, placeholders=placeholders)


def program_tool(top: Path, workspace: Workspace) -> str:
    """``alembic`` or ``django`` where the folder's migrations are Python programs, else ``""``."""
    if any(top.glob("*.sql")) or any(top.glob("*/migration.sql")):
        return ""
    if (top / "versions").is_dir() and (top / "env.py").is_file():
        return "alembic"
    if (top / "alembic.ini").is_file():
        return "alembic"
    if (top / "manage.py").is_file():
        return "django"
    numbered = list(top.glob("0*.py"))
    if numbered and (top / "__init__.py").is_file() and top != workspace.root:
        return "django"
    return ""
