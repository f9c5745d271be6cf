"""The one query in place of many: the changing value becomes a list of values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.query_log.fingerprint import fingerprint, values_of
from knowledge.query_log.n_plus_one import Run, arguments
from knowledge.query_log.placeholders import replaced

_COMPARED = re.compile(r"(?P<column>(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)*(?:\"[^\"]+\"|\w+))\s*=\s*$")
_COMPARED_AFTER = re.compile(r"^\s*=\s*(?P<column>(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)*(?:\"[^\"]+\"|\w+))")
_OFFSET = re.compile(r"\s+offset\s+(?:\$\d+|\?|%s|0)\s*;?\s*$", re.IGNORECASE)
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


ANY = {"postgresql": "ANY ($1)", "sqlite": "(SELECT value FROM json_each($1))"}
"""A list of values as one parameter: an array, or a JSON array."""


def batched(run: Run, engine: str = "postgresql") -> Batched | None:
    """The query that answers a run at once, with the values as ``$1``; ``None`` where none is known.

    Args:
        run: the repeated query.
        engine: ``postgresql`` (``$1`` is an array) or ``sqlite`` (a JSON array; there is no LATERAL).
    """
    if run.varying < 0:
        return None
    sql = _without_offset(run)
    value = values_of(sql)[run.varying]
    before = _COMPARED.search(sql[: value.begin])
    compared = before or _COMPARED_AFTER.search(sql[value.end :])
    if compared is None:
        return None
    if before is None:  # ``? = column``: turned round, so that the list stands on the right
        sql = f"{sql[: value.begin]}{compared['column']} = {value.text}{sql[value.end + compared.end() :]}"
    column = re.sub(r"\s*\.\s*", ".", compared["column"])
    text = fingerprint(sql)
    if _PER_VALUE.search(text) or len(_ONE_LEVEL.findall(text)) != 1:
        if engine != "postgresql":
            return None
        inner = replaced(sql, run.varying, "wanted.value")
        lateral = (
            f"SELECT wanted.value, found.*\nFROM unnest($1{_array(run)}) AS wanted (value)\n"
            f"CROSS JOIN LATERAL (\n  {inner}\n) AS found"
        )
        return Batched(lateral, column, "lateral")
    return Batched(_listed(sql, run.varying, engine), column, "any")


def _listed(sql: str, varying: int, engine: str) -> str:
    many = replaced(sql, varying, ANY[engine])
    if engine == "postgresql":
        return many
    at = many.index(ANY[engine])
    return f"{many[:at].rstrip().removesuffix('=').rstrip()} IN {many[at:]}"


def _without_offset(run: Run) -> str:
    """The query without an OFFSET of 0, which Prisma writes everywhere."""
    sql = run.queries[0].sql.strip().rstrip(";")
    offset = _OFFSET.search(sql)
    if offset is None:
        return sql
    skipped = {arguments(query)[-1].strip("'") for query in run.queries}
    return sql[: offset.start()] if skipped == {"0"} else sql


def _array(run: Run) -> str:
    """The type of the array of values, as far as the values tell."""
    bare = [value.strip("'\"") for value in run.values]
    if all(re.fullmatch(r"[+-]?\d{1,18}", value) for value in bare):
        return "::bigint[]"
    if all(re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value) for value in bare):
        return "::uuid[]"
    return "::text[]"
