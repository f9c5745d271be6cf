"""Files that hold both ways between marker comments: dbmate and goose.

dbmate runs each section in a transaction unless its marker says ``transaction:false`` (README). goose does so
unless the file says ``-- +goose NO TRANSACTION`` (documentation, "SQL migrations").
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    MigrationFormatError,
    file_name,
    line_of,
    natural,
    reject_duplicates,
    sql_files,
    stem,
)
from knowledge.migration import Migration

_DBMATE = re.compile(r"^--\s*migrate:(up|down)\b([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_GOOSE = re.compile(r"^--\s*\+goose\s+(up|down)\b([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_GOOSE_ALONE = re.compile(r"^--\s*\+goose\s+no\s+transaction\b", re.MULTILINE | re.IGNORECASE)


def holds(marker: re.Pattern[str], files: Files) -> bool:
    """Whether any file carries the marker."""
    return any(marker.search(text) for text in files.values())


def _read(files: Files, marker: re.Pattern[str], tool: str) -> tuple[list[Migration], list[str]]:
    migrations, notes = [], []
    for path in sorted(sql_files(files), key=lambda path: natural(file_name(path))):
        text = files[path]
        parts = _sections(text, marker)
        if "up" not in parts:
            notes.append(f"left out, without a {tool} up section: {path}")
            continue
        up, up_line, options = parts["up"]
        down, down_line, _ = parts.get("down", ("", 1, ""))
        alone = "transaction:false" in options.replace(" ", "") or bool(_GOOSE_ALONE.search(text))
        version, _, name = stem(path).partition("_")
        migrations.append(
            Migration(
                version,
                name or version,
                up,
                path,
                down=down if down.strip() else None,
                down_path=path if down.strip() else "",
                up_line=up_line,
                down_line=down_line,
                transactional=not alone,
            )
        )
    reject_duplicates(migrations)
    if not migrations:
        raise MigrationFormatError(f"no file holds a {tool} up section")
    return migrations, notes


def _sections(text: str, marker: re.Pattern[str]) -> dict[str, tuple[str, int, str]]:
    """Text, first line and options of each section, by ``up`` and ``down``."""
    found: dict[str, tuple[str, int, str]] = {}
    marks = list(marker.finditer(text))
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        begin = min(mark.end() + 1, end)
        found.setdefault(mark[1].lower(), (text[begin:end], line_of(text, begin), mark[2]))
    return found


def _by_content(paths: Collection[str]) -> bool:
    """These formats show in the files' text, not in their names."""
    return False


def read_dbmate(files: Files) -> tuple[list[Migration], list[str]]:
    """``-- migrate:up`` and ``-- migrate:down``."""
    return _read(files, _DBMATE, "dbmate")


def read_goose(files: Files) -> tuple[list[Migration], list[str]]:
    """``-- +goose Up`` and ``-- +goose Down``; StatementBegin and End are plain comments to us."""
    return _read(files, _GOOSE, "goose")


def is_dbmate(files: Files) -> bool:
    """Whether any file carries dbmate's marker."""
    return holds(_DBMATE, files)


def is_goose(files: Files) -> bool:
    """Whether any file carries goose's marker."""
    return holds(_GOOSE, files)


DBMATE = Layout("dbmate", "dbmate (-- migrate:up)", _by_content, read_dbmate)
GOOSE = Layout("goose", "goose (-- +goose Up)", _by_content, read_goose)
