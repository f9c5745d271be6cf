"""A blueprint of tables that are there already: what a schema says of them, and what a blueprint cannot say."""

from knowledge.blueprint_from_schema.design import NoResourceError, UnknownTableError, to_blueprint
from knowledge.blueprint_from_schema.notes import Note

__all__ = ["NoResourceError", "Note", "UnknownTableError", "to_blueprint"]
