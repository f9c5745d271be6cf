"""What a backend stands on for one run: databases made for it, secrets made up for it, its migrations applied."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend.engines.postgres.folders import held_folder
from backend.exercise.callers import Signing
from backend.exercise.process import Application
from backend.exercise.project import NotExercisable, Project
from backend.foreign.process import end_session, scrubbed

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

MIGRATE_SECONDS = 120.0
LAST_LINES = 8


class Engine(StrEnum):
    """Which databases a backend runs on."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    POSTGRES_REDIS = "postgres+redis"


@dataclass(frozen=True)
class Ground:
    """A place to run on. Everything in it is gone after the run."""

    project: Project
    engine: Engine
    signing: Signing
    environment: Mapping[str, str] = field(repr=False)
    postgres_socket: Path | None = None
    redis_socket: Path | None = None

    def application(self, **changes: str) -> Application:
        """What to start, with ``changes`` in its environment."""
        project = self.project
        environment = {**self.environment, **changes}
        return Application(project.app, project.folder, environment, project.python, project.node)


@asynccontextmanager
async def ground(project: Project, engine: Engine, postgres: PostgresHost) -> AsyncIterator[Ground]:
    """Prepare ``project`` to run on ``engine``; a scaffolded one is migrated to its newest version.

    Raises:
        EngineError: the database cannot be started.
        NotExercisable: the migrations fail.
    """
    name = project.blueprint.name if project.blueprint else "app"
    signing = Signing(secrets.token_urlsafe(48), name, name)
    environment = {
        "ENVIRONMENT": "test",
        "JWT_SECRET": signing.secret,
        "JWT_ISSUER": signing.issuer,
        "JWT_AUDIENCE": signing.audience,
        "RATE_LIMIT_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
    }
    async with AsyncExitStack() as stack:
        made = Ground(project, engine, signing, environment)
        if engine is Engine.SQLITE:
            folder = stack.enter_context(held_folder())
            made = _with(made, DATABASE_URL=f"sqlite+aiosqlite:///{folder}/run.db")
        else:
            scratch = await stack.enter_async_context(postgres.scratch())
            of = postgres.psql_env(scratch)[1]
            url = (
                f"postgresql+asyncpg://{of['PGUSER']}:{quote(of['PGPASSWORD'])}@/{of['PGDATABASE']}?host={of['PGHOST']}"
            )
            made = replace(_with(made, DATABASE_URL=url), postgres_socket=Path(of["PGHOST"]) / ".s.PGSQL.5432")
        if engine is Engine.POSTGRES_REDIS:
            from backend.engines.redis import RedisServer

            server = await stack.enter_async_context(RedisServer.running())
            made = replace(_with(made, REDIS_URL=server.url), redis_socket=server.socket)
        if project.blueprint is not None:
            await _migrate(made)
        yield made


def _with(made: Ground, **variables: str) -> Ground:
    return replace(made, environment={**made.environment, **variables})


async def _migrate(made: Ground) -> None:
    """Bring the database up to date with the project's own migrations, in a process of its own."""
    project = made.project
    command = (project.node, "src/migrate.ts") if project.node else (project.python, "-m", "alembic", "upgrade", "head")
    spoken = " ".join(Path(part).name for part in command[1:])
    with tempfile.TemporaryDirectory(prefix="backend-architect-") as home:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=made.project.folder,
            env={**scrubbed(home), **made.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(MIGRATE_SECONDS):
                said, _ = await process.communicate()
        except TimeoutError:
            raise NotExercisable(f"{spoken} ran for over {MIGRATE_SECONDS:g} s and was ended") from None
        finally:
            await end_session(process)
    if process.returncode:
        tail = "\n".join(said.decode(errors="replace").strip().splitlines()[-LAST_LINES:])
        raise NotExercisable(f"{spoken} failed; migrate_backend rehearse shows where:\n{tail}")
