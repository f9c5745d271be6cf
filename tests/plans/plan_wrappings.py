"""The ways plans are pasted: each makes of a plan's text what a program or a person would have made of it."""

from __future__ import annotations

import json
from collections.abc import Callable

Wrap = Callable[[str], str]


def _lines(text: str) -> list[str]:
    return text.split("\n")


def aligned(text: str, *, border: int = 1, unicode: bool = False) -> str:
    """psql's table of one column; a notation of many lines is one cell."""
    lines = _lines(text)
    width = max(len(line) for line in [*lines, "QUERY PLAN"])
    one_cell = not _is_text(text)
    more = ("↵" if unicode else "+") if one_cell else " "
    bar, dash, cross = ("│", "─", "┼") if unicode else ("|", "-", "+")
    left, right = (bar + " ", bar) if border == 2 else (" " if border else "", "")
    body = [
        f"{left}{line:<{width}}{more if place < len(lines) - 1 else ' '}{right}".rstrip(" " if border < 2 else "")
        for place, line in enumerate(lines)
    ]
    rule = cross + dash * (width + 2) + cross if border == 2 else dash * (width + 2 * border)
    head = [rule] if border == 2 else []
    title = f"{left}{'QUERY PLAN':^{width}} {right}"
    foot = [rule] if border == 2 else []
    count = 1 if one_cell else len(lines)
    return "\n".join([*head, title, rule, *body, *foot, f"({count} row{'s' * (count != 1)})", "", "Time: 3.201 ms"])


def expanded(text: str) -> str:
    """psql with ``\\x``."""
    if not _is_text(text):
        first, *rest = _lines(text)
        body = [f"QUERY PLAN | {first}", *(f"           | {line}" for line in rest)]
        marked = [f"{line:<90}+" for line in body[:-1]]
        return "\n".join(["-[ RECORD 1 ]" + "-" * 60, *marked, body[-1]])
    return "\n".join(
        f"-[ RECORD {place} ]{'-' * 50}\nQUERY PLAN | {line}" for place, line in enumerate(_lines(text), 1)
    )


def quoted(text: str) -> str:
    """pgAdmin's copy of the grid: every line a cell of a CSV, or one cell of many lines."""
    doubled = text.replace('"', '""')
    if not _is_text(text):
        return f'"QUERY PLAN"\n"{doubled}"'
    return '"QUERY PLAN"\n' + "\n".join(f'"{line}"' for line in _lines(doubled))


def numbered(text: str) -> str:
    return "\n".join(f"{place:>4}  {line}" for place, line in enumerate(_lines(text), 1))


def numbered_with_colon(text: str) -> str:
    return "\n".join(f"{place}: {line}" for place, line in enumerate(_lines(text), 1))


def fenced(text: str) -> str:
    return f"Why is this slow?\n\n```sql\nSELECT a FROM b;\n```\n\nIt gives:\n\n```\n{text}\n```\n\nThank you!"


def mailed(text: str) -> str:
    return "\n".join(f"> {line}" for line in _lines(text))


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def unbreakable(text: str) -> str:
    """Copied from a web page: indentation by no-break spaces."""
    return "\n".join("\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in _lines(text))


def logged(text: str) -> str:
    """``auto_explain`` in a server's log."""
    first = "2026-01-02 03:04:05.678 UTC [77] LOG:  duration: 12.345 ms  plan:"
    body = [f"\t{line}" for line in _lines(f"Query Text: SELECT 1\n{text}" if _is_text(text) else text)]
    return "\n".join([first, *body, "2026-01-02 03:04:06.000 UTC [77] LOG:  checkpoint starting: time"])


def after_query(text: str) -> str:
    return f"shop=# EXPLAIN (ANALYZE)\nshop-# SELECT a, b\nshop-#   FROM t;\n{text}"


def rows_in_json(text: str) -> str:
    """What a driver or a web console shows of the rows."""
    if _is_text(text):
        return json.dumps([{"QUERY PLAN": line} for line in _lines(text)], indent=1)
    return json.dumps([{"QUERY PLAN": json.loads(text) if text[0] in "[{" else text}])


def string_in_json(text: str) -> str:
    return json.dumps(text)


def psycopg(text: str) -> str:
    if text[0] in "[{":
        return repr([(json.loads(text),)])
    return repr([(line,) for line in _lines(text)] if _is_text(text) else [(text,)])


def asyncpg(text: str) -> str:
    cells = _lines(text) if _is_text(text) else [text]
    return "[" + ", ".join(f"<Record QUERY PLAN={cell!r}>" for cell in cells) + "]"


def cut_at_the_edge(text: str) -> str:
    """A terminal that breaks lines at its edge, and a copy of what it shows."""
    return "\n".join(line[start : start + 80] for line in _lines(text) for start in range(0, max(1, len(line)), 80))


def _is_text(text: str) -> bool:
    return not text.startswith(("[", "{", "<", "- ", "Query Text", "Plan:"))


WRAPPINGS: dict[str, Wrap] = {
    "bare": lambda text: text,
    "psql": aligned,
    "psql border 0": lambda text: aligned(text, border=0),
    "psql border 2": lambda text: aligned(text, border=2),
    "psql unicode": lambda text: aligned(text, unicode=True),
    "psql unicode border 2": lambda text: aligned(text, border=2, unicode=True),
    "psql expanded": expanded,
    "psql unaligned": lambda text: f"QUERY PLAN\n{text}\n(1 row)",
    "quoted cells": quoted,
    "numbered": numbered,
    "numbered with colon": numbered_with_colon,
    "fenced": fenced,
    "mailed": mailed,
    "mailed psql": lambda text: mailed(aligned(text)),
    "numbered psql": lambda text: numbered(aligned(text, border=2)),
    "windows": windows,
    "unbreakable": unbreakable,
    "logged": logged,
    "after the query": after_query,
    "rows in JSON": rows_in_json,
    "string in JSON": string_in_json,
    "psycopg": psycopg,
    "asyncpg": asyncpg,
}
ONLY_TEXT: dict[str, Wrap] = {"cut at the edge": cut_at_the_edge}
