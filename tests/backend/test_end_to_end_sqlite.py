"""From a blueprint to a backend that nothing breaks, on SQLite, with every quick check."""

from __future__ import annotations

from pathlib import Path

from end_to_end import from_blueprint_to_exercise

from tools.toolbox import Toolbox


async def test_a_shop_is_planned_applied_migrated_and_exercised_on_sqlite(tmp_path: Path, toolbox: Toolbox) -> None:
    (tmp_path / "shop.db").touch()
    url = f"sqlite:///{tmp_path}/shop.db"
    report = await from_blueprint_to_exercise("sqlite", url, tmp_path, toolbox)
    assert report["findings"] == []
    assert report["outcome"] == "pass", report["headline"]
