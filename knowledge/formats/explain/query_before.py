"""The query that stands before a pasted plan."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.formats.explain.source import Line

_PROMPT = re.compile(r"\s*[\w.@:/-]*[=\-'\"(*^!$][#>] ?")
_EXPLAIN = re.compile(r"\s*EXPLAIN\s*(?:\([^)]*\)|(?:ANALYZE|ANALYSE|VERBOSE)\b|\s)*", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:EXPLAIN|SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|TABLE|VALUES|EXECUTE|CREATE|DECLARE)\b", re.IGNORECASE
)
_LABEL = re.compile(r"\s*Query Text: ?")


def query_in(lines: Sequence[Line]) -> str:
    """The statement in the lines before a plan, without ``EXPLAIN``; ``""`` where there is none."""
    found: list[str] = []
    for line in lines:
        text = _PROMPT.sub("", line.text, count=1) if _PROMPT.match(line.text) else line.text
        labelled = _LABEL.match(text)
        if labelled:
            found = [text[labelled.end() :]]
        elif found or _STATEMENT.match(text):
            found.append(text)
    query = "\n".join(found).strip()
    return _EXPLAIN.sub("", query, count=1).strip().removesuffix(";").strip()
