"""Migrations that are programs: their SQL comes from running the project's own tool, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.foreign.process import ProjectCodeError
from backend.workspace import Workspace
from knowledge.migration import MigrationFolder

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

TITLES = {"alembic": "Alembic", "django": "Django"}


async def read_program_migrations(
    tool: str,
    workspace: Workspace,
    folder: str,
    *,
    allowed: bool,
    timeout_seconds: float = 120.0,
    host: PostgresHost | None = None,
    dialect: str = "",
) -> MigrationFolder:
    """The migrations of ``folder`` as the tool itself writes them in SQL.

    Args:
        tool: ``alembic`` or ``django``.
        workspace: where the project lies; nothing above it is searched.
        folder: relative to the workspace: the migrations, or a folder that holds the tool's own file.
        allowed: whether the project's code may run.
        timeout_seconds: after which the tool is ended.
        dialect: what Alembic writes for, where its project takes the address of its database from the environment.
        host: where Django finds the database it asks; ``None`` starts a server for this call.

    Raises:
        ProjectCodeError: the code may not run, is not there, failed, or took too long.
    """
    from backend.foreign import alembic, django

    if tool == "alembic":
        return await alembic.read(workspace, folder, allowed=allowed, timeout_seconds=timeout_seconds, dialect=dialect)
    if tool == "django":
        return await django.read(workspace, folder, allowed=allowed, timeout_seconds=timeout_seconds, host=host)
    raise ProjectCodeError(f"unknown migration tool {tool!r}; known: {', '.join(sorted(TITLES))}")


__all__ = ["ProjectCodeError", "read_program_migrations"]
