"""What rendered applications say of themselves, and their limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rendered_backends import started
from rendered_projects import EXAMPLES, running, write_project
from rendered_rows import Rows, User

from backend.engines.postgres.host import PostgresHost
from backend.exercise.contract import Contract
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import routes

OPEN = """
name: open
auth: {scheme: none}
resources:
  note:
    fields:
      text: {type: text}
      kind: {type: enum, values: [a, b], default: a}
    operations:
      list: {access: [public], filter: [kind], cache: {server: 30}}
      get: {access: [public]}
      create: {access: [public], idempotency: required}
      update: {access: [public]}
      delete: {access: [public], rate_limit: {requests: 2, seconds: 60}}
"""


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_document_lists_the_routes_of_the_blueprint_and_no_others(
    name: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with started(name, "sqlite", tmp_path, postgres) as backend:
        document: dict[str, Any] = (await backend.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert Contract.read(document).operations
    promised = {(route.operation_id, route.method.lower(), route.path): route for route in routes(backend.blueprint)}
    found = {
        (operation["operationId"], method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api")
    }
    assert found.keys() == promised.keys()
    for key, operation in found.items():
        public = promised[key].operation.public
        assert operation.get("security", []) == ([] if public else [{"bearer": []}]), key
        assert ("401" in operation["responses"]) is not public, key
        assert operation["summary"]
        for status, answer in operation["responses"].items():
            assert status in ("204", "304") or "$ref" in answer["content"]["application/json"]["schema"], (key, status)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_a_backend_without_callers_serves_everybody(tmp_path: Path) -> None:
    blueprint = read_blueprint(OPEN)
    folder = write_project(blueprint, tmp_path)
    async with running(blueprint, folder, f"sqlite+aiosqlite:///{tmp_path}/app.db") as backend:
        rows, anybody = Rows(backend), User(anonymous=True)
        note = await rows.make("note", anybody, kind="b")
        assert (await backend.call("PATCH", f"/notes/{note['id']}", json={"text": "new"})).json()["data"]["kind"] == "b"
        listed = await backend.call("GET", "/notes", params={"kind": "b"})
        assert [row["text"] for row in listed.json()["data"]] == ["new"]
        assert listed.headers["cache-control"] == "no-cache"


async def test_an_operation_with_a_limit_of_its_own_is_counted_by_it(tmp_path: Path) -> None:
    blueprint = read_blueprint(OPEN)
    folder = write_project(blueprint, tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path}/app.db"
    async with running(blueprint, folder, url, rate_limit_enabled=True) as backend:
        answers = [await backend.call("DELETE", f"/notes/{uuid4()}") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert '"delete_note";q=2;w=60' in answers[0].headers["ratelimit-policy"]
        assert (await backend.call("GET", "/notes")).status_code == 200


async def test_answers_that_a_cdn_may_keep_say_so_and_those_of_one_caller_do_not(
    tmp_path: Path, postgres: PostgresHost
) -> None:
    async with started("blog", "sqlite", tmp_path, postgres) as backend:
        rows, writer = Rows(backend), User()
        post = await rows.make("post", writer)
        shown = await backend.call("GET", f"/posts/{post['id']}")
        kept = "public, max-age=60, s-maxage=300, stale-while-revalidate=600"
        assert shown.headers["cache-control"] == kept
        same = {"If-None-Match": shown.headers["etag"]}
        again = await backend.call("GET", f"/posts/{post['id']}", headers=same)
        assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", kept)
        linked = await backend.call("GET", f"/posts/{post['id']}/tags")
        assert linked.headers["cache-control"] == "no-cache"
        for path in (f"/posts/{uuid4()}", "/posts/x"):
            assert (await backend.call("GET", path)).headers["cache-control"] == "no-store"
        author = await rows.make("user", writer)
        assert "email" not in author  # it is write_only
        assert (await backend.call("GET", "/users", params={"q": "@example.org"})).json()["data"] == []
