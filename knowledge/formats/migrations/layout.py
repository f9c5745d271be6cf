"""What the readers of migration folders share: errors, version order, and the shape of a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.formats.sql_lexer import bare
from knowledge.migration import Migration, MigrationFolder

_DIGITS = re.compile(r"(\d+)")
_SQLITE = re.compile(r"\b(?:AUTOINCREMENT|PRAGMA\s+\w+|WITHOUT\s+ROWID)\b", re.IGNORECASE)
_MYSQL = re.compile(r"\bENGINE\s*=\s*InnoDB|\bAUTO_INCREMENT\b", re.IGNORECASE)
_BACKTICKS = re.compile(r"^\s*CREATE TABLE\s+`", re.IGNORECASE | re.MULTILINE)
_OUTSIDE = re.compile(r"\bconcurrently\b|\bvacuum\b|\balter\s+system\b|\bcreate\s+database\b", re.IGNORECASE)


class MigrationFormatError(ValueError):
    """A folder that cannot be read as migrations; the text says what was expected."""


Files = Mapping[str, str]
"""Relative path (forward slashes) to text."""


@dataclass(frozen=True)
class Layout:
    """One tool's way of keeping migrations.

    ``matches`` sees paths alone, so that a folder can be recognised without reading it. ``dialect`` is what the
    tool's own files say of the database, ``""`` where they say nothing.
    """

    name: str
    title: str
    matches: Callable[[Collection[str]], bool]
    read: Callable[[Files], tuple[list[Migration], list[str]]]
    dialect: Callable[[Files], str] = lambda files: ""


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which ``2_x`` comes before ``10_x``."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(text) if part)


def sql_files(paths: Collection[str]) -> list[str]:
    """The ``.sql`` files in natural order of their paths."""
    return sorted((path for path in paths if path.lower().endswith(".sql")), key=natural)


def stem(path: str) -> str:
    """File name without its folder and last ending."""
    return PurePosixPath(path).stem


def file_name(path: str) -> str:
    """File name without its folder."""
    return PurePosixPath(path).name


def folder_of(path: str) -> str:
    """The folder of a path, ``""`` at the top."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def line_of(text: str, offset: int) -> int:
    """The line, from 1, at which a character stands."""
    return text.count("\n", 0, offset) + 1


def guess_dialect(migrations: Collection[Migration]) -> str:
    """``postgresql``, or ``sqlite`` where the SQL is plainly SQLite's.

    Raises:
        MigrationFormatError: the SQL is plainly MySQL's.
    """
    for migration in migrations:
        foreign = _MYSQL.search(migration.up) or _BACKTICKS.search(migration.up)
        if foreign and not _SQLITE.search(migration.up):
            raise MigrationFormatError(f"{migration.path} is MySQL; PostgreSQL and SQLite migrations can be rehearsed")
    return "sqlite" if any(_SQLITE.search(migration.up) for migration in migrations) else "postgresql"


def known_dialect(name: str, path: str) -> str:
    """``postgresql`` or ``sqlite`` for the name a tool has for a database.

    Raises:
        MigrationFormatError: another database.
    """
    if name in ("postgresql", "postgres", "pg", "cockroachdb"):
        return "postgresql"
    if name in ("sqlite", "turso"):
        return "sqlite"
    raise MigrationFormatError(f"{path}: {name} cannot be rehearsed; PostgreSQL and SQLite can")


def must_run_outside(text: str) -> bool:
    """Whether a statement refuses to run inside a transaction. Comments and strings do not count."""
    return bool(_OUTSIDE.search(text) and _OUTSIDE.search(bare(text)))


def is_single(text: str) -> bool:
    """Whether the text holds one statement at most: sent alone, it has no transaction around it."""
    return sum(1 for part in bare(text).split(";") if part.replace("''", "").strip()) <= 1


def unique_version(version: str, name: str, earlier: Collection[Migration]) -> str:
    """The version, or the whole name where an earlier migration has the same version (by design in some tools)."""
    return name if any(migration.version == version for migration in earlier) else version


def reject_duplicates(migrations: Collection[Migration]) -> None:
    """Refuse two migrations of one version.

    Raises:
        MigrationFormatError: naming both files.
    """
    seen: dict[str, str] = {}
    for migration in migrations:
        if migration.version in seen:
            raise MigrationFormatError(
                f"version {migration.version} exists twice: {seen[migration.version]} and {migration.path}"
            )
        seen[migration.version] = migration.path


__all__ = ["Files", "Layout", "Migration", "MigrationFolder", "MigrationFormatError"]
