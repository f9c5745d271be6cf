"""Ideas for GIN and BRIN indexes."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate, IndexKey
from knowledge.query.shape_model import Asked, Condition, Key, TableUse
from knowledge.schema import Relation

BRIN_CORRELATION = 0.9
"""How far a column's order must be the table's order for its block ranges to tell anything."""
BRIN_PAGES = 1_280
"""Ten block ranges of the default 128 pages."""


def other_ideas(use: TableUse, table: Relation, figures: TableFigures) -> Iterator[Candidate]:
    """GIN for documents, arrays, texts and parts of words; BRIN for ranges along the table's order."""
    for condition in (*use.conditions, *(each for arm in use.alternatives for each in arm)):
        key = condition.key
        match condition.test:
            case Asked.JSON_CONTAINS:
                yield _gin(table, key, "jsonb_path_ops", "document", f"{condition.operator} on {key}", 76)
                yield _gin(table, key, "", "document", f"{condition.operator} on {key}", 62)
            case Asked.JSON_KEY:
                yield _gin(table, key, "", "document", f"{condition.operator} on {key}", 75)
            case Asked.ARRAY:
                yield _gin(table, key, "", "array", f"{condition.operator} on {key}", 75)
            case Asked.FULL_TEXT if not key.expression or _names_configuration(key.expression):
                yield _gin(table, key, "", "full text", f"words of {key}", 75)
            case Asked.INFIX if _has_trigram(condition):
                yield _gin(table, key, "gin_trgm_ops", "trigram", f"part of {key}", 74, "pg_trgm")
            case Asked.RANGE if _is_along(condition, figures):
                words = f"range on {key}, whose order is the table's ({figures.correlation(key.column):.2f})"
                yield Candidate(
                    table.qualified, (IndexKey(key.column),), "brin", kind="block ranges", why=words, rank=38
                )


def _gin(table: Relation, key: Key, operators: str, kind: str, why: str, rank: float, requires: str = "") -> Candidate:
    part = IndexKey(key.column, key.expression, operators)
    return Candidate(table.qualified, (part,), "gin", kind=kind, why=why, rank=rank, requires=requires)


def _names_configuration(expression: str) -> bool:
    """``to_tsvector(text)`` goes by a setting and cannot be indexed; with a configuration first it can."""
    return "," in expression


def _has_trigram(condition: Condition) -> bool:
    """Whether three characters in a row are known; of a parameter that is hoped."""
    if not condition.constants:
        return True
    return any(len(run) >= 3 for run in condition.constants[0].value.replace("_", "%").split("%"))


def _is_along(condition: Condition, figures: TableFigures) -> bool:
    column = condition.key.column
    return bool(column) and figures.pages >= BRIN_PAGES and figures.correlation(column) > BRIN_CORRELATION
