"""Reads a pasted plan of any engine: PostgreSQL, SQLite, MongoDB."""

from __future__ import annotations

from knowledge.formats import explain, explain_mongodb, explain_sqlite
from knowledge.formats.explain import PlanSyntaxError
from knowledge.plan.model import Plan


def read(text: str) -> Plan:
    """The plan in a pasted text.

    Raises:
        PlanSyntaxError: there is none, or it cannot be read; with the line.
    """
    if explain_mongodb.looks_like(text):
        return explain_mongodb.read(text)
    if explain_sqlite.looks_like(text):
        return explain_sqlite.read_text(text)
    return explain.read(text)


__all__ = ["PlanSyntaxError", "read"]
