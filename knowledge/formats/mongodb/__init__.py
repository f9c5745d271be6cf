"""MongoDB: validators, indexes and decisions of a blueprint, and existing validators read as a schema."""

from knowledge.formats.mongodb.reader import read_mongodb
from knowledge.formats.mongodb.writer import write_mongodb

__all__ = ["read_mongodb", "write_mongodb"]
