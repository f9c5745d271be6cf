"""Rendered projects on disk, and their applications within the test process."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import httpx2 as httpx
import jwt
from sqlalchemy import event

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.scaffold.render import render_project
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough for HS256: 0123456789"
EXAMPLES = {
    "blog": ROOT / "examples" / "blog.yaml",
    "shop": ROOT / "examples" / "shop.yaml",
    "every_feature": ROOT / "examples" / "every_feature.yaml",
    "odd": ROOT / "tests" / "scaffold" / "rendered_odd.yaml",
}


def example(name: str) -> Blueprint:
    """A blueprint of the examples, or the one that uses every feature."""
    return read_blueprint(EXAMPLES[name].read_text(encoding="utf-8"), path=name)


def write_project(blueprint: Blueprint, folder: Path) -> Path:
    """Render a project into a folder."""
    for path, text in _rendered(blueprint.model_dump_json()).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


@cache
def _rendered(blueprint: str) -> dict[str, str]:
    return render_project(Blueprint.model_validate_json(blueprint))


@contextmanager
def imported(folder: Path) -> Iterator[ModuleType]:
    """The package ``app`` of a project; only one at a time, and none of it is left in ``sys.modules``."""
    _forget()
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        importlib.import_module("app.models")
        yield importlib.import_module("app.main")
    finally:
        sys.path.remove(str(folder))
        _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
        del sys.modules[name]


def token(blueprint: Blueprint, subject: UUID, *, roles: tuple[str, ...] = (), tenant: UUID | None = None) -> str:
    """An access token as the backend takes it."""
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": blueprint.name,
        "aud": blueprint.name,
        "sub": str(subject),
        "iat": now,
        "exp": now + timedelta(minutes=30),
        "jti": uuid4().hex,
        "roles": list(roles),
    }
    if tenant is not None:
        claims["tenant_id"] = str(tenant)
    return jwt.encode(claims, SECRET, algorithm="HS256", headers={"typ": "at+jwt"})


@dataclass
class Backend:
    """A running application and what its requests cost."""

    blueprint: Blueprint
    app: Any
    client: httpx.AsyncClient
    statements: list[str] = field(default_factory=list)
    """Those sent to the database."""

    def headers(self, user: UUID, *roles: str, tenant: UUID | None = None) -> Mapping[str, str]:
        """Of a caller."""
        return {"Authorization": f"Bearer {token(self.blueprint, user, roles=roles, tenant=tenant)}"}

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; ``path`` is below the API's prefix. Every answer must be one that is documented."""
        answer = await self.client.request(method, f"{self.blueprint.prefix}{path}", **options)
        documented = self._documented(method, answer.url.path)
        assert not documented or str(answer.status_code) in documented, (method, path, answer.status_code, documented)
        return answer

    def _documented(self, method: str, path: str) -> set[str]:
        for template, item in self.app.openapi()["paths"].items():
            if method.lower() in item and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return set(item[method.lower()]["responses"])
        return set()


@asynccontextmanager
async def running(blueprint: Blueprint, folder: Path, database_url: str, **settings: Any) -> AsyncIterator[Backend]:
    """The application of a project, its tables made."""
    with imported(folder) as main:
        known = importlib.import_module("app.settings").Settings
        given = {"rate_limit_enabled": False, **settings}
        app = main.create_app(known(environment="test", jwt_secret=SECRET, database_url=database_url, **given))
        database = app.state.services.database
        base = importlib.import_module("app.core.database").Base
        async with database.engine.begin() as connection:
            await connection.run_sync(base.metadata.create_all)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            backend = Backend(blueprint, app, client)
            _observe(database, backend.statements)
            try:
                yield backend
            finally:
                await app.state.services.aclose()


def _observe(database: Any, statements: list[str]) -> None:
    """Note what is sent, be it through SQLAlchemy or past it."""
    fetch = database._fetch

    async def noted(query: Any, parameters: Any) -> Any:
        statements.append(str(query.statement))
        return await fetch(query, parameters)

    if database.engine.dialect.driver == "asyncpg":
        database._fetch = noted
    event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )


def postgres_url(host: PostgresHost, scratch: Scratch) -> str:
    """The address of a scratch database for asyncpg."""
    known = host.psql_env(scratch)[1]
    account = f"{known['PGUSER']}:{known['PGPASSWORD']}"
    return f"postgresql+asyncpg://{account}@/{known['PGDATABASE']}?host={known['PGHOST']}"
