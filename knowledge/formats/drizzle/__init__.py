"""Drizzle: the schema and the queries of a blueprint, and existing schema files read as a schema."""

from knowledge.formats.drizzle.reader import read_drizzle
from knowledge.formats.drizzle.writer import write_drizzle

__all__ = ["read_drizzle", "write_drizzle"]
