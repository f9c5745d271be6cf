"""``backend-architect review PATH``: what is wrong with a schema or a migration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from knowledge.report import Report
from server.cli.output import OK, deliver
from server.cli.running import given, place, run_tool
from server.settings import Settings
from tools.spec import ToolError

BASELINE = "baseline.json"


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Review and print the report; with ``--write-baseline``, accept what was found."""
    request = given(changed=options.changed, base=options.base, rules=options.rule, ignore=options.ignore) | {
        "prove": not options.no_prove
    }
    if options.path == "-":
        request["sql"] = sys.stdin.read()
    else:
        where = place(options, settings, options.path)
        settings, request["path"] = where.settings, where.path
    if options.baseline:
        request["baseline"] = _inside(settings, options.baseline)
    report = run_tool(settings, "review_schema", request)
    if options.write_baseline:
        return accept(report, Path(options.write_baseline))
    return deliver(report, options)


def accept(report: Report, file: Path) -> int:
    """Write the fingerprints of all findings of ``report`` to ``file``."""
    text = next((item.text for item in report.artifacts if item.name == BASELINE), "")
    if not text:
        raise ToolError("the review made no baseline")
    file.write_text(text, encoding="utf-8")
    print(f"{len(report.findings)} findings accepted in {file}", file=sys.stderr)
    return OK


def _inside(settings: Settings, path: str) -> str:
    """``path``, typed relative to the current folder, as the workspace knows it."""
    real = Path(path).resolve()
    if not real.is_relative_to(settings.workspace):
        raise ToolError(f"--baseline {path} is outside the workspace {settings.workspace}; use --workspace")
    return real.relative_to(settings.workspace).as_posix()
