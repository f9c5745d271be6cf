"""Reading SQLite scripts: statements by SQLite's own rule of where one ends, kinds by their first words.

There is no grammar here, so that ``node`` is always ``None``: what a statement means, SQLite is asked by running it.
``read`` never raises: what cannot be a statement becomes a :class:`Problem` and costs only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.formats.text_position import Lines, unreadable
from knowledge.statement import Problem, Script, Statement

META = "ShellMeta"
"""Kind of a dot-command of the ``sqlite3`` shell."""

EXCERPT = 400
_TRIGGER_WORDS = frozenset({"explain", "create", "temp", "trigger", "end"})
_TRIGGER_STATES = {
    "start": {"explain": "explain", "create": "create"},
    "explain": {"create": "create", "other": "explain"},
    "create": {"temp": "create", "trigger": "trigger"},
}
"""SQLite's own states up to CREATE TRIGGER (``sqlite3_complete``); what is not named leads to an ordinary statement."""
MAX_PROBLEMS = 1_000
"""Texts that are no statement after which the rest is not read: it is something else than SQL."""

MAX_OPEN_QUOTES = 50
"""Quotes that stay open, after which a text is given up: each costs a look at all that follows."""

SPACE = " \t\n\r\f"
"""White space of SQLite's tokenizer."""

_TOKEN = re.compile(
    r"""--[^\n]*+
    | /\*(?:[^*]++|\*(?!/))*+(?:\*/)?
    | (?P<quoted>'[^']*+' | "[^"]*+" | `[^`]*+` | \[[^\]]*+\])
    | (?P<open>['"`\[])
    | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*+)
    | (?P<end>;)
    | (?P<space>[ \t\n\r\f]++)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_FIRST = re.compile(r"[A-Za-z_]+")
_OBJECTS = frozenset({"table", "index", "view", "trigger", "virtual", "column"})
_FILLERS = frozenset({"temp", "temporary", "unique"})
_SINGLE = {
    "select": "Select", "values": "Select", "with": "With", "insert": "Insert", "replace": "Insert",
    "update": "Update", "delete": "Delete", "pragma": "Pragma", "begin": "Begin", "commit": "Commit",
    "end": "Commit", "rollback": "Rollback", "savepoint": "Savepoint", "release": "Release",
    "attach": "Attach", "detach": "Detach", "vacuum": "Vacuum", "analyze": "Analyze", "reindex": "Reindex",
    "explain": "Explain",
}  # fmt: skip


def read(text: str, path: str = "", *, line: int = 1) -> Script:
    """Read a script.

    Args:
        text: the SQL, with or without dot-commands of the shell.
        path: what to put into locations.
        line: the line of ``path`` at which ``text`` begins.
    """
    refused = unreadable(text, path, line)
    if refused:
        return Script(path, text, (), (refused,))
    lines = Lines(text, path, line)
    statements: list[Statement] = []
    problems: list[Problem] = []
    for piece in slices(text):
        sql = text[piece.begin : piece.end]
        kind = META if piece.meta else _kind(sql)
        reason = piece.fault or ("" if kind else f"no SQLite statement begins with {_first_word(sql)!r}")
        if not reason:
            statements.append(Statement(sql, lines.at(piece.begin), kind, None, piece.begin))
            continue
        problems.append(Problem(lines.at(piece.place if piece.fault else piece.begin), reason, sql[:EXCERPT]))
        if len(problems) == MAX_PROBLEMS:
            reason = f"over {MAX_PROBLEMS:,} statements cannot be read; what follows was left out"
            problems.append(Problem(lines.at(piece.end), reason))
            break
    return Script(path, text, tuple(statements), tuple(problems))


@dataclass(frozen=True)
class Slice:
    """A statement from its first to its last token; ``fault`` says why it is none, ``place`` where that shows."""

    begin: int
    end: int
    after: int
    """Where the next one may begin."""
    fault: str = ""
    place: int = 0
    meta: bool = False


def slices(text: str) -> Iterator[Slice]:
    """The statements of ``text``, and dot-commands, without semicolons and the comments around them."""
    position, patience = 0, MAX_OPEN_QUOTES
    while position < len(text):
        found = _next(text, position, patience > 0)
        if found is None:
            return
        if found.fault:
            patience -= 1
        yield found
        position = found.after


def _next(text: str, position: int, recover: bool) -> Slice | None:
    """The statement that begins at or after ``position``.

    A quote that stays open ends its statement at the next semicolon if ``recover``, else at the end of the text.
    """
    begin, end = -1, -1
    trigger = _Trigger()
    for match in _TOKEN.finditer(text, position):
        group = match.lastgroup
        if group is None or group == "space" or (begin < 0 and group == "end"):
            continue
        if begin < 0:
            begin = match.start()
            if match[0] == "." and _starts_line(text, begin):
                close = _line_end(text, begin)
                return Slice(begin, begin + len(text[begin:close].rstrip(SPACE)), close, meta=True)
        if group == "open":
            close = text.find(";", match.start()) if recover else -1
            close = len(text) if close < 0 else close
            fault = f"the quote {match[0][0]} is never closed"
            return Slice(begin, close, close + 1, fault, match.start())
        if group == "end" and trigger.may_end():
            return Slice(begin, end, match.end())
        trigger.see(group, match[0])
        end = match.end()
    if begin < 0:
        return None
    fault = "" if trigger.is_whole() else "the trigger's END is missing"
    return Slice(begin, end, len(text), fault, begin)


class _Trigger:
    """Whether a statement is CREATE TRIGGER, which only ``; END ;`` ends, as in ``sqlite3_complete``."""

    def __init__(self) -> None:
        self._state = "start"
        self._closing = self._closed = False

    def see(self, group: str, token: str) -> None:
        """Take the next token that is neither space nor comment."""
        word = token.lower() if group == "word" else ""
        self._closed = self._closing and word == "end"
        self._closing = group == "end"
        if self._state in _TRIGGER_STATES:
            kind = "temp" if word == "temporary" else word if word in _TRIGGER_WORDS else "other"
            self._state = _TRIGGER_STATES[self._state].get(kind, "normal")

    def may_end(self) -> bool:
        """Whether a semicolon here ends the statement."""
        return self._state != "trigger" or self._closed

    is_whole = may_end


def _kind(sql: str) -> str:
    """``CreateTable``, ``AlterTable``, ``Insert``... or ``""`` for what SQLite has no statement for."""
    words = _words(sql)
    first = words[0] if words else ""
    if first in ("create", "drop", "alter"):
        second = words[1] if len(words) > 1 else ""
        if second == "virtual":
            return "CreateVirtualTable"
        return first.capitalize() + second.capitalize() if second in _OBJECTS else ""
    return _SINGLE.get(first, "")


def _words(sql: str) -> list[str]:
    """The first two words, comments and fillers (TEMP, UNIQUE) left out."""
    words: list[str] = []
    for match in _TOKEN.finditer(sql):
        if match["word"]:
            word = match[0].lower()
            if not (words and word in _FILLERS):
                words.append(word)
        elif match.lastgroup is not None and match.lastgroup != "space":
            break
        if len(words) == 2:
            break
    return words


def _first_word(sql: str) -> str:
    match = _FIRST.match(sql)
    return match[0][:40] if match else sql[:1]


def _starts_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip(SPACE)


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline
