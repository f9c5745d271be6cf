"""Upgrades of a shop that its user works on: nothing of theirs is lost, all that is new arrives, old rows stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from acceptance_upgrades import (
    EDITS,
    EVOLUTIONS,
    SHOP,
    TOGETHER,
    Renderer,
    findings_after,
    merged,
    old_database,
)
from scaffold_samples import tree

from backend.scaffold import fate
from backend.scaffold.apply import Applied, apply
from backend.scaffold.merge import Merged


@pytest.fixture(scope="module")
def render() -> Renderer:
    return Renderer()


@pytest.mark.parametrize(("change", "evolution"), list(zip(EDITS, EVOLUTIONS, strict=True)))
def test_an_edit_and_a_change_of_the_blueprint_come_together(
    change: str, evolution: str, render: Renderer, tmp_path: Path
) -> None:
    merged(render, tmp_path, {change: EDITS[change]}, evolution)


def test_a_shop_with_every_edit_and_every_change_keeps_its_rows_and_passes_its_checks(
    render: Renderer, tmp_path: Path
) -> None:
    database = old_database(render, tmp_path / "old")
    assert findings_after(merged(render, tmp_path / "new", TOGETHER, *EVOLUTIONS), database, "mypy") == []


def test_a_merge_that_drops_an_edit_is_caught(
    render: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fate, "merge", lambda base, yours, new: Merged(new, 0))
    with pytest.raises(AssertionError, match="a consumer"):
        merged(render, tmp_path, TOGETHER, "events added")


def test_applying_twice_is_applying_once(tmp_path: Path) -> None:
    render = Renderer()
    render.scaffold(tmp_path)
    before = tree(tmp_path)
    again = render.plan(tmp_path, SHOP)
    assert again.empty and apply(again, again.hash) == Applied()
    assert tree(tmp_path) == before
