"""From a blueprint to a backend that nothing breaks, on PostgreSQL and Redis."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from end_to_end import from_blueprint_to_exercise

from backend.engines.postgres.host import PostgresHost, Scratch
from tools.toolbox import Toolbox


async def test_a_shop_is_planned_applied_migrated_and_exercised_on_redis(
    tmp_path: Path, postgres: PostgresHost, scratch: Scratch, toolbox: Toolbox
) -> None:
    of = postgres.psql_env(scratch)[1]
    url = f"postgresql://{of['PGUSER']}:{quote(of['PGPASSWORD'])}@/{of['PGDATABASE']}?host={of['PGHOST']}"
    report = await from_blueprint_to_exercise("postgres+redis", url, tmp_path, toolbox, ("smoke", "access", "laws"))
    assert report["findings"] == []
    assert report["outcome"] == "pass", report["headline"]
