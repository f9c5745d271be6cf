"""What the conformance suite expects of any server: tools that answer every kind of content,
resources and prompts with fixed names. Test-only; the server they are added to is the real one.
"""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import Message, UserMessage
from mcp.types import (
    AudioContent,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import Field

PIXEL_PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)
SILENT_WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def add_content(server: MCPServer[Any]) -> None:
    """Add the suite's tools, resources, prompts and legacy methods that only answer."""
    _add_tools(server)
    _add_talking_tools(server)
    _add_resources(server)
    _add_prompts(server)
    _add_legacy_methods(server)


def image() -> ImageContent:
    """One red pixel."""
    return ImageContent(type="image", data=base64.b64encode(PIXEL_PNG).decode(), mime_type="image/png")


def embedded(uri: str, text: str, mime_type: str = "text/plain") -> EmbeddedResource:
    """A text resource inside a result."""
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)


def said(text: str) -> TextContent:
    """A text block."""
    return TextContent(type="text", text=text)


def _add_tools(server: MCPServer[Any]) -> None:
    @server.tool(description="Answers a text.", structured_output=False)
    def test_simple_text() -> str:
        return "This is a simple text response for testing."

    @server.tool(description="Answers an image.", structured_output=False)
    def test_image_content() -> list[ImageContent]:
        return [image()]

    @server.tool(description="Answers a sound.", structured_output=False)
    def test_audio_content() -> list[AudioContent]:
        data = base64.b64encode(SILENT_WAV).decode()
        return [AudioContent(type="audio", data=data, mime_type="audio/wav")]

    @server.tool(description="Answers an embedded resource.", structured_output=False)
    def test_embedded_resource() -> list[EmbeddedResource]:
        return [embedded("test://embedded-resource", "This is an embedded resource content.")]

    @server.tool(description="Answers several kinds of content.", structured_output=False)
    def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        data = json.dumps({"test": "data", "value": 123})
        resource = embedded("test://mixed-content-resource", data, "application/json")
        return [said("Multiple content types test:"), image(), resource]

    @server.tool(description="Always refuses.", structured_output=False)
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")

    @server.tool(description="Has an argument that is sent as a header as well.", structured_output=False)
    def test_header_argument(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
        return region

    @server.tool(description="Has a schema with the vocabulary of JSON Schema 2020-12.", structured_output=False)
    def json_schema_2020_12_tool(name: str = "") -> str:
        return name

    tool = server._tool_manager.get_tool("json_schema_2020_12_tool")
    assert tool is not None
    tool.parameters = SCHEMA_2020_12


def _add_talking_tools(server: MCPServer[Any]) -> None:
    @server.tool(description="Sends three log messages.", structured_output=False)
    async def test_tool_with_logging(ctx: Context[Any, Any]) -> str:
        for message in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await ctx.info(message)
        return "Three messages were sent."

    @server.tool(description="Logs, which reaches only a client that asked for logs.", structured_output=False)
    async def test_logging_tool(ctx: Context[Any, Any]) -> str:
        await ctx.info("A message that needs a log level in the request")
        return "Logged."

    @server.tool(description="Reports progress three times.", structured_output=False)
    async def test_tool_with_progress(ctx: Context[Any, Any]) -> str:
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100, f"{done} of 100")
        return "Progress was reported three times."

    @server.tool(description="Closes its stream; the answer waits for a reconnection.", structured_output=False)
    async def test_reconnection(ctx: Context[Any, Any]) -> str:
        await ctx.close_sse_stream()
        return "The answer came over the second stream."


def _add_resources(server: MCPServer[Any]) -> None:
    @server.resource("test://static-text", mime_type="text/plain", description="A text.")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png", description="A picture.")
    def static_binary() -> bytes:
        return PIXEL_PNG

    @server.resource("test://watched-resource", mime_type="text/plain", description="To be subscribed to.")
    def watched() -> str:
        return "Watched."

    @server.resource("test://template/{id}/data", mime_type="application/json", description="Data of an id.")
    def templated(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _add_prompts(server: MCPServer[Any]) -> None:
    @server.prompt(description="A prompt without arguments.")
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @server.prompt(description="A prompt with two arguments.")
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1={arg1!r}, arg2={arg2!r}"

    @server.prompt(description="A prompt that embeds a resource.")
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:
        resource = embedded(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(content=resource), UserMessage("Please process the embedded resource above.")]

    @server.prompt(description="A prompt with an image.")
    def test_prompt_with_image() -> list[Message]:
        return [UserMessage(content=image()), UserMessage("Please analyze the image above.")]


def _add_legacy_methods(server: MCPServer[Any]) -> None:
    """Methods that exist only before 2026-07-28 and that the real server has no use for."""

    async def accept(*_: Any) -> EmptyResult:
        return EmptyResult()

    add = server._lowlevel_server.add_request_handler
    add("logging/setLevel", SetLevelRequestParams, accept)
    add("resources/subscribe", SubscribeRequestParams, accept)
    add("resources/unsubscribe", UnsubscribeRequestParams, accept)
