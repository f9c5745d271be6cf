"""Every kind of change, on both engines, with rows in every table: up, down, up, and the same as made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from migration_bench import files_of, modules, postgres_engine, run, sqlite_memory, sqlite_objects
from migration_cases import CASES, Case, blueprint
from migration_rows import count_rows, insert_rows, metadata_of

from backend.engines.fingerprint import difference, fingerprint
from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.blueprint.model import Blueprint

NAMES = [case.name for case in CASES]


def test_there_are_many_kinds_of_change() -> None:
    assert len(CASES) >= 25
    assert len(set(NAMES)) == len(CASES)


def differences(connection: sa.Connection, wanted: Blueprint) -> list[object]:
    """What autogenerate would change."""
    found = compare_metadata(MigrationContext.configure(connection), metadata_of(wanted))
    connection.commit()
    return list(found)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_sqlite_goes_up_and_down_and_up_and_is_the_same_as_made_anew(case: Case) -> None:
    before, after = blueprint(), blueprint(case.change)
    files = files_of(before, after)
    revisions = modules(files)
    with sqlite_memory() as connection:
        run(connection, modules(files_of(after)))
        anew = sqlite_objects(connection)
    with sqlite_memory() as connection:
        run(connection, revisions[:1])
        old = sqlite_objects(connection)
        insert_rows(connection, before)
        held = count_rows(connection, before)
        if not case.up:
            with pytest.raises(sa.exc.IntegrityError):
                run(connection, revisions[1:])
            connection.rollback()
            assert sqlite_objects(connection) == old
            assert count_rows(connection, before) == held
            return
        run(connection, revisions[1:])
        assert sqlite_objects(connection) == anew
        assert differences(connection, after) == []
        if not case.down:
            with pytest.raises(sa.exc.IntegrityError):
                run(connection, revisions[1:], "downgrade")
            connection.rollback()
            return
        run(connection, revisions[1:], "downgrade")
        assert sqlite_objects(connection) == old
        assert kept(held, count_rows(connection, before), before, after)
        run(connection, revisions[1:])
        assert sqlite_objects(connection) == anew
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []


def kept(held: Mapping[str, int], now: Mapping[str, int], before: Blueprint, after: Blueprint) -> bool:
    """Whether every table that both blueprints have holds as many rows as it did."""
    known = metadata_of(after).tables
    return all(now[table] == count for table, count in held.items() if table in known)


@pytest.fixture(scope="module")
async def filled(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """The base with rows in every table."""
    async with postgres.scratch() as scratch:
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            await connection.run_sync(run, modules(files_of(blueprint())))
            await connection.run_sync(insert_rows, blueprint())
        yield scratch


async def seen(scratch: Scratch) -> dict[str, str]:
    """The catalog."""
    connection = await scratch.connect()
    try:
        return await fingerprint(connection)
    finally:
        await connection.close()


async def made_anew(postgres: PostgresHost, wanted: Blueprint) -> dict[str, str]:
    """The catalog of a new project."""
    async with postgres.scratch() as scratch:
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            await connection.run_sync(run, modules(files_of(wanted)))
        return await seen(scratch)


async def test_the_building_phase_fills_in_batches_and_can_be_run_again(
    postgres: PostgresHost, filled: Scratch
) -> None:
    by_name = {case.name: case.change for case in CASES}

    def change(raw: dict[str, Any]) -> None:
        for name in ("required, with a default", "tenant switched on", "unique added", "unique string shorter"):
            by_name[name](raw)

    before, after = blueprint(), blueprint(change)
    expand, build, contract = modules(files_of(before, after))[1:]
    many = (
        "INSERT INTO authors SELECT gen_random_uuid(), n, n, n % 9, NULL, now(), now() FROM generate_series(10, 2600) n"
    )
    posts = (
        "INSERT INTO posts"
        " SELECT gen_random_uuid(), a.id, NULL, a.email, 'draft', 0, NULL, now(), 1, a.email, now(), now()"
        " FROM authors a WHERE a.email::int >= 10"
    )
    async with postgres.scratch(template=filled.name) as scratch:
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            for statement in (many, posts):
                await connection.exec_driver_sql(statement)
            await connection.commit()
            await connection.run_sync(run, [expand])
            for _ in range(2):
                await connection.run_sync(run, [build])
            prices = await connection.exec_driver_sql(
                "SELECT price, count(*), count(DISTINCT xmin::text) FROM posts GROUP BY 1"
            )
            found = {str(row[0]): (row[1], row[2]) for row in prices}
            await connection.commit()
            await connection.run_sync(run, [contract])
            assert found["9.99"] == (2592, 3), found  # three transactions
        assert difference(await made_anew(postgres, after), await seen(scratch)) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
async def test_postgresql_goes_up_and_down_and_up_and_is_the_same_as_made_anew(
    case: Case, postgres: PostgresHost, filled: Scratch
) -> None:
    before, after = blueprint(), blueprint(case.change)
    revisions = modules(files_of(before, after))[1:]
    anew = await made_anew(postgres, after)
    async with postgres.scratch(template=filled.name) as scratch:
        old = await seen(scratch)
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            held = await connection.run_sync(count_rows, before)
            if not case.up:
                with pytest.raises(sa.exc.DBAPIError):
                    await connection.run_sync(run, revisions)
                await connection.rollback()
                assert await connection.run_sync(count_rows, before) == held
                return
            await connection.run_sync(run, revisions)
            assert difference(anew, await seen(scratch)) == []
            assert await connection.run_sync(differences, after) == []
            if not case.down:
                with pytest.raises(sa.exc.DBAPIError):
                    await connection.run_sync(run, revisions, "downgrade")
                return
            await connection.run_sync(run, revisions, "downgrade")
            assert difference(old, await seen(scratch)) == []
            assert kept(held, await connection.run_sync(count_rows, before), before, after)
            await connection.run_sync(run, revisions)
            assert difference(anew, await seen(scratch)) == []
