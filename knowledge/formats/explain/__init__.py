"""Reads the output of PostgreSQL's ``EXPLAIN``, as people paste it."""

from __future__ import annotations

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.reading import read

__all__ = ["PlanSyntaxError", "read"]
