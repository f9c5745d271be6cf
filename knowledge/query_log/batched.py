"""The one query in place of many: the changing value becomes a list of values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.query_log.fingerprint import fingerprint, values_of
from knowledge.query_log.n_plus_one import Run
from knowledge.query_log.placeholders import replaced

_COMPARED = re.compile(r"(?P<column>(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)*(?:\"[^\"]+\"|\w+))\s*=\s*$")
_PER_VALUE = re.compile(
    r"\b(?:limit|offset|fetch|distinct|group\s+by|having|union|intersect|except|or|not)\b"
    r"|\b(?:count|sum|avg|min|max|string_agg|array_agg|json_agg|jsonb_agg|row_number|rank)\s*\("
)
"""Where this stands the answer depends on how many values are asked for at once."""
_ONE_LEVEL = re.compile(r"\bselect\b")


@dataclass(frozen=True)
class Batched:
    """One query that answers a whole run."""

    sql: str
    column: str
    """The column whose value the run changed, as the query spells it."""
    form: str
    """``any`` (one condition changed) or ``lateral`` (the query once for each value, in one statement)."""


def batched(run: Run) -> Batched | None:
    """The query that answers a run at once, with the values as the array ``$1``; ``None`` where none is known."""
    if run.varying < 0:
        return None
    sql = run.queries[0].sql.strip().rstrip(";")
    value = values_of(sql)[run.varying]
    compared = _COMPARED.search(sql[: value.begin])
    if compared is None:
        return None
    column = re.sub(r"\s*\.\s*", ".", compared["column"])
    text = fingerprint(sql)
    if _PER_VALUE.search(text) or len(_ONE_LEVEL.findall(text)) != 1:
        inner = replaced(sql, run.varying, "wanted.value")
        lateral = (
            f"SELECT wanted.value, found.*\nFROM unnest($1{_array(run)}) AS wanted (value)\n"
            f"CROSS JOIN LATERAL (\n  {inner}\n) AS found"
        )
        return Batched(lateral, column, "lateral")
    return Batched(replaced(sql, run.varying, "ANY ($1)"), column, "any")


def _array(run: Run) -> str:
    """The type of the array of values, as far as the values tell."""
    bare = [value.strip("'\"") for value in run.values]
    if all(re.fullmatch(r"[+-]?\d{1,18}", value) for value in bare):
        return "::bigint[]"
    if all(re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value) for value in bare):
        return "::uuid[]"
    return "::text[]"
