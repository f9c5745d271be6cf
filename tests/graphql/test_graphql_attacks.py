"""Documents that ask for too much are refused before the database is asked; nothing of the inside is told."""

from __future__ import annotations

import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from graphql import get_introspection_query
from graphql_twin import STACKS, Twin, code, twin
from rendered_projects import SECRET, example, imported, write_project
from rendered_rows import User
from sqlalchemy import text

from backend.engines.postgres.host import PostgresHost
from knowledge.formats.graphql.write import write_sdl
from knowledge.graphql.diff import compare_sdl

ANYBODY = User(anonymous=True)


def nested(depth: int) -> str:
    return "{ subjects { items { id } } " + "deeper { " * depth + "id" + " }" * depth + " }"


FRAGMENTS = "query { ...F0 } " + " ".join(
    f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(30)
)
ATTACKS = {
    "deep fields": (nested(20), "QUERY_TOO_DEEP"),
    "deep brackets": ("{ a(x: " + "[" * 50_000, "QUERY_TOO_DEEP"),
    "deep values": ('{ subject(id: "a", x: ' + "{a: " * 70 + "1" + "}" * 70 + ") { id } }", "QUERY_TOO_DEEP"),
    "aliases": ("{ " + " ".join(f"a{n}: subjects {{ total }}" for n in range(40)) + " }", "TOO_MANY_ALIASES"),
    "tokens": ("{ subjects { " + "total " * 3000 + "} }", "QUERY_TOO_LONG"),
    "rows of rows": (
        "{ books(first: 100) { edges { node { subjects(limit: 100) { items { id name homepage } } } } } }",
        "QUERY_TOO_COMPLEX",
    ),
    "fragments in fragments": (FRAGMENTS + " fragment F30 on Query { subjects { total } }", "QUERY_TOO_DEEP"),
    "a fragment in itself": ("{ ...F } fragment F on Query { ...F }", "QUERY_TOO_DEEP"),
    "no document": ("{", "BAD_REQUEST"),
    "an unclosed string": ('{ a(b: "' + "x" * 100_000, "BAD_REQUEST"),
    "unknown fields": ("{ nothing }", "VALIDATION_ERROR"),
    "nothing to run": ("fragment F on Query { subjects { total } }", "VALIDATION_ERROR"),
    "another type": ('{ subjects(limit: "x") { total } }', "VALIDATION_ERROR"),
}


@asynccontextmanager
async def production(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The application as it runs in production."""
    project = write_project(example("every_feature"), folder / "project")
    with imported(project) as main:
        settings = importlib.import_module("app.settings").Settings
        url = f"sqlite+aiosqlite:///{folder}/production.db"
        app = main.create_app(settings(environment="production", jwt_secret=SECRET, database_url=url))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="https://test") as client:
            yield client
        await app.state.services.aclose()


@pytest.mark.parametrize("stack", STACKS)
async def test_documents_that_ask_for_too_much_are_refused(stack: str, tmp_path: Path, postgres: PostgresHost) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres, stack=stack) as pair:
        for name, (query, expected) in ATTACKS.items():
            pair.backend.statements.clear()
            answer = await pair.ask(query, ANYBODY)
            assert (name, code(answer)) == (name, expected)
            assert answer.get("data") is None and pair.backend.statements == []


@pytest.mark.parametrize("stack", STACKS)
async def test_what_is_within_the_limits_is_answered(stack: str, tmp_path: Path, postgres: PostgresHost) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres, stack=stack) as pair:
        aliases = "{ " + " ".join(f"a{n}: subjects {{ total }}" for n in range(30)) + " }"
        assert len((await pair.ask(aliases, ANYBODY))["data"]) == 30
        sized = "query($n: Int = 100) { subjects(limit: $n) { items { id name } } }"
        assert (await pair.ask(sized, ANYBODY, n=3))["data"] == {"subjects": {"items": []}}
        assert (await pair.ask(get_introspection_query(), ANYBODY))["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize("stack", STACKS)
async def test_only_post_and_only_one_document(stack: str, tmp_path: Path, postgres: PostgresHost) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres, stack=stack) as pair:
        client, url = pair.backend.client, pair.url
        mutation = 'mutation { deleteMember(input: {id: "x"}) { id } }'
        got = await client.get(url, params={"query": mutation})
        assert (got.status_code, got.headers["allow"]) == (405, "POST")
        batch = await client.post(url, json=[{"query": "{ subjects { total } }"}] * 2)
        assert (batch.status_code, batch.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
        form = await client.post(url, content=b"query={a}", headers={"Content-Type": "text/plain"})
        assert form.status_code in (415, 422)
        two = "query A { subjects { total } } query B { subject(id: 1) { id } }"
        one = await client.post(url, json={"query": two, "operationName": "A"})
        assert one.json() == {"data": {"subjects": {"total": 0}}}
        neither = await client.post(url, json={"query": two})
        assert neither.status_code == 400 and code(neither.json()) == "VALIDATION_ERROR"
        wrong = await client.post(url, json={"query": "{ nothing }"})
        assert wrong.status_code == 400 and "data" not in wrong.json()


async def test_in_production_the_schema_is_not_told(tmp_path: Path) -> None:
    async with production(tmp_path) as client:
        url = "/api/v2/graphql"
        introspection = (await client.post(url, json={"query": get_introspection_query()})).json()
        assert code(introspection) == "VALIDATION_ERROR" and "data" not in introspection
        typo = (await client.post(url, json={"query": "{ subject(id: 1) { nam } }"})).json()
        assert "Did you mean" not in typo["errors"][0]["message"]
        plain = await client.post(url, json={"query": "{ __typename }"})
        assert plain.json() == {"data": {"__typename": "Query"}}
        assert plain.headers["strict-transport-security"]


async def test_what_nobody_expected_is_logged_and_not_told(
    tmp_path: Path, postgres: PostgresHost, caplog: pytest.LogCaptureFixture
) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres) as pair:
        async with pair.backend.app.state.services.database.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE subjects RENAME COLUMN homepage TO elsewhere"))
        with caplog.at_level(logging.ERROR, logger="app.errors"):
            answer = await pair.ask("{ subjects { items { id } } books { edges { cursor } } }", ANYBODY)
        first, second = answer["errors"]
        assert {first["extensions"]["code"], second["extensions"]["code"]} == {"INTERNAL_ERROR", "UNAUTHENTICATED"}
        inside = next(one for one in answer["errors"] if one["extensions"]["code"] == "INTERNAL_ERROR")
        assert inside["message"] == "Something went wrong" and inside["extensions"]["details"] == []
        assert "homepage" not in str(answer) and "homepage" in caplog.text


async def served(pair: Twin) -> str:
    text: Any = importlib.import_module("app.graphql.endpoint").SCHEMA.as_str()
    return str(text)


@pytest.mark.parametrize("name", ["every_feature", "shop", "blog", "odd"])
async def test_the_schema_that_is_served_is_the_one_that_was_written(
    name: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with twin(name, "sqlite", tmp_path, postgres) as pair:
        assert compare_sdl(write_sdl(pair.backend.blueprint), await served(pair)) == ()
