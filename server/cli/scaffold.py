"""``backend-architect scaffold DIR``: a backend made from a blueprint, or its upgrade; planned, then applied."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.cli.output import deliver
from server.cli.running import given, place, run_tool
from server.settings import Settings
from tools.spec import ToolError


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Plan, or with ``--apply`` carry out the plan of that hash, and print the report."""
    where = place(options, settings, options.path)
    blueprint = _blueprint(where.settings, options.blueprint)
    request = given(plan_hash=options.apply, blueprint=blueprint, stack=options.stack)
    request |= {"path": where.path, "action": "apply" if options.apply else "plan"}
    return deliver(run_tool(where.settings, "scaffold_backend", request), options)


def _blueprint(settings: Settings, typed: str | None) -> str:
    """The file as the workspace knows it; its text where it lies elsewhere.

    Raises:
        ToolError: it cannot be read.
    """
    if not typed:
        return ""
    real = Path(typed).expanduser().resolve()
    if real.is_relative_to(settings.workspace):
        return real.relative_to(settings.workspace).as_posix()
    try:
        text = real.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ToolError(f"--blueprint {typed}: {error}") from None
    return text if "\n" in text else f"{text}\n"  # a line end tells text from the name of a file
