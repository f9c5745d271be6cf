"""The schema of what a project has: SQL that is run, or models that are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from backend.engines.lab.lab import open_lab
from backend.plans.ground import ddl_of, declared_ground
from knowledge.formats.models.reading import ReadModels
from knowledge.schema import Schema
from tools.spec import ToolError
from tools.toolbox import Toolbox


async def schema_at(path: str, toolbox: Toolbox) -> Schema:
    """The tables of a SQL file, a migrations folder, or a file of Prisma, Drizzle, SQLAlchemy or MongoDB models.

    Raises:
        WorkspaceError: it cannot be read.
        LabError: the SQL fails, with its line.
        ToolError: it holds no table.
    """
    read = reader_of(path, toolbox)
    if read is None:
        ddl = await ddl_of(toolbox.workspace, path)
        ground = declared_ground(ddl, [], today=toolbox.clock().date())
        async with open_lab(toolbox.postgres, ddl, ground.statistics) as lab:
            schema = lab.schema
        if not schema.tables:
            raise ToolError(f"{path} makes no table to design on")
        return schema
    found = read(toolbox.workspace.read_text(path), path)
    if not found.schema.tables:
        told = "; ".join(f"line {each.location.line}: {each.message}" for each in found.problems[:3])
        raise ToolError(f"{path} holds no table that can be read{f': {told}' if told else ''}")
    return found.schema


def holds_collections(text: str) -> bool:
    """Whether a text is a script or an export of MongoDB's collections."""
    return "createCollection" in text or "$jsonSchema" in text


def reader_of(path: str, toolbox: Toolbox) -> Callable[[str, str], ReadModels] | None:
    """The reader of a file of models, by its name; ``None`` for SQL."""
    if toolbox.workspace.existing(path).is_dir():
        return None
    suffix = PurePosixPath(path).suffix
    if suffix == ".prisma":
        from knowledge.formats.prisma.reader import read_prisma

        return read_prisma
    if suffix in (".js", ".mjs", ".json") and holds_collections(toolbox.workspace.read_text(path)):
        from knowledge.formats.mongodb.reader import read_mongodb

        return read_mongodb
    if suffix in (".ts", ".mts", ".js", ".mjs"):
        from knowledge.formats.drizzle.reader import read_drizzle

        return read_drizzle
    if suffix == ".py":
        from knowledge.formats.sqlalchemy_models.reader import read_sqlalchemy

        return read_sqlalchemy
    return None
