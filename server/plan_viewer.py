"""The plan viewer as an MCP App: a page that a host shows beside the result of ``explain_query_plan`` (SEP-1865)."""

from __future__ import annotations

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource

VIEWS = {"plan": "ui://backend-architect/plan.html"}
"""Where the page of each kind of view is, by the name a tool's record has for it."""


def viewers() -> Apps:
    """The extension with its page, which is read from disk only when a host asks for it."""
    apps = Apps()
    apps.add_resource(
        FunctionResource(
            uri=VIEWS["plan"],
            name="plan-viewer",
            title="Plan viewer",
            description="Draws the plan of an explain_query_plan result; hosts of MCP Apps show it.",
            mime_type=APP_MIME_TYPE,
            fn=_page,
        )
    )
    return apps


def _page() -> str:
    from knowledge.plan.picture.page import template

    return template()
