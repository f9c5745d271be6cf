"""A :class:`~tools.spec.ToolSpec` as an MCP tool."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import PrivateAttr

from server.answer import to_result
from server.arguments import shown
from server.kit import perform, request_of
from server.plain import clipped
from server.plan_viewer import VIEWS
from server.progress import Throttle
from server.redact import Redactor
from server.schemas import Json, closed, inlined, without_empty_defaults, without_titles
from server.shorten import Detail
from tools.spec import ToolError as Refusal
from tools.spec import ToolSpec
from tools.toolbox import Toolbox

DETAIL: Json = {
    "type": "string",
    "enum": [detail.value for detail in Detail],
    "default": Detail.NORMAL.value,
    "description": "how much",
}
MAX_REFUSAL = 2_000


class SpecTool(Tool):
    """The MCP side of one tool: schema, strict request, progress, result within its budget."""

    _spec: ToolSpec = PrivateAttr()
    _toolbox: Toolbox = PrivateAttr()
    _redact: Redactor = PrivateAttr()

    @classmethod
    def of(cls, spec: ToolSpec, toolbox: Toolbox, redact: Redactor, output_schema: Json) -> SpecTool:
        """The tool ``spec`` working with ``toolbox``; what it says passes through ``redact``."""
        read_only = toolbox.workspace.read_only
        tool = cls(
            fn=spec.run,
            name=spec.name,
            title=spec.title,
            description=spec.description,
            parameters=input_schema(spec, read_only=read_only),
            fn_metadata=FuncMetadata(arg_model=ArgModelBase, output_schema=output_schema),
            is_async=True,
            context_kwarg=None,
            annotations=hints(spec, read_only=read_only),
            meta={"ui": {"resourceUri": VIEWS[spec.view]}} if spec.view else None,
        )
        tool._spec, tool._toolbox, tool._redact = spec, toolbox, redact
        return tool

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> CallToolResult:
        """Run the tool; cancelling the call cancels it.

        Raises:
            ToolError: what the caller can put right.
            UnexpectedToolError: anything else went wrong; ``__cause__`` is what was raised.
        """
        rest = {key: value for key, value in arguments.items() if key != "detail"}
        toolbox = replace(self._toolbox, progress=Throttle(context.report_progress, time.monotonic))
        try:
            detail = _detail(self.name, arguments.get("detail", Detail.NORMAL))
            request = request_of(self._spec, rest, read_only=toolbox.workspace.read_only)
            report = await perform(self._spec, request, toolbox, self._redact)
        except Refusal as refusal:
            raise ToolError(clipped(str(refusal), MAX_REFUSAL)) from None
        except Exception as crash:
            raise UnexpectedToolError(f"Error executing tool {self.name}") from crash
        return to_result(report, detail)


def _detail(tool: str, value: Any) -> Detail:
    try:
        return Detail(value)
    except ValueError:
        choices = ", ".join(detail.value for detail in Detail)
        raise Refusal(f"{tool}: 'detail' must be one of {choices}, got {shown(value)}.") from None


def input_schema(spec: ToolSpec, *, read_only: bool = False) -> Json:
    """The published schema of a tool's arguments: its request, and ``detail``."""
    raw = inlined(spec.request.model_json_schema())
    schema = closed(without_empty_defaults(without_titles(raw)))
    schema.pop("description", None)
    properties = dict(schema.get("properties", {}))
    if read_only and not spec.read_only and "action" in properties:
        action = {key: value for key, value in properties["action"].items() if key != "const"}
        properties["action"] = {**action, "enum": list(spec.read_only_actions)}
    return {**schema, "properties": {**properties, "detail": DETAIL}}


def hints(spec: ToolSpec, *, read_only: bool = False) -> ToolAnnotations:
    """The hints of a tool; with ``--read-only`` its writing actions are refused, so only reading is left."""
    reads = spec.read_only or read_only
    return ToolAnnotations(
        title=spec.title,
        read_only_hint=reads,
        destructive_hint=spec.destructive and not reads,
        idempotent_hint=spec.idempotent or reads,
        open_world_hint=spec.open_world,
    )
