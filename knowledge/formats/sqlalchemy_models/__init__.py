"""SQLAlchemy 2: typed models and queries of a blueprint, and existing models read as a schema."""

from knowledge.formats.sqlalchemy_models.reader import read_sqlalchemy
from knowledge.formats.sqlalchemy_models.writer import write_sqlalchemy

__all__ = ["read_sqlalchemy", "write_sqlalchemy"]
