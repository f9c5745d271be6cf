"""The doctor runs every engine and says what is wrong in words."""

from __future__ import annotations

import re
from pathlib import Path

from backend.engines.doctor import engine_report


async def test_a_healthy_machine_is_measured() -> None:
    checks = {check.name: check for check in await engine_report()}
    assert list(checks) == [
        "python", "postgresql programs", "postgresql server", "scratch database", "sqlite",
        "alembic", "django", "fastapi",
    ]  # fmt: skip
    assert all(check.ok for check in checks.values() if check.required)
    assert re.search(r"PostgreSQL \d\d \(embedded\) in /", checks["postgresql programs"].detail)
    assert re.search(r"ready in \d+ ms", checks["postgresql server"].detail)
    assert re.search(r"created in \d+ ms", checks["scratch database"].detail)
    assert re.search(r"SQLite 3\.\d+", checks["sqlite"].detail)


async def test_what_does_not_work_is_said_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    checks = {check.name: check for check in await engine_report(binaries=tmp_path)}
    assert not checks["postgresql programs"].ok
    assert "name its bin folder" in checks["postgresql server"].detail
    assert "scratch database" not in checks
    assert checks["sqlite"].ok


async def test_the_operators_server_is_reported_without_its_password() -> None:
    checks = await engine_report(url="postgresql://someone:hunter2@127.0.0.1:9/postgres")
    assert "hunter2" not in str(checks)
    assert [check.ok for check in checks if check.name == "postgresql server"] == [False]
