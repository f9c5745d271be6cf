"""Plain folders of numbered or dated SQL files, run in the order of their names, one transaction a file."""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import Files, Layout, file_name, natural, reject_duplicates, sql_files, stem
from knowledge.migration import Migration

_NUMBERED = re.compile(r"^(\d[\d._-]*?)(?:[_.-]([^\d].*))?$")
_DOWN = re.compile(r"(?:^|[._-])(?:down|rollback|revert|undo)$", re.IGNORECASE)


def matches(paths: Collection[str]) -> bool:
    """Any SQL file whose name begins with a digit; failing that, any SQL file."""
    return bool(sql_files(paths))


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """Numbered files in natural order; unnumbered ones only where nothing is numbered."""
    paths = sql_files(files)
    numbered = [path for path in paths if file_name(path)[0].isdigit()]
    chosen = sorted(numbered or paths, key=lambda path: natural(file_name(path)))
    downs = {path for path in chosen if _DOWN.search(stem(path))}
    migrations: list[Migration] = []
    for path in chosen:
        if path in downs:
            continue
        match = _NUMBERED.match(stem(path))
        version = match[1] if match else stem(path)
        migrations.append(Migration(_unique(version, stem(path), migrations), stem(path), files[path], path))
    reject_duplicates(migrations)
    left = [path for path in paths if path not in chosen]
    notes = [f"left out, not numbered: {', '.join(left[:5])}"] if left else []
    notes += [f"left out, a way back without its own way there: {path}" for path in sorted(downs)]
    return migrations, notes


def _unique(version: str, name: str, earlier: list[Migration]) -> str:
    """The number, or the whole name where another file has the same number (by design in some projects)."""
    return name if any(migration.version == version for migration in earlier) else version


LAYOUT = Layout("plain", "plain SQL files in the order of their names", matches, read)
