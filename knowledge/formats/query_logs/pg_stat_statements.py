"""An export of ``pg_stat_statements``: CSV with a header, or JSON rows (manual, F.32)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from knowledge.query_log.model import LoggedQuery, QueryLog

TOTALS = ("total_exec_time", "total_time")
"""The second is its name before PostgreSQL 13."""


def looks_like(text: str) -> bool:
    """Whether it names the columns ``query`` and ``calls``."""
    head = text.lstrip("\ufeff \n\r\t")[:5_000]
    if head.startswith(("[", "{")):
        return '"calls"' in head and '"query"' in head
    columns = [name.strip().strip('"').lower() for name in head.split("\n", 1)[0].replace("\t", ",").split(",")]
    return "query" in columns and "calls" in columns


def read(text: str) -> QueryLog:
    """The statements with how often they ran and their mean time; ``$1`` stands for every value."""
    queries: list[LoggedQuery] = []
    problems: list[str] = []
    for number, row in enumerate(_rows(text, problems), start=1):
        query = row.get("query")
        if not isinstance(query, str) or not query.strip():
            continue
        calls = int(_number(row.get("calls")) or 1)
        total = next((found for name in TOTALS if (found := _number(row.get(name))) is not None), None)
        mean = _number(row.get("mean_exec_time", row.get("mean_time")))
        if mean is None and total is not None:
            mean = total / max(calls, 1)
        queries.append(LoggedQuery(query.strip(), (), number, milliseconds=mean, calls=max(calls, 1)))
    return QueryLog("pg_stat_statements", tuple(queries), tuple(problems))


def _rows(text: str, problems: list[str]) -> Iterable[Mapping[str, Any]]:
    text = text.lstrip("\ufeff \n\r\t")
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            problems.append(f"the JSON ends in the middle: {error}")
            return []
        return [row for row in found if isinstance(row, dict)]
    if text.startswith("{"):
        return _objects(text, problems)
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        return [{str(name).strip().lower(): value for name, value in row.items()} for row in reader]
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
        return []


def _objects(text: str, problems: list[str]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            problems.append(f"line {number} is no JSON object")
            continue
        if isinstance(found, dict):
            rows.append(found)
    return rows


def _number(value: Any) -> float | None:
    try:
        return float(value) if value is not None and value != "" else None
    except (TypeError, ValueError):
        return None
