"""Reads a plan from whatever was pasted."""

from __future__ import annotations

from knowledge.formats.explain import json_notation
from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_CHARACTERS
from knowledge.formats.explain.source import lines_of
from knowledge.formats.explain.structured import documents_in, plan_of
from knowledge.formats.explain.text_head import is_head
from knowledge.formats.explain.text_notation import read_text
from knowledge.plan.model import Plan


def read(text: str) -> Plan:
    """The plan in a pasted text, in any notation of ``EXPLAIN`` of PostgreSQL 9.6 to 18.

    Raises:
        PlanSyntaxError: there is no plan in it, or its tree cannot be told; with the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlanSyntaxError(f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", 1)
    if text.lstrip().startswith(("[", "{")):
        value = json_notation.parse(text)
        for document in documents_in(value):
            return plan_of(document, "json", json_notation.node_lines(text))
    lines = lines_of(text)
    for place, line in enumerate(lines):
        if line.content and is_head(line.content):
            return read_text(lines[place:])
    raise PlanSyntaxError("there is no plan in it", 1)
