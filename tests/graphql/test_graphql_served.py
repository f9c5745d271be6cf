"""What is served: the schema as written, the limits of the routes; nothing of the inside, less in production."""

from __future__ import annotations

import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from graphql import get_introspection_query
from graphql_twin import Twin, code, mutate, rest_code, twin
from rendered_projects import SECRET, example, imported, write_project
from rendered_rows import User
from sqlalchemy import text

from backend.engines.postgres.host import PostgresHost
from knowledge.formats.graphql.write import write_sdl
from knowledge.graphql.diff import compare_sdl

ANYBODY = User(anonymous=True)


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


@pytest.mark.parametrize(
    ("stack", "on"), [("python", {"rate_limit_enabled": True}), ("typescript", {"RATE_LIMIT_ENABLED": "true"})]
)
async def test_an_operation_has_one_limit_whoever_is_asked(
    stack: str, on: dict[str, Any], tmp_path: Path, postgres: PostgresHost
) -> None:
    async with twin("every_feature", "sqlite", tmp_path, postgres, stack=stack, **on) as pair:
        user = User(tenant=uuid4())
        codes = []
        for number in range(7):
            if number % 2:
                _, body = await pair.rest("POST", "/members", user, json={"email": "no"})
                codes.append(rest_code(body))
            else:
                codes.append(code(await mutate(pair, "createMember", user, "member { id }", email="no")))
        assert codes == ["VALIDATION_ERROR"] * 5 + ["RATE_LIMITED"] * 2
