"""Migration folders: recognise the tool that wrote one, and read it as one ordered list."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from knowledge.formats.migrations import drizzle, flyway, plain, prisma, sections, sqitch, up_down
from knowledge.formats.migrations.layout import Files, Layout, MigrationFormatError, guess_dialect
from knowledge.migration import Migration, MigrationFolder

LAYOUTS = (
    drizzle.LAYOUT,
    prisma.LAYOUT,
    sqitch.LAYOUT,
    flyway.LAYOUT,
    up_down.LAYOUT,
    sections.DBMATE,
    sections.GOOSE,
    plain.LAYOUT,
)
"""In the order in which they are tried: the most particular first."""

SUFFIXES = (".sql", ".json", ".toml", ".plan")
"""Endings of the files the readers look at."""

_PLACEHOLDER = re.compile(r"\$\{(\w[\w.:-]*)\}|(?:(?<![:\w])|(?<=[^:]::))(:[A-Z][A-Z0-9_]{2,})\b")
"""A cast may stand before a placeholder: ``x:::SCHEMA.type``."""


def detect(paths: Collection[str]) -> str:
    """The layout the file names show, or ``""``. dbmate and goose show only in the text: they look plain."""
    return next((layout.name for layout in LAYOUTS if layout.matches(paths)), "")


def read_migrations(
    files: Mapping[str, str],
    root: str = "",
    format: str = "",
    *,
    placeholders: Mapping[str, str] | None = None,
) -> MigrationFolder:
    """Read a folder.

    Args:
        files: relative path to text, of all files with one of :data:`SUFFIXES`.
        root: the folder's own name, for the result.
        format: the name of a layout; empty to recognise it.
        placeholders: values for ``${name}`` and ``:NAME`` in the SQL.

    Raises:
        MigrationFormatError: nothing recognisable, or the layout's own rules are broken.
    """
    layout = _layout(files, root, format)
    migrations, notes = layout.read(files)
    if not migrations:
        raise MigrationFormatError(f"{root or 'the folder'} holds no migration of the format {layout.title}")
    migrations = [_filled(migration, placeholders or {}) for migration in migrations]
    notes += _unfilled(migrations)
    dialect = layout.dialect(files)
    return MigrationFolder(root, layout.name, dialect or guess_dialect(migrations), tuple(migrations), tuple(notes))


def _layout(files: Files, root: str, format: str) -> Layout:
    known = ", ".join(layout.title for layout in LAYOUTS)
    if not any(path.lower().endswith(".sql") for path in files):
        raise MigrationFormatError(f"{root or 'the folder'} holds no .sql file; looked for {known}")
    if format:
        for layout in LAYOUTS:
            if layout.name == format:
                return layout
        names = ", ".join(layout.name for layout in LAYOUTS)
        raise MigrationFormatError(f"unknown format {format!r}; known: {names}")
    found = next(layout for layout in LAYOUTS if layout.matches(files))
    if found is plain.LAYOUT:
        if sections.is_dbmate(files):
            return sections.DBMATE
        if sections.is_goose(files):
            return sections.GOOSE
    return found


def _filled(migration: Migration, values: Mapping[str, str]) -> Migration:
    if not values:
        return migration

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2].removeprefix(":")
        return values.get(name, match[0])

    down = _PLACEHOLDER.sub(value, migration.down) if migration.down is not None else None
    return replace(migration, up=_PLACEHOLDER.sub(value, migration.up), down=down)


def _unfilled(migrations: Collection[Migration]) -> list[str]:
    names = sorted({match[0] for migration in migrations for match in _PLACEHOLDER.finditer(migration.up)})
    return [f"placeholders without a value: {', '.join(names[:8])}"] if names else []


__all__ = ["LAYOUTS", "SUFFIXES", "MigrationFormatError", "detect", "read_migrations"]
