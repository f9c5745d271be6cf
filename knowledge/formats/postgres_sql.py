"""Reading PostgreSQL SQL with PostgreSQL's own grammar (libpg_query 18), positions included.

``read`` never raises: what cannot be read becomes a :class:`Problem` and costs only itself.
"""

from __future__ import annotations

import re
from dataclasses import replace

import postgast
from google.protobuf.message import DecodeError

from knowledge.formats.postgres_kinds import kind_by_words
from knowledge.formats.sql_depth import MAX_DEPTH, too_deep
from knowledge.formats.sql_lexer import SPACE, skip_space
from knowledge.formats.sql_pieces import Piece, pieces
from knowledge.formats.text_position import Lines, unreadable
from knowledge.statement import Problem, Script, Statement

EXCERPT = 400
"""Characters of unreadable SQL that a problem quotes."""

MAX_PROBLEMS = 1_000
"""Broken statements after which the rest of a script is not read: it is something else than SQL."""

MAX_NAMED = 8
"""Psql variables that a problem names."""

_PSQL = re.compile(r"^[ \t]*\\|\bfrom\s+stdin\b", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r"(?<![:\w]):(['\"]?)([A-Za-z_]\w*)\1(?!:)")


def read(text: str, path: str = "", *, line: int = 1) -> Script:
    """Read a script.

    Args:
        text: the SQL, psql commands and COPY data included.
        path: what to put into locations.
        line: the line of ``path`` at which ``text`` begins.
    """
    refused = unreadable(text, path, line)
    if refused:
        return Script(path, text, (), (refused,))
    lines = Lines(text, path, line)
    deep = too_deep(text)
    if not deep and not _is_for_psql(text):
        whole = _parse(text, Piece("sql", 0, len(text)), lines)
        if isinstance(whole, list):
            return Script(path, text, tuple(whole))
    return _read_pieces(text, path, lines, deep)


def _is_for_psql(text: str) -> bool:
    """Whether a psql command or COPY data may be in the text; the first look is a plain search."""
    return ("\\" in text or "stdin" in text.lower()) and _PSQL.search(text) is not None


def _read_pieces(text: str, path: str, lines: Lines, deep: bool) -> Script:
    """Statement by statement, so that a broken one costs only itself."""
    statements: list[Statement] = []
    problems: list[Problem] = []
    for piece in pieces(text):
        content = text[piece.start : piece.end]
        if piece.kind == "copy":
            if statements:
                statements[-1] = replace(statements[-1], copy_data=content)
        elif piece.kind == "meta":
            statements.append(Statement(content.rstrip(), lines.at(piece.start), "PsqlMeta", None, piece.start))
        else:
            content = text[piece.start : piece.end]
            parsed = None if deep and too_deep(content) else _parse(text, piece, lines)
            if parsed is None:
                parsed = _without_tree(content, piece, lines)
            if isinstance(parsed, Problem):
                problems.append(parsed)
                if len(problems) == MAX_PROBLEMS:
                    reason = f"over {MAX_PROBLEMS:,} statements cannot be read; what follows was left out"
                    problems.append(Problem(lines.at(piece.end), reason))
                    break
            else:
                statements.extend(parsed)
    return Script(path, text, tuple(statements), tuple(problems))


def _parse(text: str, piece: Piece, lines: Lines) -> list[Statement] | Problem | None:
    """The statements of one slice that the grammar can bear, ``None`` where their trees cannot be decoded.

    protobuf decodes at most 100 nested messages, which is some 45 operators; the SQL itself may be fine.
    """
    content = text[piece.start : piece.end]
    try:
        tree = postgast.parse(content)
    except postgast.PgQueryError as error:
        return _problem(error, content, piece, lines)
    except DecodeError:
        return None
    position = _Characters(content)
    found = []
    for raw in tree.stmts:
        which = raw.stmt.WhichOneof("node")
        if which is None:
            continue
        node = getattr(raw.stmt, which)
        start = position(raw.stmt_location)
        end = position(raw.stmt_location + raw.stmt_len) if raw.stmt_len else len(content)
        begin = skip_space(content, start)
        first_byte = raw.stmt_location + len(content[start:begin].encode())
        begin, end = piece.start + begin, piece.start + end
        kind = node.DESCRIPTOR.name
        found.append(Statement(text[begin:end].rstrip(SPACE), lines.at(begin), kind, node, begin, first_byte))
    return found


def _without_tree(content: str, piece: Piece, lines: Lines) -> list[Statement] | Problem:
    """A statement known by its first words alone."""
    kind = kind_by_words(content)
    if not kind:
        reason = f"nested too deeply to be read (over {MAX_DEPTH:,} levels, or over 45 in an unusual statement)"
        return Problem(lines.at(piece.start), reason, content[:EXCERPT])
    begin = skip_space(content, 0)
    start = piece.start + begin
    return [Statement(content[begin:].rstrip(SPACE), lines.at(start), kind, None, start)]


def _problem(error: postgast.PgQueryError, content: str, piece: Piece, lines: Lines) -> Problem:
    offset = min(_Characters(content)(max(error.cursorpos - 1, 0)), len(content))
    message = error.message
    if len(message) > EXCERPT:  # an unclosed quote is repeated whole
        message = message[:EXCERPT] + "..."
    if content.startswith(":", offset):
        names = list(dict.fromkeys(match[0] for match in _VARIABLE.finditer(content, offset)))
        if names:
            message += f"; psql variables need values, give them as placeholders: {', '.join(names[:MAX_NAMED])}"
    return Problem(lines.at(piece.start + offset), message, content[:EXCERPT])


class _Characters:
    """Byte offsets of UTF-8 text as character offsets; asked in ascending order it costs one pass."""

    def __init__(self, text: str) -> None:
        self._raw = b"" if text.isascii() else text.encode()
        self._byte = self._character = 0

    def __call__(self, offset: int) -> int:
        if not self._raw:
            return offset
        if offset < self._byte:
            self._byte = self._character = 0
        self._character += len(self._raw[self._byte : offset].decode(errors="ignore"))
        self._byte = offset
        return self._character
