"""A Prisma project of a blueprint: the schema, what it cannot say as SQL, and queries without N+1."""

from __future__ import annotations

from knowledge.blueprint.model import Blueprint
from knowledge.formats.models.graph import models
from knowledge.formats.prisma.query_writer import query_module
from knowledge.formats.prisma.schema_writer import constraints_sql, schema_text

SCHEMA = "prisma/schema.prisma"
CONSTRAINTS = "prisma/constraints.sql"
QUERIES = "src/queries.ts"


def write_prisma(blueprint: Blueprint) -> dict[str, str]:
    """Texts by path: the schema (PostgreSQL), the CHECK constraints for a migration, the query module.

    The tables of the platform (outbox, idempotency keys) belong to the backend's own code and are not among them.
    """
    made = models(blueprint)
    files = {
        SCHEMA: schema_text(blueprint, made),
        CONSTRAINTS: constraints_sql(made),
        QUERIES: query_module(made),
    }
    return {path: text for path, text in files.items() if text}
