"""The core passes its type checker, and its own suites on every engine; weakened twins of it do not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest
from typescript_project import CORE, FOLDER, NAMES, Outcome, TypeScriptProject, run_suites
from typescript_twins import TWINS

from backend.engines.postgres.host import PostgresHost

WITH_DATABASE = tuple("answers conditional database errors events idempotency migrations pagination server".split())
"""Suites that use a database; the others do the same on any."""


@pytest.fixture(scope="session")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptProject:
    """The core as it is; nobody edits this one."""
    return TypeScriptProject.at(tmp_path_factory.mktemp("typescript"))


@pytest.fixture(scope="session")
async def on_sqlite(typescript: TypeScriptProject, redis_url: str) -> dict[str, Outcome]:
    """What became of each suite on SQLite."""
    files = [typescript.suite(name) for name in NAMES]
    variables = {"DATABASE_URL": FOLDER, "TEST_REDIS_URL": redis_url}
    return {each.suite: each for each in await asyncio.to_thread(run_suites, files, variables)}


@pytest.fixture(scope="session")
async def on_postgres(typescript: TypeScriptProject, postgres: PostgresHost, redis_url: str) -> dict[str, Outcome]:
    """What became of each suite on PostgreSQL behind a socket, whose address is in the words of the Python stack."""
    files = [typescript.suite(name) for name in WITH_DATABASE]
    async with postgres.scratch() as scratch:
        of = postgres.psql_env(scratch)[1]
        user, password = of["PGUSER"], quote(of["PGPASSWORD"], safe="")
        url = f"postgresql+asyncpg://{user}:{password}@/{of['PGDATABASE']}?host={quote(of['PGHOST'])}"
        variables = {"DATABASE_URL": url, "TEST_REDIS_URL": redis_url}
        return {each.suite: each for each in await asyncio.to_thread(run_suites, files, variables)}


@pytest.fixture(scope="session")
async def twins(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> dict[str, Outcome]:
    """What became of each twin on the suite that must catch it."""
    folder = tmp_path_factory.mktemp("twins")
    files: list[Path] = []
    for number, twin in enumerate(TWINS.values()):
        project = TypeScriptProject.at(folder / f"{number:03}")  # Node takes files in the order of their names
        project.edit(twin.file, twin.old, twin.new)
        files.append(project.suite(twin.suite))
    variables = {"DATABASE_URL": FOLDER, "TEST_REDIS_URL": redis_url}
    outcomes = await asyncio.to_thread(run_suites, files, variables)
    return dict(zip(TWINS, outcomes, strict=True))


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


@pytest.mark.parametrize("suite", NAMES)
def test_the_core_keeps_its_promises_on_sqlite(on_sqlite: dict[str, Outcome], suite: str) -> None:
    outcome = on_sqlite[suite]
    assert outcome.passed, outcome.output
    assert outcome.tests > 0


@pytest.mark.parametrize("suite", WITH_DATABASE)
def test_the_core_keeps_its_promises_on_postgresql(on_postgres: dict[str, Outcome], suite: str) -> None:
    outcome = on_postgres[suite]
    assert outcome.passed, outcome.output
    assert outcome.tests > 0


@pytest.mark.parametrize("name", TWINS)
def test_a_weakened_twin_is_caught(twins: dict[str, Outcome], name: str) -> None:
    outcome = twins[name]
    assert outcome.suite == TWINS[name].suite
    assert outcome.tests > 0, "the twin does not even begin"
    assert not outcome.passed, outcome.output
