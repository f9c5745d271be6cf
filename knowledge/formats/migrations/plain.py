"""Plain folders of numbered or dated SQL files, run in the order of their names, one transaction a file."""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    MigrationFormatError,
    file_name,
    folder_of,
    natural,
    reject_duplicates,
    sql_files,
    stem,
    unique_version,
)
from knowledge.migration import Migration

_NUMBERED = re.compile(r"^(\d[\d._-]*?)(?:[_.-]([^\d].*))?$")
_DOWN = re.compile(r"(?:^|[._-])(?:down|rollback|revert|undo)$", re.IGNORECASE)


def matches(paths: Collection[str]) -> bool:
    """Any SQL file whose name begins with a digit; failing that, any SQL file."""
    return bool(sql_files(paths))


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """Numbered files in natural order; unnumbered ones only where nothing is numbered.

    Raises:
        MigrationFormatError: files of one name lie in several folders, so their order is unknown.
    """
    paths = sql_files(files)
    numbered = [path for path in paths if file_name(path)[0].isdigit()]
    chosen = sorted(numbered or paths, key=lambda path: natural(file_name(path)))
    backs = {path: _DOWN.sub("", stem(path)) for path in chosen if _DOWN.search(stem(path))}
    downs = {f"{folder_of(path)}/{name}": path for path, name in backs.items()}
    _reject_same_names(chosen)
    migrations: list[Migration] = []
    for path in chosen:
        if path in backs:
            continue
        down = downs.pop(f"{folder_of(path)}/{stem(path)}", "")
        match = _NUMBERED.match(stem(path))
        version = match[1] if match else stem(path)
        migrations.append(
            Migration(
                unique_version(version, stem(path), migrations),
                stem(path),
                files[path],
                path,
                down=files[down] if down else None,
                down_path=down,
            )
        )
    reject_duplicates(migrations)
    left = [path for path in paths if path not in chosen]
    notes = [f"left out, not numbered: {', '.join(left[:5])}"] if left else []
    notes += [f"left out, a way back without its own way there: {path}" for path in sorted(downs.values())]
    return migrations, notes


def _reject_same_names(paths: Collection[str]) -> None:
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(file_name(path), path)
        if other != path:
            raise MigrationFormatError(f"{other} and {path} have the same name; name one of their folders")


LAYOUT = Layout("plain", "plain SQL files in the order of their names", matches, read)
