"""A Drizzle project of a blueprint: schema and queries without N+1, for PostgreSQL and for SQLite."""

from __future__ import annotations

from knowledge.blueprint.model import Blueprint
from knowledge.formats.drizzle.dialect import POSTGRES, SQLITE
from knowledge.formats.drizzle.query_writer import query_module
from knowledge.formats.drizzle.schema_writer import schema_text
from knowledge.formats.models.graph import models


def write_drizzle(blueprint: Blueprint) -> dict[str, str]:
    """Texts by path: ``postgres/schema.ts``, ``postgres/queries.ts``, and the same under ``sqlite``.

    The tables of the platform (outbox, idempotency keys) belong to the backend's own code and are not among them.
    """
    made = models(blueprint)
    files: dict[str, str] = {}
    for dialect in (POSTGRES, SQLITE):
        files[f"{dialect.name}/schema.ts"] = schema_text(made, dialect)
        files[f"{dialect.name}/queries.ts"] = query_module(made, dialect)
    return {path: text for path, text in files.items() if text}
