"""``backend-architect exercise DIR``: run a backend and try to break it."""

from __future__ import annotations

import argparse
from pathlib import Path

from knowledge.report import Report
from server.cli.output import deliver
from server.cli.running import given, place, run_tool
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Exercise the backend, print the report and keep its documents where ``--keep`` says.

    Whoever types the command has said that the project's code may run.
    """
    numbers = {"cases": options.cases, "seconds": options.seconds, "seed": options.seed}
    request = given(
        app=options.app, engine=options.engine, checks=options.check, tokens=options.token, allow_project_code=True
    )
    request |= {name: value for name, value in numbers.items() if value is not None}
    if options.path.startswith(("http://", "https://")):
        report = run_tool(settings, "exercise_backend", request | {"url": options.path})
    else:
        where = place(options, settings, options.path)
        report = run_tool(where.settings, "exercise_backend", request | {"path": where.path})
    if options.keep:
        keep(report, Path(options.keep))
    return deliver(report, options)


def keep(report: Report, folder: Path) -> None:
    """Write the report's documents into ``folder``: the regression tests, tables and plots."""
    for artifact in report.artifacts:
        file = folder / artifact.name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(artifact.text, encoding="utf-8")
