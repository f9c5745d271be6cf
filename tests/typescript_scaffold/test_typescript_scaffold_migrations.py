"""Migrations in SQL: the tables of the Python stack and of Drizzle, and every kind of change to them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import asyncpg
import pytest
from migration_bench import files_of, modules, postgres_engine, run, sqlite_memory, sqlite_objects
from migration_cases import CASES, Case, blueprint
from migration_rows import insert_rows
from rendered_projects import example
from test_scaffold_migrations import made_anew, seen
from ts_project import packages, write_typescript

from backend.engines.fingerprint import difference
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.scaffold.typescript.migrations import ALONE, BREAK, render_migrations
from backend.scaffold.typescript.render import render_typescript
from knowledge.blueprint.model import Blueprint

NAMES = [case.name for case in CASES]
EXAMPLES = ("blog", "shop", "every_feature", "odd")


def scripts(before: Blueprint, *after: Blueprint, engine: str) -> list[str]:
    """The migrations of an engine in the order of their names."""
    files = render_migrations(before, None, {})
    for old, new in zip((before, *after), after, strict=False):
        files = render_migrations(new, old, files)
    return [files[path] for path in sorted(files) if path.startswith(f"drizzle/{engine}/") and path.endswith(".sql")]


def objects(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Every object with its words; the order of a table's constraints means nothing, and some names are in quotes."""
    found = connection.execute("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {name: words(sql) for name, sql in found}


def words(sql: str) -> set[str]:
    return set(" ".join(sql.replace('"', "").replace("(", " ").replace(")", " ").replace(",", " ").split()).split())


def carried_out(texts: Iterable[str], connection: sqlite3.Connection) -> None:
    """As ``core/migrations.ts`` does it on SQLite."""
    connection.execute("PRAGMA foreign_keys = OFF")
    for text in texts:
        connection.execute("BEGIN")
        for statement in text.split(BREAK):
            connection.execute(statement)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("COMMIT")


@pytest.mark.parametrize("name", EXAMPLES)
def test_sqlite_has_the_tables_of_the_python_stack(name: str) -> None:
    wanted = example(name)
    with sqlite_memory() as connection:
        run(connection, modules(files_of(wanted)))
        python = {name: words(sql) for name, sql in sqlite_objects(connection).items()}
    ours = sqlite3.connect(":memory:", isolation_level=None)
    carried_out(scripts(wanted, engine="sqlite"), ours)
    assert objects(ours) == python


async def sent(scratch: Scratch, texts: Iterable[str]) -> None:
    """As ``core/migrations.ts`` does it on PostgreSQL."""
    connection = await scratch.connect()
    try:
        for text in texts:
            if text.startswith(ALONE):
                for statement in text.split(BREAK):
                    await connection.execute(statement)
                continue
            async with connection.transaction():
                for statement in text.split(BREAK):
                    await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("name", EXAMPLES)
async def test_postgresql_has_the_tables_of_the_python_stack_and_of_drizzle(
    name: str, postgres: PostgresHost, tmp_path: Path
) -> None:
    wanted = example(name)
    python = await made_anew(postgres, wanted)
    async with postgres.scratch() as scratch:
        await sent(scratch, scripts(wanted, engine="postgres"))
        ours = await seen(scratch)
    assert difference(python, ours) == []
    folder = write_typescript(wanted, tmp_path)
    exported = packages().run(packages().script("drizzle-kit", "bin.cjs"), "export", cwd=folder)
    assert exported.returncode == 0, exported.stderr
    platform = [text for text in scripts(wanted, engine="postgres")[0].split(BREAK) if _of_platform(text)]
    async with postgres.scratch() as scratch:
        await sent(scratch, [f"{BREAK}\n".join(platform), exported.stdout])
        assert difference(ours, await seen(scratch)) == []


def _of_platform(statement: str) -> bool:
    names = ("idempotency_keys", "outbox_events", "processed_events", "periodic_jobs")
    return any(f" {name} " in f"{statement.replace('(', ' ')} " for name in names)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_sqlite_follows_every_kind_of_change(case: Case) -> None:
    before, after = blueprint(), blueprint(case.change)
    rest = scripts(before, after, engine="sqlite")[1:]
    anew = sqlite3.connect(":memory:", isolation_level=None)
    carried_out(scripts(after, engine="sqlite"), anew)
    with sqlite_memory() as connection:
        run(connection, modules(files_of(before)))
        insert_rows(connection, before)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.rollback()
        if not case.up:
            with pytest.raises(sqlite3.IntegrityError):
                carried_out(rest, raw)
            raw.rollback()
            return
        held = raw.execute("SELECT count(*) FROM posts").fetchone()
        carried_out(rest, raw)
        found = {name: text for name, text in objects(raw).items() if "alembic" not in name}
        assert found == objects(anew)
        assert raw.execute("SELECT count(*) FROM posts").fetchone() == held


@pytest.fixture(scope="module")
async def filled(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """The base with rows in every table."""
    async with postgres.scratch() as scratch:
        await sent(scratch, scripts(blueprint(), engine="postgres"))
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            await connection.run_sync(insert_rows, blueprint())
        yield scratch


def every_kind_of_statement() -> Iterable[Case]:
    """As many changes as it takes to see each kind of statement that any of them needs."""
    seen: set[str] = set()
    for case in CASES:
        texts = scripts(blueprint(), blueprint(case.change), engine="postgres")[1:]
        sent = [re.sub(r"--.*|'.*?'", "", statement) for text in texts for statement in text.split(BREAK)]
        kinds = {" ".join(re.findall(r"\b[A-Z]{2,}\b", statement)) for statement in sent}
        if not kinds <= seen:
            seen |= kinds
            yield case


async def test_postgresql_follows_every_kind_of_change(postgres: PostgresHost, filled: Scratch) -> None:
    wrong = []
    for case in every_kind_of_statement():
        before, after = blueprint(), blueprint(case.change)
        rest = scripts(before, after, engine="postgres")[1:]
        async with postgres.scratch(template=filled.name) as scratch:
            if not case.up:
                with pytest.raises(asyncpg.PostgresError):
                    await sent(scratch, rest)
                continue
            await sent(scratch, rest)
            found = await seen(scratch)
        async with postgres.scratch() as scratch:
            await sent(scratch, scripts(after, engine="postgres"))
            wrong += [(case.name, each) for each in difference(await seen(scratch), found)]
    assert wrong == []


def test_the_same_tables_need_no_migration_and_those_of_the_user_stay() -> None:
    files: Mapping[str, str] = render_migrations(blueprint(), None, {})
    own = {**files, "drizzle/postgres/0007_mine.sql": "SELECT 1;\n"}
    assert render_migrations(blueprint(), blueprint(), own) == own
    changed = render_migrations(blueprint(CASES[0].change), blueprint(), own)
    new = sorted(changed.keys() - own.keys())
    assert [path.partition("_")[0] for path in new] == [
        "drizzle/postgres/0008", "drizzle/postgres/meta/0008", "drizzle/sqlite/0008",
    ]  # fmt: skip
    kept = own.keys() - {"drizzle/postgres/meta/_journal.json"}
    assert {path: own[path] for path in kept}.items() <= changed.items()


def drizzle_kit(folder: Path, command: str) -> str:
    ran = packages().run(packages().script("drizzle-kit", "bin.cjs"), command, cwd=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_drizzle_kit_finds_no_difference_between_tables_and_migrations(name: str, tmp_path: Path) -> None:
    folder = write_typescript(example(name), tmp_path)
    before = sorted(path for path in (folder / "drizzle").rglob("*"))
    assert "No schema changes, nothing to migrate" in drizzle_kit(folder, "generate")
    assert sorted(path for path in (folder / "drizzle").rglob("*")) == before


def test_drizzle_kit_goes_on_where_an_upgrade_ends(tmp_path: Path) -> None:
    before, after = blueprint(), blueprint(CASES[0].change)
    folder = write_typescript(before, tmp_path)
    for path, text in render_typescript(after, before, render_migrations(before, None, {})).items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text)
    assert "No schema changes" in drizzle_kit(folder, "generate")
    assert "fine" in drizzle_kit(folder, "check")
    table = folder / "src" / "authors" / "table.ts"
    table.write_text(table.read_text().replace("length: 120", "length: 240"))
    drizzle_kit(folder, "generate")
    (made,) = (folder / "drizzle" / "postgres").glob("0002_*.sql")
    assert made.read_text() == 'ALTER TABLE "authors" ALTER COLUMN "name" SET DATA TYPE varchar(240);'
