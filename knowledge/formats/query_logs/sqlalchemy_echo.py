"""What SQLAlchemy prints with ``echo=True``: the statement over several lines, then its values."""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.formats.query_logs.moments import seconds
from knowledge.formats.query_logs.parameters import printed
from knowledge.query_log.model import LoggedQuery, QueryLog

_ENTRY = re.compile(r"^(?P<prefix>.{0,120}?)(?:sqlalchemy\.engine\.\S*?(?:Engine|Connection)\S*)\s*:?\s?(?P<rest>.*)$")
_VALUES = re.compile(
    r"^\[(?:raw sql|generated in|cached since|no key|caching disabled|dialect)[^\]]*\]\s*(?P<values>.*)$"
)
_BARE_VALUES = re.compile(r"^[(\[{].*[)\]}]$", re.DOTALL)
_BORDERS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
_VERBS = re.compile(r"^\s*(?:select|insert|update|delete|with|values|pragma|show|create|alter|drop|merge|set)\b", re.I)


def looks_like(text: str) -> bool:
    """Whether the name of SQLAlchemy's logger is in its beginning."""
    return "sqlalchemy.engine" in text[:20_000]


def read(text: str) -> QueryLog:
    """The statements with their values; BEGIN and COMMIT tell transactions apart."""
    queries: list[LoggedQuery] = []
    transaction = 0
    growing = False
    for number, line in enumerate(text.splitlines(), start=1):
        entry = _ENTRY.match(line)
        rest = entry["rest"] if entry else line
        if entry and rest.startswith(_BORDERS):
            transaction += 1
            growing = False
        elif entry and (values := _VALUES.match(rest) or _BARE_VALUES.match(rest)):
            if growing:
                shown = values["values"] if "values" in values.re.groupindex else rest
                queries[-1] = replace(queries[-1], parameters=printed(shown) if shown.strip() else ())
            growing = False
        elif entry and _VERBS.match(rest):
            queries.append(LoggedQuery(rest, (), number, "", str(transaction), seconds(entry["prefix"])))
            growing = True
        elif not entry and growing:
            queries[-1] = replace(queries[-1], sql=f"{queries[-1].sql}\n{line}")
    return QueryLog("sqlalchemy", tuple(queries))
