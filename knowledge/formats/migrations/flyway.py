"""Flyway: ``V1__name.sql``, ``U1__name.sql`` to undo, ``R__name.sql`` repeatable.

Flyway runs each file in a transaction, and one that holds a statement which cannot run in one (CREATE INDEX
CONCURRENTLY...) without (documentation, "Migrations: transactions").
"""

from __future__ import annotations

import re
from collections.abc import Collection

from knowledge.formats.migrations.layout import (
    Files,
    Layout,
    file_name,
    must_run_outside,
    natural,
    reject_duplicates,
    sql_files,
)
from knowledge.migration import Migration

_FILE = re.compile(r"^([VUR])([\d._]*)__(.+)\.sql$", re.IGNORECASE)


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
            transactional=not must_run_outside(files[path]),
        )
        for version, name, path in sorted(versions, key=lambda entry: natural(entry[0]))
    ]
    migrations += [
        Migration(version, name, files[path], path, transactional=not must_run_outside(files[path]))
        for version, name, path in sorted(repeatable)
    ]
    reject_duplicates(migrations)
    known = {migration.path for migration in migrations} | set(undos.values())
    left = [path for path in sql_files(files) if path not in known]
    notes = [f"left out, not named as Flyway names them: {', '.join(left[:5])}"] if left else []
    done = {version for version, _, _ in versions}
    notes += [
        f"left out, an undo without its version: {path}" for version, path in undos.items() if version not in done
    ]
    return migrations, notes


LAYOUT = Layout("flyway", "Flyway (V1__name.sql)", matches, read)
