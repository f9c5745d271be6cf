"""Written clients pass the strictest type checks and work against the running backend."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from node_clients import Node, installed

from backend.design.mounted import mounted
from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Call
from backend.exercise.subject import Budget, Subject
from knowledge.blueprint.reader import read_blueprint
from knowledge.formats.clients.python import write_python_client
from knowledge.formats.clients.typescript import write_typescript_client

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("blog", "shop", "every_feature")
STRICT = (
    "--noEmit", "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes",
    "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom,dom.iterable",
)  # fmt: skip


@pytest.fixture(scope="session")
def node() -> Node:
    return installed(Path(__file__).with_name("package.json"))


def _written(folder: Path, name: str) -> tuple[Path, Path]:
    blueprint = read_blueprint((EXAMPLES / f"{name}.yaml").read_text())
    python, typescript = folder / f"{name}_client.py", folder / f"{name}.ts"
    python.write_text(write_python_client(blueprint)["client.py"])
    typescript.write_text(write_typescript_client(blueprint)["client.ts"])
    return python, typescript


def test_python_clients_pass_mypy_strict(tmp_path: Path) -> None:
    files = [_written(tmp_path, name)[0] for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", *map(str, files)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout


def test_typescript_clients_pass_tsc_strict(tmp_path: Path, node: Node) -> None:
    files = [_written(tmp_path, name)[1] for name in NAMES]
    done = node.run(node.script("typescript", "bin/tsc"), *STRICT, *files)
    assert done.returncode == 0, done.stdout


def test_tsc_catches_a_misused_client(tmp_path: Path, node: Node) -> None:
    _, client = _written(tmp_path, "blog")
    client.write_text(client.read_text() + '\nnew Client({ baseUrl: "x" }).createTag({ nmae: "a" });\n')
    done = node.run(node.script("typescript", "bin/tsc"), *STRICT, client)
    assert done.returncode != 0 and "nmae" in done.stdout


class _Through(httpx2.AsyncBaseTransport):
    """Sends what the client sends to the backend under test."""

    def __init__(self, subject: Subject) -> None:
        self._target = subject.target

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        path = request.url.raw_path.decode()
        answer = await self._target.call(Call(request.method, path, dict(request.headers), body))
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=answer.body)


async def test_the_python_client_creates_walks_and_understands_refusals(tmp_path: Path, postgres: PostgresHost) -> None:
    blueprint = read_blueprint((EXAMPLES / "blog.yaml").read_text())
    python, _ = _written(tmp_path, "blog")
    module = _imported(python)
    async with mounted(blueprint, postgres, now=datetime.now(UTC), seed=1, budget=Budget()) as up:
        owner = up.subject.callers["owner"]
        token = owner.headers["Authorization"].removeprefix("Bearer ")
        async with module.Client("http://backend", token, transport=_Through(up.subject)) as client:
            user = (await client.create_user({"handle": "ann-lee", "display_name": "Ann", "email": "a@example.com"}))[
                "data"
            ]
            key = str(uuid4())
            for number in range(5):
                post = {"title": f"Post {number}", "slug": f"post-{number}", "body": "Text", "status": "draft"}
                first = await client.create_post(post, idempotency_key=f"{key}-{number}")
                again = await client.create_post(post, idempotency_key=f"{key}-{number}")
                assert first["data"]["id"] == again["data"]["id"]
            walked = [row async for row in client.list_user_posts_all(user["id"], limit=2)]
            assert [row["title"] for row in walked] == [f"Post {number}" for number in (4, 3, 2, 1, 0)]
            with pytest.raises(module.ApiError) as refused:
                await client.create_post({**post, "title": ""})
            assert (refused.value.status, refused.value.code) == (422, "VALIDATION_ERROR")
            assert refused.value.details[0]["field"] == "body.title"
            assert await client.delete_post(walked[0]["id"]) is None
            with pytest.raises(module.ApiError) as gone:
                await client.get_post(walked[0]["id"])
            assert gone.value.code == "NOT_FOUND" and not gone.value.retryable


def _imported(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
