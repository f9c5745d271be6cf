"""A workspace with migrations, and a way to call the tool on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.report import Report
from tools.migrate_backend import MigrateBackendRequest, run
from tools.toolbox import Targets, Toolbox

Migrate = Callable[..., Awaitable[Report]]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write files below ``db`` in the workspace."""

    def write_files(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "db" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "db"

    return write_files


@pytest.fixture
def migrate(toolbox: Toolbox) -> Migrate:
    """Call the tool on ``db``; ``database_url`` names a target."""

    async def call(database_url: str = "", **fields: Any) -> Report:
        chosen = replace(toolbox, targets=Targets(database_url=database_url))
        return await run(MigrateBackendRequest(path="db", **fields), chosen)

    return call


def rules(report: Report) -> set[str]:
    """The rule ids of a report."""
    return {finding.rule for finding in report.findings}
