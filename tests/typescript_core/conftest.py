"""The core in a project, and the databases that its suites run on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from typescript_project import TypeScriptProject

from backend.engines.postgres.host import PostgresHost


@pytest.fixture(scope="session")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptProject:
    """The core as it is; nobody edits this one."""
    return TypeScriptProject.at(tmp_path_factory.mktemp("typescript"))


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The address of a file that is not there yet, in the words of the Python stack."""
    return f"sqlite+aiosqlite:///{tmp_path}/core.db"


@pytest.fixture
async def postgres_database(postgres: PostgresHost) -> AsyncIterator[str]:
    """The address of an empty database behind a socket, in the words of the Python stack."""
    async with postgres.scratch() as scratch:
        of = postgres.psql_env(scratch)[1]
        user, password = of["PGUSER"], quote(of["PGPASSWORD"], safe="")
        yield f"postgresql+asyncpg://{user}:{password}@/{of['PGDATABASE']}?host={quote(of['PGHOST'])}"
