"""``backend-architect demo``: a flawed project, copied and rehearsed before your eyes."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import backend_architect
from server.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from knowledge.report import Location, Report

EXAMPLE = "flawed_shop"
MIGRATIONS = "db/migrations"
INTRODUCTION = (
    "Nine migrations of a small shop, rehearsed on a private PostgreSQL that exists only for this run. Each "
    "statement is executed on seeded rows while a second session tries to read and write, then rolled down and "
    "up again. What follows was observed, or says what it assumes; every fix marked proven was run."
)
WHAT_NOW = (
    "Your own project:  backend-architect rehearse DIR\nIn Claude Code:    "
    "claude mcp add backend-architect -- uvx backend-architect"
)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show the rehearsal of the bundled project. Findings are what a demo is for, so it ends with 0."""
    from rich.console import Console

    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="backend-architect-demo-") as folder:
        workspace = copy_example(Path(folder))
        report = rehearsed(workspace)
        show(console, workspace, report)
    return 0


def copy_example(folder: Path, name: str = EXAMPLE) -> Path:
    """A copy of a bundled example below ``folder``."""
    return Path(shutil.copytree(backend_architect.home() / "examples" / name, folder / name))


def rehearsed(workspace: Path) -> Report:
    """The report of ``migrate_backend`` with action ``rehearse`` on the example in ``workspace``."""
    from server.cli.running import run_tool

    return run_tool(Settings(workspace=workspace), "migrate_backend", {"action": "rehearse", "path": MIGRATIONS})


def show(console: Console, workspace: Path, report: Report) -> None:
    """Print introduction, report and what to do next."""
    from rich.padding import Padding

    from knowledge.report import Severity
    from server.render.terminal import print_report

    def source(location: Location) -> str:
        return statement_at(workspace, location)

    console.print(Padding(INTRODUCTION, (1, 0)), style="dim")
    print_report(console, without_overview(report), source=source, shown=(Severity.HIGH, Severity.MEDIUM))
    console.print(Padding(WHAT_NOW, (1, 0)))


def without_overview(report: Report) -> Report:
    """``report`` without what only repeats its findings, or is of no use to somebody who looks on."""
    facts = [fact for fact in report.facts if fact.name != "plan_hash"]
    return report.model_copy(update={"tables": [], "facts": facts})


def statement_at(workspace: Path, location: Location) -> str:
    """The statement that begins at ``location``, from its file; ``""`` where no line is known."""
    path = workspace / location.path
    if not location.column or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()[location.line - 1 :]
    return "\n".join(lines).split(";", 1)[0] + ";"
