"""Flyway: ``V1__name.sql``, ``U1__name.sql`` to undo, ``R__name.sql`` repeatable.

Flyway runs each file in a transaction, and one that holds a statement which cannot run in one (CREATE INDEX
CONCURRENTLY...) without (documentation, "Migrations: transactions").
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import Files, Layout, file_name, natural, reject_duplicates, sql_files
from knowledge.migration import Migration

_FILE = re.compile(r"^([VUR])([\d._]*)__(.+)\.sql$", re.IGNORECASE)
_OUTSIDE = re.compile(r"\bconcurrently\b|\bvacuum\b|\balter\s+system\b|\bcreate\s+database\b", re.IGNORECASE)


def matches(paths: Collection[str]) -> bool:
    """At least one ``V<version>__<name>.sql``."""
    return any((match := _FILE.match(file_name(path))) and match[1].upper() == "V" for path in paths)


def read(files: Files) -> tuple[list[Migration], list[str]]:
    """Versions in numeric order, then the repeatable ones by name."""
    versions, undos, repeatable = [], {}, []
    for path in sql_files(files):
        match = _FILE.match(file_name(path))
        if not match:
            continue
        letter, version, name = match[1].upper(), match[2].replace("_", "."), match[3]
        if letter == "V":
            versions.append((version, name, path))
        elif letter == "U":
            undos[version] = path
        else:
            repeatable.append((f"R__{name}", name, path))
    migrations = [
        Migration(
            version,
            name,
            files[path],
            path,
            down=files[undos[version]] if version in undos else None,
            down_path=undos.get(version, ""),
            transactional=not _OUTSIDE.search(files[path]),
        )
        for version, name, path in sorted(versions, key=lambda entry: natural(entry[0]))
    ]
    migrations += [Migration(version, name, files[path], path) for version, name, path in sorted(repeatable)]
    reject_duplicates(migrations)
    known = {migration.path for migration in migrations} | set(undos.values())
    left = [path for path in sql_files(files) if path not in known]
    return migrations, [f"left out, not named as Flyway names them: {', '.join(left[:5])}"] if left else []


LAYOUT = Layout("flyway", "Flyway (V1__name.sql)", matches, read)
