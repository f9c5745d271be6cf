"""``backend-architect rehearse DIR``: what each migration does, by running it."""

from __future__ import annotations

import argparse

from server.cli.output import deliver
from server.cli.running import given, place, run_tool
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Rehearse the folder and print the report."""
    where = place(options, settings, options.path)
    request = given(
        since=options.since,
        changed=options.changed,
        base=options.base,
        format=options.layout,
        placeholders=options.placeholder,
        allow_project_code=options.allow_project_code,
    )
    numbers = {"seed_rows": options.seed_rows, "timeout_seconds": options.timeout_seconds}
    request |= {name: value for name, value in numbers.items() if value is not None}
    request |= {"action": "rehearse", "path": where.path, "prove": not options.no_prove}
    return deliver(run_tool(where.settings, "migrate_backend", request), options)
