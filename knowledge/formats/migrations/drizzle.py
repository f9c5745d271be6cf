"""Drizzle Kit: ``meta/_journal.json`` gives the order; ``--> statement-breakpoint`` parts the statements.

All pending migrations run in one transaction (drizzle-orm, ``dialect.migrate``). Newer versions keep one folder
a migration with ``migration.sql`` and ``snapshot.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    MigrationFormatError,
    file_name,
    folder_of,
    known_dialect,
    natural,
    reject_duplicates,
    unique_version,
)
from knowledge.migration import Migration

_DIALECT = re.compile(r'"dialect"\s*:\s*"(\w+)"')


def matches(paths: Collection[str]) -> bool:
    """A journal, or folders that hold a snapshot beside their migration."""
    names = {file_name(path) for path in paths}
    return "_journal.json" in names or {"migration.sql", "snapshot.json"} <= names


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """The journal's entries in order, or the folders by name.

    Raises:
        MigrationFormatError: the journal is not JSON of the known shape, or names a file that does not exist.
    """
    journal = next((path for path in files if file_name(path) == "_journal.json"), "")
    if not journal:
        paths = sorted((path for path in files if file_name(path) == "migration.sql"), key=natural)
        named = [(file_name(folder_of(path)), path) for path in paths]
    else:
        top = folder_of(folder_of(journal))
        named = [(tag, f"{top}/{tag}.sql" if top else f"{tag}.sql") for tag in _tags(files[journal], journal)]
    migrations: list[Migration] = []
    for tag, path in named:
        if path not in files:
            raise MigrationFormatError(f"{journal} names {tag}, but {path} does not exist")
        version, _, name = tag.partition("_")
        migrations.append(Migration(unique_version(version, tag, migrations), name or tag, files[path], path))
    reject_duplicates(migrations)
    return migrations, []


def _tags(text: str, path: str) -> list[str]:
    try:
        entries: Any = json.loads(text)["entries"]
        return [str(entry["tag"]) for entry in sorted(entries, key=lambda entry: entry["idx"])]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MigrationFormatError(f"{path} is not a Drizzle journal: {type(error).__name__}: {error}") from None


def dialect(files: Files) -> str:
    """The database that the journal or the last snapshot names, or ``""``.

    Raises:
        MigrationFormatError: it is neither PostgreSQL nor SQLite.
    """
    for path in sorted(files, key=natural, reverse=True):
        if file_name(path) in ("_journal.json", "snapshot.json"):
            match = _DIALECT.search(files[path])
            if match:
                return known_dialect(match[1], path)
    return ""


LAYOUT = Layout("drizzle", "Drizzle (meta/_journal.json)", matches, read, dialect)
