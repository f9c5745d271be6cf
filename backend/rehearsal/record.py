"""What a rehearsal is known by, and how a folder differs from the one that was rehearsed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from backend.rehearsal.outcome import Rehearsal
from knowledge.migration import MigrationFolder

RECORD = "rehearsal.json"
"""Name of the document in which a rehearsal is written down."""
HASH_LENGTH = 16


def plan_hash(folder: MigrationFolder, engine: str) -> str:
    """The hash under which a passed rehearsal of ``folder`` on ``engine`` may be applied.

    It depends on every file's path and content, their order and the engine's major version, and on nothing else:
    the same folder rehearsed again, in this process or another, has the same one.
    """
    return hashlib.sha256(f"{folder.content_hash}\n{engine}".encode()).hexdigest()[:HASH_LENGTH]


def record_of(outcome: Rehearsal) -> str:
    """A rehearsal as JSON: the files it covers and what became of each."""
    reached = {id(one.migration): one for one in outcome.migrations}
    entries: list[dict[str, Any]] = []
    for migration in outcome.folder.migrations:
        entry: dict[str, Any] = {
            "version": migration.version,
            "path": migration.path,
            "content": migration.content_hash[:HASH_LENGTH],
        }
        one = reached.get(id(migration))
        if one is None:
            entry["result"] = "not run"
        else:
            entry["result"] = "failed" if one.failed else "traced" if one.traced else "replayed"
            entry["statements"] = one.statements
            entry["seconds"] = round(one.seconds, 3)
            entry["findings"] = len(one.findings)
            if one.round_trip is not None:
                entry["down restores"] = one.round_trip.restores
        entries.append(entry)
    return json.dumps(
        {
            "plan_hash": plan_hash(outcome.folder, outcome.engine) if outcome.passed else "",
            "engine": outcome.engine,
            "format": outcome.folder.format,
            "dialect": outcome.folder.dialect,
            "passed": outcome.passed,
            "migrations": entries,
        },
        indent=1,
    )


def changes_since(record: str, folder: MigrationFolder) -> list[str]:
    """How ``folder`` differs from the one in ``record``, a file a line; empty where it is the same."""
    then = {entry["path"]: entry["content"] for entry in json.loads(record)["migrations"]}
    now = {migration.path: migration.content_hash[:HASH_LENGTH] for migration in folder.migrations}
    lines = [f"{path} changed" for path in now if path in then and now[path] != then[path]]
    lines += [f"{path} is new" for path in now if path not in then]
    lines += [f"{path} is gone" for path in then if path not in now]
    if not lines and list(then) != list(now):
        lines.append("the order of the files changed")
    return lines


def hash_in(record: str) -> str:
    """The plan hash a record carries; ``""`` where the rehearsal did not pass."""
    return str(json.loads(record)["plan_hash"])


def engine_in(record: str) -> str:
    """The engine a record's rehearsal ran on."""
    return str(json.loads(record)["engine"])
