"""Everything under ``migrations/`` and ``alembic.ini``, from a blueprint, the one before it and what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.scaffold.migrations.changes import Changes, MigrationRefusedError, changes
from backend.scaffold.migrations.code import create_table, drop_keys, later_keys
from backend.scaffold.migrations.phases import phases
from backend.scaffold.migrations.revision import Revision, heads, indented
from backend.scaffold.migrations.sqlite import rebuild
from backend.scaffold.migrations.step import Phases, Step
from backend.scaffold.migrations.switch import switched
from backend.scaffold.migrations.words import cautions, slug, summary
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.platform_tables import PLATFORM_TABLES
from knowledge.blueprint.table import Table
from knowledge.blueprint.tables import tables

TEMPLATES = Path(__file__).parent.parent / "templates" / "migrations"
VERSIONS = "migrations/versions/"
FIRST = f"{VERSIONS}0001_initial.py"
PLACES = {
    "alembic.ini": "alembic.ini.j2",
    "migrations/env.py": "env.py.j2",
    "migrations/script.py.mako": "script.py.mako.j2",
    "migrations/steps.py": "steps.py.j2",
}
_NUMBER = re.compile(r"(\d+)_[^/]*\.py\Z")

EXPAND = "Expand: instant, and the release before keeps running."
BUILD = "Build: no strong lock; every statement stands alone, and it can be run again from its start."
CONTRACT = "Contract: run it when no process of the release before is left."


@dataclass(frozen=True)
class Written:
    """New revisions: their texts by path, what they do, and what happens to rows."""

    files: Mapping[str, str]
    summary: Sequence[str]
    cautions: Sequence[str]


def render_migrations(blueprint: Blueprint, previous: Blueprint | None, existing: Mapping[str, str]) -> dict[str, str]:
    """The files, by path in the project.

    Args:
        blueprint: what the project is to be.
        previous: what it was when ``existing`` was rendered; ``None`` for a new project.
        existing: texts by path of what is under ``migrations/versions``, the user's own revisions included; they
            come back as they are, and new revisions come after them.

    Raises:
        MigrationRefusedError: a change cannot be migrated, or the history has no single head to come after.
    """
    files = {path: (TEMPLATES / name).read_text(encoding="utf-8") for path, name in PLACES.items()}
    kept = {path: text for path, text in existing.items() if path.startswith(VERSIONS)}
    if previous is None or not kept:
        return files | kept | {FIRST: initial(blueprint)}
    return files | kept | dict(next_revisions(blueprint, previous, kept).files)


def initial(blueprint: Blueprint, number: str = "0001") -> str:
    """The first revision: every table, the platform's included."""
    made = (*PLATFORM_TABLES, *tables(blueprint))
    up = [line for table in made for line in create_table(table)] + later_keys(made)
    down = drop_keys(made) + [f'op.drop_table("{table.name}")' for table in reversed(made)]
    return Revision(number, "", "Make all tables.", (), up, down).text


def next_revisions(blueprint: Blueprint, previous: Blueprint, existing: Mapping[str, str]) -> Written:
    """The revisions that lead from one blueprint to the next; none where the tables are the same.

    Raises:
        MigrationRefusedError: a change cannot be migrated, or the history has no single head to come after.
    """
    found = changes(previous, blueprint)
    if not found:
        return Written({}, (), ())
    before = heads(existing.values())
    if len(before) != 1:
        many = f"migrations/versions has {len(before)} heads ({', '.join(before)})"
        raise MigrationRefusedError(
            f"{many if before else 'no revision is there'}: join them with alembic merge heads first"
        )
    lines, told = summary(found), cautions(found)
    number = max((int(match[1]) for path in existing if (match := _NUMBER.search(path))), default=0) + 1
    files: dict[str, str] = {}
    parts = _parts(found)
    after = before[0]
    for place, (phase, up, down) in enumerate(parts):
        name = f"{number + place:04d}"
        suffix = f"_{phase}" if len(parts) > 1 else ""
        notes = _notes(phase, found, lines, told, f"{number:04d}" if place else "")
        title = f"{lines[0][0].upper()}{lines[0][1:]}" + (" and more" if len(lines) > 1 else "")
        title += f" ({phase})." if len(parts) > 1 else "."
        files[f"{VERSIONS}{name}_{slug(lines)}{suffix}.py"] = Revision(name, after, title, notes, up, down).text
        after = name
    return Written(files, lines, told)


