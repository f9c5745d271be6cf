"""A report to standard output or a file, and the exit code it stands for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from knowledge.report import Outcome, Report, Severity

OK, FINDINGS, ERROR = 0, 1, 2


def deliver(report: Report, options: argparse.Namespace) -> int:
    """Print ``report`` as ``--format`` says, to ``--output`` if given; return the exit code."""
    if options.format == "text" and not options.output and sys.stdout.isatty():
        from rich.console import Console

        from server.render.terminal import print_report

        print_report(Console(highlight=False), report)
    elif options.output:
        Path(options.output).write_text(rendered(report, options.format) + "\n", encoding="utf-8")
    else:
        print(rendered(report, options.format))
    return exit_code(report, Severity(options.fail_on))


def rendered(report: Report, form: str) -> str:
    """``report`` as text, json, sarif, github or gitlab."""
    match form:
        case "json":
            return report.model_dump_json(indent=2)
        case "sarif":
            from server.render.sarif import sarif

            return sarif(report)
        case "github":
            from server.render.github import workflow_commands

            return workflow_commands(report)
        case "gitlab":
            from server.render.gitlab import code_quality

            return code_quality(report)
        case _:
            from server.render.text import text

            return text(report)


def exit_code(report: Report, threshold: Severity) -> int:
    """0 fine, 1 a finding of ``threshold`` or more severe, 2 if the main question could not be tested."""
    if report.outcome is Outcome.NOT_TESTED:
        return ERROR
    if report.findings:
        return FINDINGS if any(item.severity.rank <= threshold.rank for item in report.findings) else OK
    return FINDINGS if report.outcome is Outcome.FINDINGS else OK
