"""Prisma: what Prisma says of the written schema, what it makes of it, and how many statements its queries take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_formats_catalog import EXAMPLES, catalogue, connected, example, own_ddl, told
from data_formats_node import HERE, attempt, batched, run, type_errors, written
from data_formats_rows import TENANT, fill

from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.formats.prisma.writer import CONSTRAINTS, SCHEMA, write_prisma

TOOLS = HERE / "prisma_tools.mjs"
LISTS = {
    "blog": ("listPosts", "listUsersWithPosts"),
    "every_feature": ("listBooks", "listLoans", "listMembersWithLoans"),
    "shop": ("listProducts", "listProductsWithReviews", "listOrdersWithOrderLines"),
}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_prisma_finds_the_schema_valid(name: str, tmp_path: Path) -> None:
    written(tmp_path, write_prisma(example(name)))
    await run(TOOLS, "validate", tmp_path)


async def test_a_planted_fault_is_not_valid(tmp_path: Path) -> None:
    files = write_prisma(example("blog"))
    files[SCHEMA] = files[SCHEMA].replace("references: [id]", "references: [nothing]", 1)
    done = await attempt(TOOLS, "validate", written(tmp_path, files))
    assert done.returncode == 1
    assert "nothing" in done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
async def test_prisma_makes_the_blueprints_own_tables(name: str, tmp_path: Path, postgres: PostgresHost) -> None:
    files = write_prisma(example(name))
    async with postgres.scratch() as scratch:
        ddl = await run(TOOLS, "ddl", written(tmp_path, files), scratch=scratch)
    made = await catalogue(postgres, [ddl, files[CONSTRAINTS]])
    assert told(made) == told(await catalogue(postgres, own_ddl(example(name))))


@pytest.mark.parametrize("name", EXAMPLES)
async def test_queries_are_typed_and_take_as_many_statements_for_many_rows_as_for_few(
    name: str, tmp_path: Path, scratch: Scratch
) -> None:
    written(tmp_path, write_prisma(example(name)))
    await run(TOOLS, "generate", tmp_path)
    assert await type_errors(tmp_path) == ""
    async with connected(scratch) as connection:
        for statement in own_ddl(example(name)):
            await connection.execute(statement)
        await fill(connection, example(name), 60)
    found = await run(HERE / "prisma_statements.ts", tmp_path, str(TENANT), *LISTS[name], scratch=scratch)
    for few, many in batched(json.loads(found)):
        assert (len(few["first"]["rows"]), len(many["first"]["rows"])) == (5, 50)
        assert few["statements"] == many["statements"] <= 4
        ids = [row["id"] for page in ("first", "second") for row in few[page]["rows"]]
        assert ids == [row["id"] for row in many["first"]["rows"]][:10]
