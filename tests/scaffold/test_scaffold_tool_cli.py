"""The command line: plan, apply by hash, upgrade."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from scaffold_samples import BLOG, edit, render, tree

from server.cli import main


@pytest.fixture(autouse=True)
def small_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rendered does not matter here."""
    module = ModuleType("backend.scaffold.render")
    module.render_project = lambda blueprint, *_before: render(blueprint, None)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    code = main(["scaffold", *arguments, "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    return code, {"headline": report["headline"], **{fact["name"]: fact["value"] for fact in report["facts"]}}


def test_a_backend_is_planned_applied_and_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = tmp_path / "work"
    inside.mkdir()
    monkeypatch.chdir(inside)
    elsewhere = tmp_path / "blog.yaml"
    elsewhere.write_text(BLOG)
    code, planned = run(capsys, "blog", "--blueprint", str(elsewhere))
    assert code == 0 and tree(inside) == {}
    code, applied = run(capsys, "blog", "--blueprint", str(elsewhere), "--apply", planned["plan_hash"])
    assert code == 0 and applied["headline"].startswith("New project in blog: ")
    edit(inside / "blog/blueprint.yaml", lambda text: text.replace("Writers", "Painters"))
    code, planned = run(capsys, "blog")
    assert code == 0 and int(planned["update"]) >= 1
    code, _ = run(capsys, str(inside / "blog"), "--apply", planned["plan_hash"])
    assert code == 0
    assert main(["scaffold", "blog", "--apply", "0" * 32]) == 2
    assert main(["scaffold", "nowhere"]) == 2
