"""Migrations as plain SQL, one folder for each engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backend.scaffold.migrations.changes import Changes, changes
from backend.scaffold.migrations.phases import phases
from backend.scaffold.migrations.render import BUILD, CONTRACT, EXPAND
from backend.scaffold.migrations.sql import drop_constraint
from backend.scaffold.migrations.sqlite import copied
from backend.scaffold.migrations.step import Phases, Step
from backend.scaffold.migrations.words import cautions, slug, summary
from backend.scaffold.typescript.snapshots import meta_files
from backend.scaffold.typescript.sql import create_index, create_table, identifier, make_tables
from backend.scaffold.typescript.steps import statements
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.platform_tables import PLATFORM_TABLES
from knowledge.blueprint.table import Table
from knowledge.blueprint.tables import tables

FOLDER = "drizzle/"
BREAK = "--> statement-breakpoint"
"""What stands between two statements."""
ALONE = "-- no transaction"
"""The first line of a migration whose statements each run by themselves."""
_NUMBER = re.compile(r"/(\d+)_[^/]*\.sql\Z")


def render_migrations(blueprint: Blueprint, previous: Blueprint | None, existing: Mapping[str, str]) -> dict[str, str]:
    """The migrations by path, those that exist as they are.

    Args:
        blueprint: what the project is to be.
        previous: what it was when ``existing`` was rendered; ``None`` for a new project.
        existing: texts by path of what is there, the user's own migrations included.

    Raises:
        MigrationRefusedError: a change cannot be migrated.
    """
    kept = {path: text for path, text in existing.items() if path.startswith(FOLDER)}
    if previous is None or not kept:
        made = initial(blueprint)
        return kept | made | meta_files(tables(blueprint), _names(made), {})
    new = following(blueprint, previous, kept)
    return kept | new | (meta_files(tables(blueprint), _names(new), kept) if new else {})


def _names(files: Iterable[str]) -> list[str]:
    """The migrations of PostgreSQL among some files, without folder and ending."""
    folder = f"{FOLDER}postgres/"
    return [path.removeprefix(folder).removesuffix(".sql") for path in sorted(files) if path.startswith(folder)]


def initial(blueprint: Blueprint) -> dict[str, str]:
    """The first migration of each engine: every table, the platform's included."""
    made = (*PLATFORM_TABLES, *tables(blueprint))
    return {
        f"{FOLDER}{engine}/0000_initial.sql": _script(["Makes all tables."], make_tables(made, sqlite=sqlite))
        for engine, sqlite in (("postgres", False), ("sqlite", True))
    }


def following(blueprint: Blueprint, previous: Blueprint, existing: Iterable[str]) -> dict[str, str]:
    """The migrations that lead from one blueprint to the next; none where the tables are the same.

    On PostgreSQL there are up to three: expand, build without strong locks, contract. SQLite does all in one.

    Raises:
        MigrationRefusedError: a change cannot be migrated.
    """
    found = changes(previous, blueprint)
    if not found:
        return {}
    lines, told = summary(found), cautions(found)
    head = ["The whole change:", *(f"* {line}" for line in lines)]
    head += ["", "Mind:", *(f"* {line}" for line in told)] if told else []
    number = max((int(match[1]) for path in existing if (match := _NUMBER.search(path))), default=-1) + 1
    name = slug(lines)
    files = {f"{FOLDER}sqlite/{number:04d}_{name}.sql": _script(head, _on_sqlite(found))}
    parts = _on_postgres(found)
    for place, (phase, words, steps) in enumerate(parts):
        suffix = f"_{phase}" if len(parts) > 1 else ""
        notes = [words, *(["", *head] if place == 0 else [f"What it is part of stands in {number:04d}."])]
        path = f"{FOLDER}postgres/{number + place:04d}_{name}{suffix}.sql"
        files[path] = _script(notes, steps, alone=phase == "build")
    return files


def _on_postgres(found: Changes) -> list[tuple[str, str, list[str]]]:
    """The phases that have anything to do: name, what it is about, and statements."""
    steps = Phases()
    for change in found.changed:
        one = phases(found, change)
        steps.expand += one.expand
        steps.build += one.build
        steps.contract += one.contract
    named = (
        ("expand", EXPAND, [*make_tables(found.added, sqlite=False), *_lines(steps.expand)]),
        ("build", BUILD, _lines(steps.build)),
        ("contract", CONTRACT, [*_lines(steps.contract), *_dropped(found.removed, sqlite=False)]),
    )
    return [each for each in named if each[2]]


def _lines(steps: Sequence[Step]) -> list[str]:
    return [sql for step in steps for sql in statements(step.up)]


def _on_sqlite(found: Changes) -> Iterator[str]:
    """Tables that change are made anew and filled; whoever carries this out has foreign keys switched off meanwhile."""
    yield from make_tables(found.added, sqlite=True)
    for change in found.changed:
        after, draft = change.after, f"_new_{change.name}"
        filled = copied(found.after, change.before, after)
        columns = ", ".join(map(identifier, filled))
        yield create_table(after, sqlite=True, name=draft)
        yield (
            f"INSERT INTO {identifier(draft)} ({columns})"
            f" SELECT {', '.join(filled.values())} FROM {identifier(change.name)}"
        )
        yield f"DROP TABLE {identifier(change.name)}"
        yield f"ALTER TABLE {identifier(draft)} RENAME TO {identifier(change.name)}"
        yield from (create_index(after, index) for index in after.indexes)
    yield from _dropped(found.removed, sqlite=True)


def _dropped(removed: tuple[Table, ...], *, sqlite: bool) -> Iterator[str]:
    if not sqlite:
        for table in removed:
            yield from (drop_constraint(table, key) for key in table.foreign_keys if key.deferred)
    yield from (f"DROP TABLE {identifier(table.name)}" for table in reversed(removed))


def _script(head: Iterable[str], statements: Iterable[str], *, alone: bool = False) -> str:
    """One migration."""
    lines = [*([ALONE] if alone else []), *(f"-- {line}".rstrip() for line in head)]
    return "\n".join(lines) + "\n" + f"\n{BREAK}\n".join(f"{statement};" for statement in statements) + "\n"
