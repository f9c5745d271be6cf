"""Drizzle: types, what drizzle-kit makes of the written schema, the plans of its lists and their statements."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from data_formats_catalog import EXAMPLES, catalogue, connected, example, own_ddl, told
from data_formats_node import HERE, batched, node, run, type_errors, written
from data_formats_rows import TENANT, fill, fill_sqlite

from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.formats.drizzle.writer import write_drizzle

LISTS = {
    "blog": ("listPosts", "listUsersWithPosts"),
    "every_feature": ("listBooks", "listLoans", "listMembersWithLoans"),
    "shop": ("listProducts", "listProductsWithReviews", "listOrdersWithOrderLines"),
}


async def exported(folder: Path, dialect: str) -> str:
    """The DDL drizzle-kit makes of a written schema."""
    kit = node().script("drizzle-kit", "bin.cjs")
    schema = f"./{'sqlite' if dialect == 'sqlite' else 'postgres'}/schema.ts"
    return await run(kit, "export", "--dialect", dialect, "--schema", schema, folder=folder)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_modules_are_typed_and_drizzle_kit_makes_the_blueprints_own_tables(
    name: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    written(tmp_path, write_drizzle(example(name)))
    assert await type_errors(tmp_path) == ""
    ddl = (await exported(tmp_path, "postgresql")).replace("DESC NULLS FIRST", "DESC")
    made = await catalogue(postgres, [ddl])
    assert told(made) == told(await catalogue(postgres, own_ddl(example(name))))


async def test_a_planted_fault_is_a_type_error(tmp_path: Path) -> None:
    files = write_drizzle(example("blog"))
    files["postgres/queries.ts"] = files["postgres/queries.ts"].replace(
        "schema.posts.userId", "schema.posts.userKey", 1
    )
    assert "userKey" in await type_errors(written(tmp_path, files))


async def test_drizzle_kit_writes_a_migration(tmp_path: Path) -> None:
    written(tmp_path, write_drizzle(example("every_feature")))
    options = ("--dialect", "postgresql", "--schema", "./postgres/schema.ts", "--out", "./drizzle", "--name", "init")
    await run(node().script("drizzle-kit", "bin.cjs"), "generate", *options, folder=tmp_path)
    assert "CREATE TABLE" in (tmp_path / "drizzle" / "0000_init.sql").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
async def test_lists_take_one_statement_on_postgresql_and_its_order_is_an_indexs(
    name: str, tmp_path: Path, scratch: Scratch
) -> None:
    written(tmp_path, write_drizzle(example(name)))
    async with connected(scratch) as connection:
        await connection.execute(await exported(tmp_path, "postgresql"))
        await fill(connection, example(name), 60)
        found = await listed(tmp_path / "postgres", LISTS[name], scratch)
        for few, many in found:
            proven(few, many)
        await connection.execute("ANALYZE")
        await connection.execute("SET enable_seqscan = off")
        await connection.execute("SET enable_bitmapscan = off")
        for few, _ in found:
            for part in ("list", "next"):
                plan = await connection.fetch(f"EXPLAIN {literal(**few[part])}")
                assert not sorted_as_a_whole("\n".join(line[0] for line in plan))


def literal(query: str, params: list[Any]) -> str:
    """The statement with its values in it."""
    return re.sub(r"\$(\d+)", lambda found: repr(params[int(found[1]) - 1]), query)


def sorted_as_a_whole(plan: str) -> bool:
    """Whether the list itself is sorted: sorts within the joins of its children are of a few rows each."""
    return "Sort Key" in plan.partition("Nested Loop")[0] or "Index" not in plan


async def test_an_index_with_nulls_last_would_have_to_be_sorted(scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        await connection.execute("CREATE TABLE t (id int, at timestamptz NOT NULL)")
        await connection.execute("SET enable_seqscan = off")
        plans = []
        for order in ("DESC NULLS LAST", "DESC NULLS FIRST"):
            await connection.execute(f"DROP INDEX IF EXISTS i; CREATE INDEX i ON t (at {order})")
            plan = await connection.fetch("EXPLAIN SELECT * FROM t ORDER BY at DESC LIMIT 5")
            plans.append("Sort" in "\n".join(line[0] for line in plan))
    assert plans == [True, False]


@pytest.mark.parametrize("name", EXAMPLES)
async def test_lists_take_one_statement_on_sqlite(name: str, tmp_path: Path) -> None:
    written(tmp_path, write_drizzle(example(name)))
    with sqlite3.connect(tmp_path / "sqlite" / "rows.db") as database:
        database.executescript(await exported(tmp_path, "sqlite"))
        fill_sqlite(database, example(name), 60)
    database.close()
    for few, many in await listed(tmp_path / "sqlite", LISTS[name]):
        proven(few, many)


def proven(few: Any, many: Any) -> None:
    """One statement for any number of rows, and pages that follow each other."""
    assert (len(few["first"]["rows"]), len(many["first"]["rows"])) == (5, 50)
    assert few["statements"] == many["statements"] == 1
    ids = [row["id"] for page in ("first", "second") for row in few[page]["rows"]]
    assert ids == [row["id"] for row in many["first"]["rows"]][:10]


async def listed(folder: Path, functions: tuple[str, ...], scratch: Scratch | None = None) -> list[tuple[Any, Any]]:
    """Of each list two pages of 5 rows and of 50, and how many statements they took."""
    script = HERE / "drizzle_statements.ts"
    return batched(json.loads(await run(script, folder, str(TENANT), *functions, scratch=scratch)))
