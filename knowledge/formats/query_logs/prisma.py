"""What Prisma prints: ``prisma:query ...``, or its query events as programs print them."""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.formats.query_logs.parameters import printed
from knowledge.query_log.model import LoggedQuery, QueryLog

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_QUERY = re.compile(r"(?:prisma:query|^\s*(?:Query|query):)\s*(?P<sql>.+)$")
_PARAMETERS = re.compile(r"^\s*(?:Params|params):\s*(?P<values>.+?),?$")
_DURATION = re.compile(r"^\s*(?:Duration|duration):\s*(?P<ms>[\d.]+)\s*(?:ms)?,?$")


def looks_like(text: str) -> bool:
    """Whether its beginning has Prisma's mark, or queries with their parameters and durations on lines of their own."""
    head = _COLOUR.sub("", text[:20_000])
    return "prisma:query" in head or bool(
        re.search(r"^\s*Query: .+\n\s*Params: ", head, re.M) or re.search(r"^\s*query: .+\n\s*params: ", head, re.M)
    )


def read(text: str) -> QueryLog:
    """The statements; parameters and durations where the program printed them."""
    queries: list[LoggedQuery] = []
    for number, coloured in enumerate(text.splitlines(), start=1):
        line = _COLOUR.sub("", coloured)
        if found := _QUERY.search(line):
            queries.append(LoggedQuery(_unquoted(found["sql"]), (), number))
        elif queries and (found := _PARAMETERS.match(line)):
            queries[-1] = replace(queries[-1], parameters=printed(_unquoted(found["values"])))
        elif queries and (found := _DURATION.match(line)):
            queries[-1] = replace(queries[-1], milliseconds=float(found["ms"]))
    return QueryLog("prisma", tuple(queries))


def _unquoted(text: str) -> str:
    """A value as ``console.log`` prints a property: quoted, with a comma."""
    text = text.strip().rstrip(",")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'`" else text
