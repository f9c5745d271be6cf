"""Files that hold both ways between marker comments: dbmate and goose.

dbmate runs each section in a transaction unless its marker says ``transaction:false`` (README). It sends a section
whole (``tx.Exec(section.Up)`` in pkg/dbmate/db.go), so that PostgreSQL still puts one implicit transaction around a
``transaction:false`` section of several statements: CONCURRENTLY works there only alone (its issues 126 and 182).
Files run in the order of their names as text; one may hold several pairs of sections, which run one after another.

goose cuts a file into statements and runs them in one transaction unless the file says ``-- +goose NO TRANSACTION``
(documentation, "SQL migrations"). Its versions are numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    MigrationFormatError,
    file_name,
    is_single,
    line_of,
    natural,
    reject_duplicates,
    sql_files,
    stem,
)
from knowledge.formats.sql_lexer import bare
from knowledge.migration import Migration

_DBMATE = re.compile(r"^--\s*migrate:(up|down)\b([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_GOOSE = re.compile(r"^--\s*\+goose\s+(up|down)\b([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_PRAGMA = re.compile(r"\bpragma\b", re.IGNORECASE)
_LINE = re.compile(r"[^\n]+")
_GOOSE_ALONE = re.compile(r"^--\s*\+goose\s+no\s+transaction\b", re.MULTILINE | re.IGNORECASE)


def holds(marker: re.Pattern[str], files: Files) -> bool:
    """Whether any file carries the marker."""
    return any(marker.search(text) for text in files.values())


@dataclass(frozen=True)
class Section:
    """A stretch of a file that one marker opens; ``options`` is the rest of the marker's line."""

    begin: int
    end: int
    options: str


@dataclass(frozen=True)
class _Tool:
    name: str
    marker: re.Pattern[str]
    order: Callable[[str], Any]
    """Sort key of a file's name."""
    transactional: Callable[[str, Sequence[Section]], bool]
    """Whether the up sections of a text run in a transaction."""


def _read(files: Files, tool: _Tool) -> tuple[list[Migration], list[str]]:
    migrations, notes = [], []
    for path in sorted(sql_files(files), key=lambda path: tool.order(file_name(path))):
        text = files[path]
        ups, downs = _sections(text, tool.marker, "up"), _sections(text, tool.marker, "down")
        if not ups:
            notes.append(f"left out, without a {tool.name} up section: {path}")
            continue
        down = _joined(text, downs)
        version, _, name = stem(path).partition("_")
        migrations.append(
            Migration(
                version,
                name or version,
                _joined(text, ups),
                path,
                down=down if down.strip() else None,
                down_path=path if down.strip() else "",
                up_line=line_of(text, ups[0].begin),
                down_line=line_of(text, downs[0].begin) if downs else 1,
                transactional=tool.transactional(text, ups),
            )
        )
    reject_duplicates(migrations)
    if not migrations:
        raise MigrationFormatError(f"no file holds a {tool.name} up section")
    return migrations, notes


def _sections(text: str, marker: re.Pattern[str], way: str) -> list[Section]:
    """The sections of one way, ``up`` or ``down``, in the order of the file."""
    marks = list(marker.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    return [
        Section(min(mark.end() + 1, end), end, mark[2])
        for mark, end in zip(marks, ends, strict=True)
        if mark[1].lower() == way
    ]


def _joined(text: str, sections: Sequence[Section]) -> str:
    """The sections as one text; what lies between them leaves its empty lines, so that line numbers hold."""
    parts: list[str] = []
    for number, section in enumerate(sections):
        if number:
            parts.append(_LINE.sub("", text[sections[number - 1].end : section.begin]))
        parts.append(text[section.begin : section.end])
    return "".join(parts)


def _dbmate_transactional(text: str, ups: Sequence[Section]) -> bool:
    """False if a section refuses the transaction and PostgreSQL does not put one around it all the same.

    SQLite, which PRAGMA tells, runs the statements of a text one by one.
    """
    refusing = [text[up.begin : up.end] for up in ups if "transaction:false" in up.options.split()]
    return not refusing or any(not is_single(part) and not _PRAGMA.search(bare(part)) for part in refusing)


def _goose_transactional(text: str, _: Sequence[Section]) -> bool:
    return not _GOOSE_ALONE.search(text)


_DBMATE_TOOL = _Tool("dbmate", _DBMATE, str, _dbmate_transactional)
_GOOSE_TOOL = _Tool("goose", _GOOSE, natural, _goose_transactional)


def _by_content(paths: Collection[str]) -> bool:
    """These formats show in the files' text, not in their names."""
    return False


def read_dbmate(files: Files) -> tuple[list[Migration], list[str]]:
    """``-- migrate:up`` and ``-- migrate:down``."""
    return _read(files, _DBMATE_TOOL)


def read_goose(files: Files) -> tuple[list[Migration], list[str]]:
    """``-- +goose Up`` and ``-- +goose Down``; StatementBegin and End are plain comments to us."""
    return _read(files, _GOOSE_TOOL)


def is_dbmate(files: Files) -> bool:
    """Whether any file carries dbmate's marker."""
    return holds(_DBMATE, files)


def is_goose(files: Files) -> bool:
    """Whether any file carries goose's marker."""
    return holds(_GOOSE, files)


DBMATE = Layout("dbmate", "dbmate (-- migrate:up)", _by_content, read_dbmate)
GOOSE = Layout("goose", "goose (-- +goose Up)", _by_content, read_goose)
