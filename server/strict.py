"""An MCP server that says what was wrong: strict arguments, lean schemas, short errors, no leaks.

The SDK's defaults ignore unknown arguments, repeat pydantic's prose and links, and put a ``title`` on
every node of a schema. This subclass changes that for every tool, also for plain ``@server.tool()``
functions. The private parts it leans on (``_tool_manager``, ``configure_logging``) are watched by a test.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import mcp.server.mcpserver.server as sdk
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.types import CallToolResult, ContentBlock, InputRequiredResult, TextContent, Tool
from pydantic import ValidationError

from server.arguments import invalid_arguments, unknown_arguments, unknown_tool
from server.schemas import closed, without_titles

log = logging.getLogger(__name__)

SDK_LOGGING = "configure_logging"


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """Keep the SDK's constructor from setting up logging.

    It would import rich (40 ms of every start) for a handler whose tracebacks are not redacted.
    """
    configure = getattr(sdk, SDK_LOGGING)
    setattr(sdk, SDK_LOGGING, _no_logging)
    try:
        yield
    finally:
        setattr(sdk, SDK_LOGGING, configure)


def _no_logging(level: str = "INFO") -> None:
    """Stand in for the SDK's function."""


def _unchanged(text: str) -> str:
    return text


class StrictServer(MCPServer[Any]):
    """``MCPServer`` with strict arguments and compact answers; ``redact`` is applied to all errors."""

    def __init__(self, *args: Any, redact: Callable[[str], str] = _unchanged, **options: Any) -> None:
        with _logging_left_alone():
            super().__init__(*args, **options)
        self._redact = redact

    async def list_tools(self) -> list[Tool]:
        """All tools in the order of registration, their schemas pruned and closed."""
        return [
            tool.model_copy(
                update={
                    "input_schema": closed(without_titles(tool.input_schema)),
                    "output_schema": tool.output_schema and without_titles(tool.output_schema),
                }
            )
            for tool in await super().list_tools()
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: unknown tool or argument, an argument that does not fit, a refusal of the tool
                itself, or a crash (then the text holds an incident number, and the log the rest).
        """
        tool = self._tool_manager.get_tool(name)
        if tool is None:
            names = [known.name for known in self._tool_manager.list_tools()]
            raise ToolError(self._redact(unknown_tool(name, names)))
        known = list(tool.parameters.get("properties", {}))
        if problem := unknown_arguments(name, arguments, known):
            raise ToolError(self._redact(problem))
        try:
            return _compact(await super().call_tool(name, arguments, context))
        except UnexpectedToolError as crash:
            raise ToolError(self._incident(name, crash)) from None
        except ToolError as refusal:
            raise ToolError(self._redact(_reason(name, refusal))) from None

    def _incident(self, name: str, crash: UnexpectedToolError) -> str:
        """Log a crash in full, redacted by the log's formatter; return what the caller may know."""
        number = token_hex(4)
        log.error("incident %s: %s crashed", number, name, exc_info=crash.__cause__ or crash)
        return (
            f"{name}: internal error, incident {number}. This is a fault of the server, not of your "
            "arguments; its log (stderr) has the details under that number. The server goes on: "
            "try a smaller input, or another tool."
        )


def _reason(name: str, refusal: ToolError) -> str:
    """What the tool itself said, without the SDK's prefix; pydantic's errors in our words."""
    cause = refusal.__cause__
    if isinstance(cause, ValidationError):
        return invalid_arguments(name, cause.errors(include_url=False, include_context=False))
    return str(cause or refusal)


def _compact(result: CallToolResult | InputRequiredResult) -> CallToolResult | InputRequiredResult:
    """Indented JSON in the text channel, beside the same data as structure, loses its indentation."""
    if not isinstance(result, CallToolResult) or result.structured_content is None:
        return result
    return result.model_copy(update={"content": [_compact_block(block) for block in result.content]})


def _compact_block(block: ContentBlock) -> ContentBlock:
    if not isinstance(block, TextContent) or not block.text.startswith(("{\n", "[\n")):
        return block
    try:
        text = json.dumps(json.loads(block.text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return block
    return block.model_copy(update={"text": text})
