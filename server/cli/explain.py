"""``backend-architect explain PATH``: a query, a plan or a log of queries."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server.cli.exercise import keep
from server.cli.output import deliver
from server.cli.running import given, places, run_tool
from server.settings import Settings
from tools.spec import ToolError


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Explain, print the report and keep its documents where ``--keep`` says."""
    request = given(
        sql=options.sql,
        rows=options.rows,
        database=options.database,
        analyze=options.analyze,
        engine=options.engine,
        budget_mb=options.budget_mb,
    )
    if options.path == "-":
        text = sys.stdin.read()
        request["plan" if _is_plan(text) else "sql"] = text
    if options.older_plan:
        request["older_plan"] = _text(options.older_plan)
    files = {
        name: value for name in ("path", "ddl", "statistics") if (value := getattr(options, name)) not in ("-", None)
    }
    settings, inside = places(options, settings, files)
    report = run_tool(settings, "explain_query_plan", request | inside)
    if options.keep:
        keep(report, Path(options.keep))
    return deliver(report, options)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"--older-plan {path} cannot be read: {error}") from None


def _is_plan(text: str) -> bool:
    """Whether a text from standard input is a plan rather than SQL."""
    from knowledge.formats.plans import PlanSyntaxError, read

    try:
        read(text)
    except PlanSyntaxError:
        return False
    return True
