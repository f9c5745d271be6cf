"""The share of a table's rows that an index holds."""

from __future__ import annotations

from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate
from knowledge.query.shape_model import QueryShape


def partial_share(candidate: Candidate, shape: QueryShape, figures: TableFigures) -> float:
    """The share of rows that the predicate of a candidate keeps; 1 where it has none."""
    if not candidate.predicate:
        return 1.0
    by_text = {condition.sql: condition for use in shape.of(candidate.table) for condition in use.conditions}
    share = 1.0
    for condition in by_text.values():
        if condition.sql and condition.sql in candidate.predicate:
            share *= figures.share(condition)
    return share
