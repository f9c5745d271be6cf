"""What Drizzle's default logger prints: ``Query: select ... -- params: [5]``."""

from __future__ import annotations

import re

from knowledge.formats.query_logs.parameters import printed
from knowledge.query_log.model import LoggedQuery, QueryLog

_LINE = re.compile(r"^.{0,100}?Query:\s(?P<sql>.+?)(?:\s--\sparams:\s(?P<values>\[.*\]))?\s*$")


def looks_like(text: str) -> bool:
    """Whether its beginning has a query with its parameters as Drizzle writes them."""
    return re.search(r"Query:\s.+\s--\sparams:\s\[", text[:20_000]) is not None


def read(text: str) -> QueryLog:
    """The statements with their parameters."""
    queries = [
        LoggedQuery(found["sql"], printed(found["values"]) if found["values"] else (), number)
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := _LINE.match(line))
    ]
    return QueryLog("drizzle", tuple(queries))
