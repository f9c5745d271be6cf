"""SQLAlchemy: the written models are imported, typed and linted, make the same tables, and load in batches."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from data_formats_catalog import EXAMPLES, catalogue, connected, example, own_ddl, told
from data_formats_node import batched
from data_formats_rows import TENANT, fill

from backend.engines.postgres.host import PostgresHost, Scratch
from knowledge.formats.sqlalchemy_models.writer import write_sqlalchemy

sys.path.insert(0, str(Path(__file__).parents[1] / "scaffold"))
from acceptance_projects import libraries_known

PROBE = Path(__file__).with_name("sqlalchemy_probe.py")
LISTS = {
    "blog": ("list_posts", "list_users_with_posts"),
    "every_feature": ("list_books", "list_loans", "list_members_with_loans"),
    "shop": ("list_products", "list_products_with_reviews", "list_orders_with_order_lines"),
}


async def probe(folder: Path, name: str, *arguments: str, scratch: Scratch | None = None) -> Any:
    """What the probe prints of a written package."""
    for path, text in write_sqlalchemy(example(name)).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    server = scratch.host.psql_env(scratch)[1] if scratch is not None else {}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", str(PROBE), str(folder), *arguments],
        env={**os.environ, **server},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_models_make_the_blueprints_own_tables(name: str, tmp_path: Path, postgres: PostgresHost) -> None:
    made = await catalogue(postgres, await probe(tmp_path, name, "ddl"))
    assert told(made) == told(await catalogue(postgres, own_ddl(example(name))))


@pytest.mark.parametrize("name", EXAMPLES)
async def test_lists_load_relations_in_batches(name: str, tmp_path: Path, scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        for statement in own_ddl(example(name)):
            await connection.execute(statement)
        await fill(connection, example(name), 60)
    found = await probe(tmp_path, name, "lists", str(TENANT), *LISTS[name], scratch=scratch)
    for few, many in batched(found):
        assert [len(page) for page in (*few["pages"], *many["pages"])] == [5, 5, 50, 10]
        assert few["pages"][0] + few["pages"][1] == many["pages"][0][:10]
        assert few["statements"] == many["statements"] <= 4
    assert sum(many["children"]) > 0


def test_the_modules_are_linted_and_typed(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    for path, text in write_sqlalchemy(example("shop")).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    with libraries_known(folder):
        for command in (
            ("ruff", "check", "--isolated", "--select", "E,F,I,UP,B", "--line-length", "120", "."),
            ("mypy", "--strict", "--config-file=", "-p", "database"),
        ):
            call = [sys.executable, "-m", *command]
            done = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout
