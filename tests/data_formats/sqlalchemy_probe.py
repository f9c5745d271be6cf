"""Written models in a process of their own: ``sqlalchemy_probe.py <folder> ddl`` or ``... lists <tenant> <name>...``.

``lists`` asks each function for two pages of 5 rows and of 50, and counts the statements of the first.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


def ddl(metadata: sa.MetaData) -> list[str]:
    """What makes the tables."""
    lines: list[str] = []
    dialect = postgresql.dialect()
    engine = sa.create_mock_engine(
        "postgresql+asyncpg://", lambda statement, *_, **__: lines.append(str(statement.compile(dialect=dialect)))
    )
    metadata.create_all(engine, checkfirst=False)
    return lines


async def lists(tenant: str, names: list[str]) -> list[dict[str, Any]]:
    """Identifiers of two pages each, and the statements the first took."""
    from database import queries

    host = {"host": os.environ["PGHOST"]}
    url = sa.URL.create("postgresql+asyncpg", os.environ["PGUSER"], os.environ["PGPASSWORD"], query=host)
    engine = create_async_engine(url.set(database=os.environ["PGDATABASE"]))
    statements: list[str] = []
    sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    found = []
    for name in names:
        function = getattr(queries, name)
        given: dict[str, Any] = (
            {"tenant_id": UUID(tenant)} if "tenant_id" in inspect.signature(function).parameters else {}
        )
        for limit in (5, 50):
            async with AsyncSession(engine) as session:
                statements.clear()
                first = await function(session, limit=limit, **given)
                count = len(statements)
                last = _row(first.rows[-1])
                second = await function(session, limit=limit, after=(last.created_at, last.id), **given)
                pages = [[str(_row(row).id) for row in page.rows] for page in (first, second)]
                children = [len(row[1]) for row in first.rows if isinstance(row, tuple)]
                found.append({"statements": count, "pages": pages, "children": children})
    await engine.dispose()
    return found


def _row(row: Any) -> Any:
    return row[0] if isinstance(row, tuple) else row


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from database.models import Base

    sa.orm.configure_mappers()
    print(json.dumps(ddl(Base.metadata) if sys.argv[2] == "ddl" else asyncio.run(lists(sys.argv[3], sys.argv[4:]))))
