"""Prisma: the schema and the queries of a blueprint, and existing schemas read as a schema."""

from knowledge.formats.prisma.reader import read_prisma
from knowledge.formats.prisma.writer import write_prisma

__all__ = ["read_prisma", "write_prisma"]
