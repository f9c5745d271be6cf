"""``backend-architect call TOOL --json '{...}'``: any tool, as an MCP client would call it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from server.cli.output import deliver
from server.cli.running import run_tool
from server.settings import Settings
from tools.spec import ToolError


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Call the tool and print its report."""
    text = sys.stdin.read() if options.json == "-" else options.json
    return deliver(run_tool(settings, options.tool, arguments(text)), options)


def arguments(text: str) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises:
        ToolError: it is not JSON, or not an object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"--json is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise ToolError('--json must be an object, as in \'{"path": "migrations"}\'')
    return found
