"""Rendered projects under Alembic's own command: models and migrations agree, and every way is open."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_bench import files_of, modules, postgres_engine, run, sqlite_memory
from migration_cases import BASE, blueprint

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost
from backend.scaffold.migrations.changes import MigrationRefusedError
from backend.scaffold.migrations.render import VERSIONS, render_migrations
from backend.scaffold.render import render_project
from knowledge.blueprint.reader import read_blueprint
from knowledge.rules import all_rules
from knowledge.rules.rule import SchemaRule

EXAMPLES = sorted(Path("examples").glob("*.yaml"))
OWN = '''"""A revision of the user's own."""

from alembic import op

revision = "{name}"
down_revision = "{after}"


def upgrade():
    op.execute("SELECT 1")


def downgrade():
    pass
'''


async def alembic(root: Path, url: str, *arguments: str) -> str:
    """Alembic's own command, in the project."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "alembic",
        *arguments,
        cwd=root,
        env={**os.environ, "DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresHost) -> AsyncIterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'app.db'}"
        return
    async with postgres.scratch() as scratch, postgres_engine(postgres, scratch) as engine:
        yield engine.url.render_as_string(hide_password=False)


def written(root: Path, path: Path) -> Path:
    """A rendered project."""
    for name, text in render_project(read_blueprint(path.read_text())).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


async def test_alembic_finds_no_difference_between_models_and_migrations_and_goes_back(
    url: str, tmp_path: Path
) -> None:
    root = written(tmp_path / "shop", Path("examples/shop.yaml"))
    await alembic(root, url, "upgrade", "head")
    assert "No new upgrade operations" in await alembic(root, url, "check")
    sql = await alembic(root, url, "upgrade", "head", "--sql")
    assert "CREATE TABLE stock_levels" in sql
    await alembic(root, url, "downgrade", "base")
    if url.startswith("sqlite"):
        with sqlite3.connect(tmp_path / "app.db") as connection:
            left = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        connection.close()
        assert left == [("alembic_version",)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_no_schema_rule_has_anything_to_say_about_the_tables(path: Path, postgres: PostgresHost) -> None:
    revisions = modules(files_of(read_blueprint(path.read_text())))
    async with postgres.scratch() as scratch:
        async with postgres_engine(postgres, scratch) as engine, engine.connect() as connection:
            await connection.run_sync(run, revisions)
        session = await scratch.connect()
        schema = await read_schema(session)
        await session.close()
    hits = [hit.message for rule in all_rules() if isinstance(rule, SchemaRule) for hit in rule.inspect(schema)]
    assert hits == []


def test_new_revisions_come_after_those_of_the_user() -> None:
    files = files_of(blueprint())
    files[f"{VERSIONS}9f8e7d_own.py"] = OWN.format(name="9f8e7d", after="0001")
    after = blueprint(lambda raw: raw["tag"].update(soft_delete=True))
    rendered = render_migrations(after, blueprint(), files)
    (path,) = [path for path in rendered if path not in files and "_expand" in path]
    assert path.startswith(f"{VERSIONS}0002_")
    assert 'down_revision: str | None = "9f8e7d"' in rendered[path]
    assert rendered[f"{VERSIONS}9f8e7d_own.py"] == files[f"{VERSIONS}9f8e7d_own.py"]


def test_two_heads_are_refused() -> None:
    files = files_of(blueprint())
    for name in ("aaa", "bbb"):
        files[f"{VERSIONS}{name}_own.py"] = OWN.format(name=name, after="0001")
    with pytest.raises(MigrationRefusedError, match="aaa, bbb"):
        render_migrations(blueprint(lambda raw: raw["tag"].update(tenant=False, soft_delete=True)), blueprint(), files)


def test_the_same_tables_need_no_revision() -> None:
    files = files_of(blueprint())
    described = blueprint(lambda raw: raw["tag"].update(description="A word."))
    assert render_migrations(described, blueprint(), files) == files


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(TEXTS, min_size=1, max_size=4, unique=True))
def test_any_value_of_an_enum_and_any_default_reach_the_database_as_they_are(values: list[str]) -> None:
    def change(raw: dict[str, dict[str, dict[str, object]]]) -> None:
        raw["tag"]["fields"]["kind"] = {"type": "enum", "values": values, "default": values[0]}

    assert "kind" not in BASE["resources"]["tag"]["fields"]
    revisions = modules(files_of(blueprint(), blueprint(change)))
    row = "INSERT INTO tags (id, label, created_at, updated_at{}) VALUES ('{}', 'x', '2026', '2026'{})"
    with sqlite_memory() as connection:
        run(connection, revisions[:1])
        connection.exec_driver_sql(row.format("", "0", ""))
        connection.commit()
        run(connection, revisions[1:])
        assert connection.exec_driver_sql("SELECT kind FROM tags").scalar_one() == values[0]
        for number, value in enumerate(values, start=1):
            connection.exec_driver_sql(row.format(", kind", number, ", ?"), (value,))
