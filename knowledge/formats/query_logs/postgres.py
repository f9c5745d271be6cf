"""PostgreSQL's own log: stderr with any prefix, or jsonlog (manual, 19.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.formats.query_logs.moments import seconds
from knowledge.formats.query_logs.parameters import numbered
from knowledge.query_log.model import LoggedQuery, QueryLog

_ENTRY = re.compile(r"^(?P<prefix>.{0,300}?)\b(?P<level>LOG|DETAIL|ERROR|STATEMENT|HINT|CONTEXT|FATAL|WARNING):\s{1,2}")
SAID = re.compile(
    r"^(?:duration: (?P<duration>[\d.]+) ms\s*)?"
    r"(?:(?P<kind>statement|execute [^:]*|parse [^:]*|bind [^:]*): (?P<sql>.*))?$",
    re.DOTALL,
)
_PARAMETERS = re.compile(r"^(?:parameters|Parameters): (.*)$", re.DOTALL)
_SESSION = re.compile(r"\[(\d+)(?:-\d+)?\]|\b([0-9a-f]{8,}\.[0-9a-f]+)\b|\bpid=(\d+)")


def looks_like(text: str) -> bool:
    """Whether its beginning has the entries of such a log."""
    return re.search(r"^.{0,300}?LOG:\s{1,2}(?:duration:|statement:|execute )", text[:20_000], re.M) is not None


def read(text: str) -> QueryLog:
    """The statements, with their durations, parameters and sessions."""
    queries: list[LoggedQuery] = []
    newest = False
    for line, prefix, level, message in _entries(text):
        session = _session(prefix)
        if level == "LOG":
            newest = _add(queries, message, line, session, seconds(prefix))
        elif level == "DETAIL" and newest and (given := _PARAMETERS.match(message)):
            queries[-1] = replace(queries[-1], parameters=numbered(given[1]))
    return QueryLog("postgres", tuple(queries))


def _add(queries: list[LoggedQuery], message: str, line: int, session: str, at: float | None) -> bool:
    """Take in an entry; whether it was the execution of a statement, whose details may follow."""
    said = SAID.match(message)
    if said is None:
        return False
    duration = float(said["duration"]) if said["duration"] else None
    if said["sql"] is None:
        # log_statement says the query first and its duration in an entry of its own
        if duration is not None and queries and queries[-1].session == session and queries[-1].milliseconds is None:
            queries[-1] = replace(queries[-1], milliseconds=duration)
        return False
    if said["kind"].startswith(("parse", "bind")):
        return False
    queries.append(LoggedQuery(said["sql"].strip(), (), line, session, "", at, duration))
    return True


def _entries(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Line, prefix, level and whole message of each entry; lines that begin with a tab go on with it."""
    open_entry: tuple[int, str, str, list[str]] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        found = _ENTRY.match(line) if not line.startswith("\t") else None
        if found is not None:
            if open_entry:
                yield (*open_entry[:3], "\n".join(open_entry[3]))
            open_entry = (number, found["prefix"], found["level"], [line[found.end() :]])
        elif open_entry:
            open_entry[3].append(line.removeprefix("\t"))
    if open_entry:
        yield (*open_entry[:3], "\n".join(open_entry[3]))


def _session(prefix: str) -> str:
    found = _SESSION.search(prefix)
    return next(filter(None, found.groups()), "") if found else ""
