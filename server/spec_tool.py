"""A :class:`~tools.spec.ToolSpec` as an MCP tool."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import PrivateAttr, ValidationError

from backend.workspace import WorkspaceError
from knowledge.report import Report
from server.answer import to_result
from server.arguments import invalid_arguments
from server.plain import clipped
from server.progress import Throttle
from server.redact import Redactor
from server.schemas import Json, closed, inlined, without_empty_defaults, without_titles
from server.shorten import Detail
from tools.spec import Request, ToolSpec
from tools.spec import ToolError as Refusal
from tools.toolbox import Toolbox

DETAIL: Json = {
    "type": "string",
    "enum": [detail.value for detail in Detail],
    "default": Detail.NORMAL.value,
    "description": "how much to return",
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
        detail = self._detail(arguments)
        request = self._request({key: value for key, value in arguments.items() if key != "detail"})
        report = await self._report(request, context)
        return to_result(report, detail)

    def _detail(self, arguments: dict[str, Any]) -> Detail:
        value = arguments.get("detail", Detail.NORMAL)
        try:
            return Detail(value)
        except ValueError:
            choices = ", ".join(detail.value for detail in Detail)
            raise ToolError(f"{self.name}: 'detail' must be one of {choices}, got {value!r}.") from None

    def _request(self, arguments: dict[str, Any]) -> Request:
        try:
            request = self._spec.request.model_validate(_unwrapped(arguments, self.parameters["properties"]))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)
            raise ToolError(invalid_arguments(self.name, problems)) from None
        refuse_writing(self._spec, request, read_only=self._toolbox.workspace.read_only)
        return request

    async def _report(self, request: Request, context: Context[Any, Any]) -> Report:
        toolbox = replace(self._toolbox, progress=Throttle(context.report_progress, time.monotonic))
        try:
            report = await self._spec.run(request, toolbox)
        except (Refusal, WorkspaceError) as refusal:
            raise ToolError(f"{self.name}: {clipped(str(refusal), MAX_REFUSAL)}") from None
        except Exception as crash:
            raise UnexpectedToolError(f"Error executing tool {self.name}") from crash
        return kept(report, toolbox, self._redact)


def kept(report: Report, toolbox: Toolbox, redact: Redactor) -> Report:
    """``report`` without secrets, and stored under a run id if the tool has not done so."""
    clean = redact.model(report)
    return clean if clean.run else toolbox.runs.keep(clean)


def refuse_writing(spec: ToolSpec, request: Request, *, read_only: bool) -> None:
    """Refuse a writing action of a server that was started with ``--read-only``.

    Raises:
        ToolError: the action is not one of ``spec.read_only_actions``.
    """
    action = getattr(request, "action", "")
    if read_only and not spec.read_only and action not in spec.read_only_actions:
        raise ToolError(
            f"{spec.name}: action '{action}' writes, and the server was started with --read-only. "
            f"Allowed: {', '.join(spec.read_only_actions) or 'nothing'}."
        )


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


def _unwrapped(arguments: dict[str, Any], properties: Json) -> dict[str, Any]:
    """Some hosts send lists and objects as JSON in a string; take those apart."""
    return {key: _parsed(value, properties.get(key, {}).get("type")) for key, value in arguments.items()}


def _parsed(value: Any, wanted: Any) -> Any:
    if not isinstance(value, str) or wanted not in ("array", "object"):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return parsed if isinstance(parsed, list | dict) else value
