"""``backend-architect serve``: the MCP server over stdio, or over HTTP."""

from __future__ import annotations

import argparse

from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until the client hangs up or the process is told to stop."""
    from server.app import build_server

    server = build_server(settings)
    if settings.http is None:
        server.run("stdio")
    else:
        from server.http import serve

        serve(server, settings)
    return 0
