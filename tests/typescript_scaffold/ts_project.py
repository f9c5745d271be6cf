"""Rendered TypeScript projects on disk, and their servers as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from node_clients import NODE, Node, environment, installed

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.scaffold.typescript.render import render_typescript
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough for HS256: 0123456789"
READY_SECONDS = 30
STATEMENTS = "statements.log"
COUNTING = """\
import { appendFileSync } from "node:fs";
import { StatementSync } from "node:sqlite";
import pg from "pg";

const { all } = StatementSync.prototype;
StatementSync.prototype.all = function (...values) {
  appendFileSync("%(log)s", "statement\\n");
  return all.apply(this, values);
};
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (...values) {
  appendFileSync("%(log)s", "statement\\n");
  return query.apply(this, values);
};
"""
"""Notes every statement that is sent to a database, before it is."""


@cache
def packages() -> Node:
    """The packages of a project that uses every feature, installed once; those of all others are among them."""
    every = read_blueprint((ROOT / "examples" / "every_feature.yaml").read_text(encoding="utf-8"))
    manifest = ROOT / ".cache" / "typescript-scaffold" / "package.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    text = _rendered(every.model_dump_json())["package.json"]
    if not manifest.is_file() or manifest.read_text(encoding="utf-8") != text:
        draft = manifest.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(manifest)
    return installed(manifest)


def write_typescript(blueprint: Blueprint, folder: Path) -> Path:
    """Render a project into a folder, and link its packages."""
    for path, text in _rendered(blueprint.model_dump_json()).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    link_packages(folder)
    return folder


def link_packages(folder: Path) -> None:
    """Give a project its ``node_modules``."""
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(packages().home / "node_modules")


@cache
def _rendered(blueprint: str) -> dict[str, str]:
    return render_typescript(Blueprint.model_validate_json(blueprint))


def checked(folder: Path) -> str:
    """What the type checker has to say."""
    compiler = packages().script("typescript", "bin/tsc")
    return packages().run(compiler, "--noEmit", "-p", ".", cwd=folder).stdout


async def own_tests(folder: Path, *files: str, **variables: str) -> tuple[int, str]:
    """What a project's own tests come to: exit code and report."""
    wanted = files or ("tests/**/*.test.ts",)
    process = await asyncio.create_subprocess_exec(
        str(NODE), "--test", "--test-concurrency=1", "--test-reporter=tap", *wanted,
        cwd=folder, env={**environment(packages().home), **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@asynccontextmanager
async def running_typescript(
    folder: Path,
    database_url: str,
    *,
    blueprint: Blueprint | None = None,
    redis_url: str = "",
    secret: str = SECRET,
    counting: bool = False,
    **variables: str,
) -> AsyncIterator[str]:
    """The base URL of the project in ``folder``, migrated and served on a free loopback port.

    With ``blueprint`` it is rendered first; ``variables`` are further ones of its environment. With ``counting``
    every statement adds a line to the file ``statements.log`` in the folder. The process ends with the context.
    """
    if blueprint is not None:
        write_typescript(blueprint, folder)
    link_packages(folder)
    given = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "JWT_SECRET": secret,
        "RATE_LIMIT_ENABLED": "false",
        "PORT": "0",
        **variables,
    }
    known: dict[str, str] = {**environment(packages().home), **given}
    await migrated(folder, known)
    options = [_count(folder)] if counting else []
    process = await asyncio.create_subprocess_exec(
        str(NODE), *options, "src/main.ts", cwd=folder, env=known,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    drained: asyncio.Task[None] | None = None
    try:
        assert process.stdout is not None
        port = await asyncio.wait_for(_port(process.stdout), READY_SECONDS)
        drained = asyncio.create_task(_drain(process.stdout))
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), READY_SECONDS)
        if drained is not None:
            await drained


async def migrated(folder: Path, variables: Mapping[str, str]) -> str:
    """Run ``src/migrate.ts``; what it printed.

    Raises:
        RuntimeError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        str(NODE), "src/migrate.ts", cwd=folder, env=variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), READY_SECONDS)
    if process.returncode:
        raise RuntimeError(output.decode())
    return output.decode()


def _count(folder: Path) -> str:
    hook = folder / "counting.mjs"
    hook.write_text(COUNTING % {"log": (folder / STATEMENTS).as_posix()}, encoding="utf-8")
    return f"--import={hook.as_uri()}"


async def _port(output: asyncio.StreamReader) -> int:
    """The port that the server says it listens on.

    Raises:
        RuntimeError: it ended before it did; the text is what it printed.
    """
    printed = []
    async for raw in output:
        line = raw.decode()
        printed.append(line)
        if line.startswith("{") and "port" in (said := json.loads(line)):
            return int(said["port"])
    raise RuntimeError("".join(printed))


async def _drain(output: asyncio.StreamReader) -> None:
    async for raw in output:
        if b'"level":"error"' in raw:
            sys.stderr.write(raw.decode())


def postgres_url(host: PostgresHost, scratch: Scratch) -> str:
    """The address of a scratch database, in the words of the Python stack."""
    known = host.psql_env(scratch)[1]
    account = f"{known['PGUSER']}:{quote(known['PGPASSWORD'], safe='')}"
    return f"postgresql+asyncpg://{account}@/{known['PGDATABASE']}?host={quote(known['PGHOST'])}"
