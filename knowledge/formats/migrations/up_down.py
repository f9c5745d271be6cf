"""Pairs of files: ``1_name.up.sql`` and ``1_name.down.sql`` (golang-migrate and others).

golang-migrate sends the whole file at once, without a transaction of its own: PostgreSQL then treats the text
as one implicit transaction unless it holds its own BEGIN.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    file_name,
    is_single,
    must_run_outside,
    natural,
    reject_duplicates,
    sql_files,
)
from knowledge.migration import Migration

_FILE = re.compile(r"^(?P<version>[\d.]+)?[_.-]?(?P<name>.*?)[._-](?P<way>up|down)\.sql$", re.IGNORECASE)


def matches(paths: Collection[str]) -> bool:
    """At least one ``*.up.sql``."""
    return any((match := _FILE.match(file_name(path))) and match["way"].lower() == "up" for path in paths)


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """Each ``up`` with the ``down`` that shares the rest of its name."""
    ups: dict[str, str] = {}
    downs: dict[str, str] = {}
    labels: dict[str, tuple[str, str]] = {}
    for path in sql_files(files):
        match = _FILE.match(file_name(path))
        if match:
            key = path[: -len(f"{match['way']}.sql")]
            labels[key] = (match["version"] or match["name"], match["name"] or match["version"])
            (ups if match["way"].lower() == "up" else downs)[key] = path
    migrations = [
        Migration(
            labels[key][0],
            labels[key][1],
            files[path],
            path,
            down=files[downs[key]] if key in downs else None,
            down_path=downs.get(key, ""),
            transactional=not _single_concurrent(files[path]),
        )
        for key, path in sorted(ups.items(), key=lambda item: natural(file_name(item[1])))
    ]
    reject_duplicates(migrations)
    return migrations, [f"left out, a down without an up: {downs[key]}" for key in sorted(set(downs) - set(ups))]


def _single_concurrent(text: str) -> bool:
    """One statement alone is sent alone, so CONCURRENTLY works; more than one share a transaction."""
    return must_run_outside(text) and is_single(text)


LAYOUT = Layout("up-down", "pairs of .up.sql and .down.sql files (golang-migrate)", matches, read)
