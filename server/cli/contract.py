"""``backend-architect contract FILE``: review an API's contract, and tell what a new version breaks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from server.cli.exercise import keep
from server.cli.output import deliver
from server.cli.running import given, places, run_tool
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Review, print the report and keep patch, baseline and changes where ``--keep`` says.

    Whoever types ``--project`` has said that its code may run.
    """
    request = given(
        profiles=options.profile,
        policy=options.policy,
        ignore=options.ignore,
        url=options.url,
        app=options.app,
        tokens=options.token,
        allow_project_code=bool(options.project),
    )
    named = {
        "document": options.path,
        "older": options.older,
        "baseline": options.baseline,
        "allow": options.allow,
        "project": options.project,
    }
    files = {name: value for name, value in named.items() if value and value != "-"}
    settings, inside = places(options, settings, files)
    if options.path == "-":
        inside["document"] = sys.stdin.read()
    report = run_tool(settings, "review_api", request | inside)
    if options.keep:
        keep(report, Path(options.keep))
    return deliver(report, options)
