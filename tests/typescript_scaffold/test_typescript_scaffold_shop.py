"""The rendered shop in TypeScript behaves as the one in Python: the same tests, put to the other stack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import test_scaffold_render_shop as specification
import ts_backend
from rendered_backends import ENGINES
from rendered_projects import Backend
from rendered_rows import Rows, User
from test_scaffold_render_shop import *  # noqa: F403  (the tests are what is imported)

from backend.engines.postgres.host import PostgresHost


@pytest.fixture(scope="module", params=ENGINES)
async def shop(
    request: Any, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost
) -> AsyncIterator[Backend]:
    folder = tmp_path_factory.mktemp("shop")
    async with ts_backend.started_typescript("shop", request.param, folder, postgres) as found:
        yield found


@pytest.fixture(autouse=True)
def outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outbox is read from the database: the application runs in a process of its own."""

    async def told(rows: Rows, row: str) -> list[tuple[str, Any]]:
        return [(event.type, event) for event in await ts_backend.events(rows.backend, row)]

    monkeypatch.setattr(specification, "events", told)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (rb'{"sku": "AB-4", "name": "\ud800", "price": "1.00"}', 422),
        (rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": {"a": "\udfff"}}', 422),
        (rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "\ud800": 1}', 422),
        (rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": NaN}', 400),
        (rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": 1e400}', 422),
    ],
)
async def test_text_that_is_no_text_and_numbers_that_are_none_are_refused(
    rows: Rows, staff: User, body: bytes, status: int
) -> None:
    """NaN is no JSON (RFC 8259 section 6); Python's own reader takes it, and the schema refuses it there."""
    headers = {"Content-Type": "application/json"}
    refused = await specification.ask(rows, staff, "POST", "/products", content=body, headers=headers)
    assert refused.status_code == status, refused.text
