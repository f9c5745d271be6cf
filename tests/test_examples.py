"""The bundled projects: what the flawed one shows, and that its corrected twin is sound."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

import backend_architect
from backend.workspace import Workspace
from knowledge.report import Basis, Outcome, Report, Severity
from server.cli import demo
from server.settings import Settings
from tools.migrate_backend import TOOL
from tools.toolbox import Toolbox

EXPECTED = {
    "required-column-no-default",
    "index-not-concurrent",
    "foreign-key-validates-now",
    "type-change-rewrites-table",
    "volatile-default-rewrites-table",
    "unique-builds-index",
    "down-does-not-restore",
    "drop-column",
    "irreversible-down",
    "enum-value-used-in-same-transaction",
}


async def _rehearsed(name: str, toolbox: Toolbox, folder: Path) -> Report:
    own = replace(toolbox, workspace=Workspace.at(demo.copy_example(folder, name)))
    report = await TOOL.run(TOOL.request.model_validate({"action": "rehearse", "path": demo.MIGRATIONS}), own)
    assert isinstance(report, Report)
    return report


async def test_the_flawed_shop_shows_every_flaw_it_was_given(toolbox: Toolbox, tmp_path: Path) -> None:
    report = await _rehearsed("flawed_shop", toolbox, tmp_path)
    assert report.outcome is Outcome.FINDINGS
    assert {finding.rule for finding in report.findings} >= EXPECTED
    high = [finding for finding in report.findings if finding.severity is Severity.HIGH]
    assert all(finding.basis is Basis.OBSERVED for finding in high)
    assert sum(fix.proven for finding in high for fix in finding.fixes) >= 3


async def test_the_sound_shop_has_no_finding_of_high_severity_and_every_down_leads_back(
    toolbox: Toolbox, tmp_path: Path
) -> None:
    report = await _rehearsed("sound_shop", toolbox, tmp_path)
    assert [finding for finding in report.findings if finding.severity is Severity.HIGH] == []
    restored, _, downs = report.fact("downs restored").partition(" of ")
    assert restored == downs != ""


def test_the_demo_shows_statements_evidence_and_fixes_and_ends_with_0(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    assert demo.run(argparse.Namespace(), Settings()) == 0
    shown = capsys.readouterr().out
    assert "alter table orders add column public_token uuid not null default gen_random_uuid();" in shown
    assert "a second session's SELECT and UPDATE wait" in shown
    assert "fix, proven" in shown
    assert "CREATE INDEX CONCURRENTLY" in shown
    assert "\x1b[" not in shown, "no colours where the output is not a terminal"


def test_all_examples_are_where_the_launcher_looks_for_them() -> None:
    folder = backend_architect.home() / "examples"
    folders = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert folders == ["api", "flawed_shop", "plans", "sound_shop"]
