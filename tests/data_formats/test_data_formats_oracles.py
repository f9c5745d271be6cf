"""Schemas as people write them: what is read is what Prisma, drizzle-kit and SQLAlchemy themselves make of them."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from pathlib import Path
from typing import Any

from data_formats_catalog import catalogue, statements
from data_formats_node import HERE, node, run, written

from backend.engines.postgres.host import PostgresHost
from knowledge.blueprint.checks import check_blueprint
from knowledge.blueprint_from_schema import to_blueprint
from knowledge.formats.drizzle import read_drizzle
from knowledge.formats.models.reading import ReadModels
from knowledge.formats.prisma import read_prisma
from knowledge.formats.sqlalchemy_models import read_sqlalchemy
from knowledge.schema import Constraint, Index, Relation, Schema

SAMPLES = HERE / "samples"


def told(schema: Schema) -> dict[str, Any]:
    """Tables as far as a text says them: defaults and expressions only by whether there are any."""
    found: dict[str, Any] = {f"enum {name}": values for name, values in schema.enums.items()}
    for table in schema.tables:
        for part, named in _table(table).items():
            found |= {f"{part} {table.qualified}.{name}": value for name, value in named.items()}
    return found


def _table(table: Relation) -> dict[str, dict[str, Any]]:
    columns = {
        column.name: (column.type, column.nullable, bool(column.default or column.sequence), column.generated)
        for column in table.columns
    }
    constraints = {each.name: _constraint(each) for each in table.constraints if each.kind != "not_null"}
    return {
        "columns": columns,
        "constraints": constraints,
        "indexes": {each.name: _index(each) for each in table.indexes},
    }


def _constraint(constraint: Constraint) -> tuple[object, ...]:
    actions = re.findall(r"ON (?:DELETE|UPDATE) (?:SET NULL|[A-Z]+)", constraint.definition)
    return constraint.kind, constraint.columns, constraint.target, constraint.target_columns, tuple(actions)


def _index(index: Index) -> tuple[object, ...]:
    orders = re.findall(r"DESC(?: NULLS LAST)?", index.definition)
    return index.columns, index.unique, index.method, bool(index.partial), tuple(orders)


def understood(found: ReadModels) -> Schema:
    assert found.problems == ()
    blueprint, _ = to_blueprint(found.schema, [table.qualified for table in found.schema.tables])
    assert check_blueprint(blueprint) == []
    return found.schema


async def test_prisma(tmp_path: Path, postgres: PostgresHost) -> None:
    text = (SAMPLES / "blog.prisma").read_text()
    async with postgres.scratch() as scratch:
        written(tmp_path, {"prisma/schema.prisma": text})
        ddl = await run(HERE / "prisma_tools.mjs", "ddl", tmp_path, scratch=scratch)
    assert told(understood(read_prisma(text))) == told(await catalogue(postgres, [ddl]))


async def test_drizzle(tmp_path: Path, postgres: PostgresHost) -> None:
    text = (SAMPLES / "blog.ts").read_text()
    written(tmp_path, {"schema.ts": text})
    kit = node().script("drizzle-kit", "bin.cjs")
    ddl = await run(kit, "export", "--dialect", "postgresql", "--schema", "./schema.ts", folder=tmp_path)
    assert told(understood(read_drizzle(text))) == told(await catalogue(postgres, [ddl]))


async def test_sqlalchemy(postgres: PostgresHost) -> None:
    path = SAMPLES / "blog.py"
    spec = importlib.util.spec_from_file_location("data_formats_sample", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    await asyncio.to_thread(_execute, spec.loader, module)
    ddl = ["CREATE SCHEMA archive", *statements(module.Base.metadata)]
    assert told(understood(read_sqlalchemy(path.read_text()))) == told(await catalogue(postgres, ddl))


def _execute(loader: Any, module: Any) -> None:
    import sys

    sys.modules[module.__name__] = module
    loader.exec_module(module)
