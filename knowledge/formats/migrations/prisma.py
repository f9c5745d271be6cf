"""Prisma Migrate: ``<timestamp>_<name>/migration.sql`` and ``migration_lock.toml``.

Up to Prisma 7.3 a file's text is one multi-statement query, which PostgreSQL runs as one implicit transaction; a
file that holds one statement alone runs it alone. Since prisma-engines #5767 (February 2026) each statement is sent
by itself, except where the splitter cannot read the file (DROP INDEX CONCURRENTLY, #5847). The folder does not tell
the version: it is read as one transaction a file, and a note names the files that then cannot run.
A ``down.sql`` beside a migration is a convention of Prisma's guides.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    file_name,
    folder_of,
    is_single,
    known_dialect,
    must_run_outside,
    natural,
    reject_duplicates,
    unique_version,
)
from knowledge.migration import Migration

MIXED = (
    "read as Prisma before 7.4 runs them, in one transaction a file, where CONCURRENTLY fails; newer ones send CREATE "
    "INDEX CONCURRENTLY by itself"
)
_PROVIDER = re.compile(r'^\s*provider\s*=\s*"(\w+)"', re.MULTILINE)


def matches(paths: Collection[str]) -> bool:
    """A ``migration.sql`` in a folder of its own."""
    return any(file_name(path) == "migration.sql" and folder_of(path) for path in paths) and not any(
        file_name(path) == "snapshot.json" for path in paths
    )


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """Folders in the order of their names."""
    migrations: list[Migration] = []
    for path in sorted((path for path in files if file_name(path) == "migration.sql"), key=natural):
        folder = folder_of(path)
        version, _, name = file_name(folder).partition("_")
        down = f"{folder}/down.sql"
        text = files[path]
        migrations.append(
            Migration(
                unique_version(version, file_name(folder), migrations),
                name or version,
                text,
                path,
                down=files.get(down),
                down_path=down if down in files else "",
                transactional=not (must_run_outside(text) and is_single(text)),
            )
        )
    reject_duplicates(migrations)
    mixed = [item.path for item in migrations if item.transactional and must_run_outside(item.up)]
    if not mixed:
        return migrations, []
    return migrations, [f"{MIXED}: {', '.join(mixed[:5])}"]


def dialect(files: Files) -> str:
    """The provider of ``migration_lock.toml``, or ``""``.

    Raises:
        MigrationFormatError: a provider that is neither PostgreSQL nor SQLite.
    """
    for path, text in files.items():
        match = _PROVIDER.search(text) if file_name(path) == "migration_lock.toml" else None
        if match:
            return known_dialect(match[1], path)
    return ""


LAYOUT = Layout("prisma", "Prisma (<timestamp>_<name>/migration.sql)", matches, read, dialect)
