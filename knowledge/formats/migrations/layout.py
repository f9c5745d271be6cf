"""What the readers of migration folders share: errors, version order, and the shape of a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from knowledge.migration import Migration, MigrationFolder

_DIGITS = re.compile(r"(\d+)")
_SQLITE = re.compile(r"\b(?:AUTOINCREMENT|PRAGMA\s+\w+|WITHOUT\s+ROWID)\b", re.IGNORECASE)
_MYSQL = re.compile(r"\bENGINE\s*=\s*InnoDB|\bAUTO_INCREMENT\b|^\s*CREATE TABLE\s+`", re.IGNORECASE | re.MULTILINE)


class MigrationFormatError(ValueError):
    """A folder that cannot be read as migrations; the text says what was expected."""


Files = Mapping[str, str]
"""Relative path (forward slashes) to text."""


@dataclass(frozen=True)
class Layout:
    """One tool's way of keeping migrations.

    ``matches`` sees paths alone, so that a folder can be recognised without reading it.
    """

    name: str
    title: str
    matches: Callable[[Collection[str]], bool]
    read: Callable[[Files], tuple[list[Migration], list[str]]]


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which ``2_x`` comes before ``10_x``."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(text) if part)


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
        if _MYSQL.search(migration.up):
            raise MigrationFormatError(f"{migration.path} is MySQL; PostgreSQL and SQLite migrations can be rehearsed")
    return "sqlite" if any(_SQLITE.search(migration.up) for migration in migrations) else "postgresql"


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
