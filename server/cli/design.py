"""``backend-architect design "list a user's posts"``: an endpoint, run and measured before it is shown."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.cli.exercise import keep
from server.cli.output import deliver
from server.cli.running import given, places, run_tool
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Design, print the report and keep the contract and code where ``--keep`` says."""
    request = given(design=options.design, formats=options.as_format, rows=options.rows)
    files = {"path": options.on} if options.on else {}
    settings, inside = places(options, settings, files)
    report = run_tool(settings, "design_endpoint", request | inside)
    if options.keep:
        keep(report, Path(options.keep))
    return deliver(report, options)
