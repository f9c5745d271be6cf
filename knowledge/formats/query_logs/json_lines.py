"""One JSON object a line with a query in it, whoever wrote it; PostgreSQL's jsonlog among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from knowledge.formats.query_logs.moments import seconds
from knowledge.formats.query_logs.parameters import numbered, printed
from knowledge.formats.query_logs.postgres import SAID
from knowledge.query_log.model import LoggedQuery, QueryLog

QUERY = ("sql", "query", "statement", "db.statement", "db.query.text")
PARAMETERS = ("params", "parameters", "bindings", "args", "values", "db.query.parameters")
DURATION = ("duration_ms", "durationMs", "duration", "elapsed_ms", "ms", "time_ms")
SESSION = ("session", "session_id", "pid", "connection", "connection_id", "trace_id", "traceId", "request_id")
TRANSACTION = ("transaction", "transaction_id", "txid", "vxid")
MOMENT = ("timestamp", "time", "ts", "@timestamp", "at")
MOST_PROBLEMS = 20


def looks_like(text: str) -> bool:
    """Whether its first lines are JSON objects with a query."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:5]
    objects = [found for line in lines if (found := _object(line)) is not None]
    return bool(objects) and any(_query(found, 0) is not None for found in objects)


def read(text: str) -> QueryLog:
    """The statements; lines without one are passed over, lines that are no JSON are told."""
    queries: list[LoggedQuery] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _object(line)
        if found is None:
            problems.append(f"line {number} is no JSON object")
        elif (query := _query(found, number)) is not None:
            queries.append(query)
    return QueryLog("json", tuple(queries), tuple(problems[:MOST_PROBLEMS]))


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _query(found: Mapping[str, Any], line: int) -> LoggedQuery | None:
    session, transaction = _first(found, SESSION), _first(found, TRANSACTION)
    moment = _first(found, MOMENT)
    at = float(moment) if isinstance(moment, int | float) else seconds(str(moment or ""))
    message = found.get("message")
    sql, duration = _first(found, QUERY), _first(found, DURATION)
    parameters = _parameters(_first(found, PARAMETERS))
    if "error_severity" in found and isinstance(message, str):  # jsonlog of PostgreSQL (manual, 19.8.2)
        said = SAID.match(message)
        if said is None or said["sql"] is None or said["kind"].startswith(("parse", "bind")):
            return None
        sql, duration = said["sql"], said["duration"]
        parameters = numbered(str(found.get("detail", "")))
    if not isinstance(sql, str) or not sql.strip():
        return None
    return LoggedQuery(sql, parameters, line, str(session or ""), str(transaction or ""), at, _number(duration))


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((found[name] for name in names if name in found), None)


def _parameters(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return printed(value if isinstance(value, str) else json.dumps(value))


def _number(value: Any) -> float | None:
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None
