"""The core passes its type checker, and its own suites on every engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typescript_project import CORE, NAMES, Outcome, TypeScriptProject
from typescript_twins import TWINS

ENGINES = frozenset("answers conditional database errors events idempotency migrations pagination server".split())
"""Suites that use a database."""


def test_the_core_passes_the_strict_type_checker(typescript: TypeScriptProject) -> None:
    checked = typescript.check()
    assert checked.returncode == 0, checked.stdout


def test_the_type_checker_finds_a_planted_error(tmp_path: Path) -> None:
    project = TypeScriptProject.at(tmp_path)
    project.edit("conditional.ts", 'return `"${version}"`;', "return version;")
    checked = project.check()
    assert checked.returncode != 0
    assert "conditional.ts" in checked.stdout


def test_the_core_imports_only_itself_and_packages_of_the_manifest() -> None:
    manifest = (Path(__file__).parent / "package.json").read_text()
    for file in CORE.rglob("*.ts"):
        for line in file.read_text().splitlines():
            if not line.startswith(("import ", "export ", "} from ")) or " from " not in line:
                continue
            module = line.rpartition(" from ")[2].strip('";')
            if module.startswith("."):
                assert (file.parent / module).is_file(), f"{file.name}: {module}"
            elif not module.startswith("node:"):
                parts = module.split("/")
                package = "/".join(parts[:2] if module.startswith("@") else parts[:1])
                assert f'"{package}"' in manifest, f"{file.name}: {module}"


def _passes(outcome: Outcome) -> None:
    assert (outcome.code, outcome.failed) == (0, ()), outcome.output
    assert outcome.passed > 0, outcome.output


@pytest.mark.parametrize("suite", NAMES)
async def test_the_core_keeps_its_promises_on_sqlite(
    typescript: TypeScriptProject, sqlite_database: str, redis_url: str, suite: str
) -> None:
    variables = {"DATABASE_URL": sqlite_database, "TEST_REDIS_URL": redis_url}
    _passes(await asyncio.to_thread(typescript.run, suite, variables))


@pytest.mark.parametrize("suite", sorted(ENGINES & set(NAMES)))
async def test_the_core_keeps_its_promises_on_postgresql(
    typescript: TypeScriptProject, postgres_database: str, redis_url: str, suite: str
) -> None:
    variables = {"DATABASE_URL": postgres_database, "TEST_REDIS_URL": redis_url}
    _passes(await asyncio.to_thread(typescript.run, suite, variables))


@pytest.mark.parametrize("name", TWINS)
async def test_a_weakened_twin_is_caught(tmp_path: Path, sqlite_database: str, redis_url: str, name: str) -> None:
    twin = TWINS[name]
    project = TypeScriptProject.at(tmp_path / "project")
    project.edit(twin.file, twin.old, twin.new)
    outcome = await asyncio.to_thread(
        project.run, twin.suite, {"DATABASE_URL": sqlite_database, "TEST_REDIS_URL": redis_url}
    )
    assert outcome.failed, outcome.output