def _notes(phase: str, found: Changes, lines: list[str], told: list[str], first: str) -> list[str]:
    """The head of a revision; the first of a change lists all of it."""
    notes = [{"expand": EXPAND, "build": BUILD, "contract": CONTRACT}[phase]]
    if first:
        notes.append(f"What it is part of, and what becomes of rows, stands in {first}.")
    else:
        notes += ["", "The whole change:", "", *(f"* {line}" for line in lines)]
        notes += ["", "Mind:", "", *(f"* {line}" for line in told)] if told else []
    if phase == "contract" and (accepted := _accepted(found)):
        notes += ["", "Accepted:", "", *(f"* {line}" for line in accepted)]
    return notes


def _accepted(found: Changes) -> list[str]:
    columns = [
        f"drop-column: {change.name}.{column.name}, which the blueprint has no more"
        for change in found.changed
        for column in change.removed
    ]
    moved = [f"{change.name}.{name}" for change in found.changed for name in sorted(switched(change))]
    columns += [f"drop-column and rename-column: {name}, whose name the new column takes" for name in moved]
    return columns + [f"drop-table: {table.name}, which the blueprint has no more" for table in found.removed]


def _parts(found: Changes) -> list[tuple[str, list[str], list[str]]]:
    """The phases that have anything to do, each with the lines of both ways. SQLite does it all in the first."""
    steps = Phases()
    for change in found.changed:
        one = phases(found, change)
        steps.expand += one.expand
        steps.build += one.build
        steps.contract += one.contract
    steps.contract += _dropped(found.removed)
    named = {"expand": steps.expand, "build": steps.build, "contract": steps.contract}
    wanted = [name for name in named if named[name] or (name == "expand" and found.added)]
    parts = []
    for place, name in enumerate(wanted):
        up = [line for step in named[name] for line in step.up]
        down = [line for step in reversed(named[name]) for line in step.down]
        if name == "build":
            up, down = _alone(up), _alone(down)
        sqlite_up, sqlite_down = _sqlite(found) if place == 0 else ([], [])
        up, down = _either(sqlite_up, up), _either(sqlite_down, down)
        if place == 0:
            up = [line for table in found.added for line in create_table(table)] + later_keys(found.added) + up
            down += drop_keys(found.added) + [f'op.drop_table("{table.name}")' for table in reversed(found.added)]
        parts.append((name, up, down))
    return parts


def _alone(lines: list[str]) -> list[str]:
    return ["with alone():", *indented(lines)] if lines else []


def _either(sqlite: list[str], postgres: list[str]) -> list[str]:
    """Lines of one engine or the other."""
    if sqlite == postgres:
        return sqlite
    if not sqlite:
        return ["if not on_sqlite():", *indented(postgres)]
    return ["if on_sqlite():", *indented(sqlite), *(["else:", *indented(postgres)] if postgres else [])]


def _dropped(removed: tuple[Table, ...]) -> list[Step]:
    if not removed:
        return []
    up = drop_keys(removed) + [f'op.drop_table("{table.name}")' for table in reversed(removed)]
    down = [line for table in removed for line in create_table(table)] + later_keys(removed)
    return [Step(tuple(up), tuple(down))]


def _sqlite(found: Changes) -> tuple[list[str], list[str]]:
    up = [line for change in found.changed for line in rebuild(found.after, change.before, change.after)]
    down = [line for change in found.changed for line in rebuild(found.before, change.after, change.before)]
    dropped = _dropped(found.removed)
    return (
        up + [line for step in dropped for line in step.up],
        [line for step in dropped for line in step.down] + down,
    )
