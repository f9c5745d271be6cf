"""Getting the scripts to review: from text, from a file, or from a migrations folder in its own order."""

from __future__ import annotations

from pathlib import PurePosixPath

from backend.migration_source import load_migrations
from backend.review.found import Source
from backend.workspace import Workspace, WorkspaceError
from knowledge.formats.postgres_sql import read
from knowledge.statement import Script

MAX_CHARACTERS = 16 * 1024 * 1024
OTHER_TOOLS = {
    ".prisma": "a Prisma schema",
    ".ts": "Drizzle or other TypeScript",
    ".js": "JavaScript",
    ".py": "SQLAlchemy models or a Python migration",
    ".json": "JSON",
    ".yaml": "YAML (an OpenAPI document goes to review_api)",
    ".yml": "YAML (an OpenAPI document goes to review_api)",
    ".graphql": "GraphQL (it goes to review_api)",
}


class InputError(ValueError):
    """Input that cannot be reviewed; the text says what to do instead."""


def from_text(text: str, path: str = "") -> list[Source]:
    """One script.

    Raises:
        InputError: it is too large, or nothing in it is SQL.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"the SQL has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}. Review it in parts")
    source = Source(read(text, path))
    refuse_if_not_sql([source])
    return [source]


async def from_path(workspace: Workspace, path: str) -> tuple[list[Source], list[str]]:
    """A file, or all migrations of a folder, with what the reader left out.

    Raises:
        WorkspaceError: the path is refused.
        InputError: it holds no SQL that can be reviewed.
    """
    real = workspace.existing(path)
    if real.is_dir():
        return await _folder(workspace, path)
    kind = OTHER_TOOLS.get(real.suffix.lower())
    if kind is not None:
        raise InputError(
            f"{path} looks like {kind}; review_schema reads SQL files and migration folders. Give the SQL it generates"
        )
    return from_text(workspace.read_text(path), workspace.relative(real)), []


async def _folder(workspace: Workspace, path: str) -> tuple[list[Source], list[str]]:
    try:
        folder = await load_migrations(workspace, path)
    except WorkspaceError:
        raise
    except ValueError as error:  # an unknown layout, or one that only the project's own code can read
        raise InputError(f"{path}: {error}") from None
    if folder.dialect != "postgresql":
        raise InputError(f"{path} holds {folder.dialect} migrations; use migrate_backend to rehearse those")
    top = PurePosixPath(workspace.relative(workspace.existing(path)))
    sources = [
        Source(read(step.up, str(top / step.path), line=step.up_line), step.transactional, step.up_line)
        for step in folder.migrations
    ]
    if not any(source.script.statements or source.script.problems for source in sources):
        raise InputError(f"{path} holds no SQL statement; name a folder with migrations or a file")
    refuse_if_not_sql(sources)
    return sources, list(folder.notes)


def refuse_if_not_sql(sources: list[Source]) -> None:
    """Refuse input in which not one statement can be read.

    Raises:
        InputError: nothing can be read, or there is nothing.
    """
    scripts: list[Script] = [source.script for source in sources]
    if any(script.statements for script in scripts):
        return
    problem = next((problem for script in scripts for problem in script.problems), None)
    if problem is None:
        raise InputError("there is no SQL statement in the input; give CREATE, ALTER or other statements")
    raise InputError(f"this is not SQL that PostgreSQL can read: line {problem.location.line}: {problem.message}")


__all__ = ["InputError", "WorkspaceError", "from_path", "from_text", "refuse_if_not_sql"]
