"""What callers get wrong is refused in words they can act on, on both protocol eras."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from inline_snapshot import snapshot
from mcp.client import Client
from mcp.server import MCPServer
from mcp.types import TextContent
from pydantic import BaseModel, Field
from server_samples import INSPECT, MOVE

from server.app import build_server
from server.settings import Settings
from server.strict import StrictServer
from tools.toolbox import Toolbox

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


async def refusal(server: MCPServer[Any], era: str, name: str, arguments: dict[str, Any]) -> str:
    async with Client(server, mode=era) as client:
        result = await client.call_tool(name, arguments)
    assert result.is_error
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@pytest.fixture
def strict(toolbox: Toolbox) -> StrictServer:
    return build_server(Settings(), toolbox, [INSPECT, MOVE])


@ERAS
async def test_an_unknown_argument_is_refused_and_the_accepted_ones_are_named(strict: StrictServer, era: str) -> None:
    assert await refusal(strict, era, "inspect_sample", {"path": "a.sql", "limt": 1}) == snapshot(
        "inspect_sample: unknown argument 'limt'. Did you mean 'limit'? Accepted: path, limit, tags, detail."
    )


@ERAS
async def test_an_unknown_tool_gets_the_nearest_name(strict: StrictServer, era: str) -> None:
    assert await refusal(strict, era, "inspect_smple", {}) == snapshot(
        "There is no tool 'inspect_smple'. Did you mean 'inspect_sample'? Tools: inspect_sample, move_sample."
    )


@ERAS
async def test_a_value_that_does_not_fit_is_described_without_the_validators_noise(
    strict: StrictServer, era: str
) -> None:
    assert await refusal(strict, era, "inspect_sample", {"limit": "many", "tags": 3}) == snapshot(
        "inspect_sample: missing argument 'path'; 'limit' must be a valid integer, unable to parse string as"
        " an integer, got 'many'; 'tags' must be a valid list, got 3."
    )


@ERAS
async def test_a_wrong_choice_lists_the_choices(strict: StrictServer, era: str) -> None:
    assert await refusal(strict, era, "move_sample", {"action": "destroy"}) == snapshot(
        "move_sample: 'action' must be 'plan' or 'apply', got 'destroy'."
    )
    assert await refusal(strict, era, "move_sample", {"detail": "everything"}) == snapshot(
        "move_sample: 'detail' must be one of summary, normal, full, got 'everything'."
    )


@ERAS
async def test_a_refusal_of_the_tool_reaches_the_caller_as_it_is(strict: StrictServer, era: str) -> None:
    assert await refusal(strict, era, "inspect_sample", {"path": "refuse.sql"}) == snapshot(
        "inspect_sample: refuse.sql is empty; name a file with statements"
    )


@ERAS
async def test_a_path_outside_the_workspace_is_refused(strict: StrictServer, era: str) -> None:
    assert await refusal(strict, era, "inspect_sample", {"path": "../etc/passwd"}) == snapshot(
        "inspect_sample: ../etc/passwd is outside the workspace; give a path inside it"
    )


@ERAS
async def test_a_crash_gives_an_incident_number_to_the_caller_and_the_rest_redacted_to_stderr(
    strict: StrictServer, era: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = await refusal(strict, era, "inspect_sample", {"path": "crash.sql"})
    assert "RuntimeError" not in text and "pool" not in text
    incident = text.partition("incident ")[2].partition(".")[0]
    log = capsys.readouterr().err
    assert f"incident {incident}: inspect_sample crashed" in log
    assert "RuntimeError: the pool at postgresql://me:***@db/x went away" in log
    assert "hunter2secret" not in log


async def test_the_server_answers_the_next_call_after_a_crash(strict: StrictServer) -> None:
    async with Client(strict) as client:
        assert (await client.call_tool("inspect_sample", {"path": "crash.sql"})).is_error
        assert not (await client.call_tool("inspect_sample", {"path": "a.sql"})).is_error


async def test_a_list_sent_as_json_text_is_understood(strict: StrictServer) -> None:
    async with Client(strict) as client:
        result = await client.call_tool("inspect_sample", {"path": "a.sql", "tags": '["x", "y"]'})
    assert result.structured_content is not None
    assert {"name": "tags", "value": "x,y"} in result.structured_content["facts"]


class Box(BaseModel):
    width: int
    title: str = ""


def ordinary(server_class: type[MCPServer[Any]]) -> MCPServer[Any]:
    server = server_class("ordinary")

    @server.tool()
    def measure(width: Annotated[int, Field(ge=1)], title: str = "none") -> Box:
        """Measure a box."""
        return Box(width=width, title=title)

    return server


@ERAS
async def test_plain_functions_added_to_the_server_are_strict_as_well(era: str) -> None:
    server = ordinary(StrictServer)
    assert await refusal(server, era, "measure", {"width": 1, "titel": "x"}) == snapshot(
        "measure: unknown argument 'titel'. Did you mean 'title'? Accepted: width, title."
    )
    assert await refusal(server, era, "measure", {"width": 0}) == snapshot(
        "measure: 'width' must be greater than or equal to 1, got 0."
    )
    async with Client(server, mode=era) as client:
        result = await client.call_tool("measure", {"width": 2})
        (tool,) = (await client.list_tools()).tools
    assert result.content == [TextContent(type="text", text='{"width":2,"title":"none"}')]
    assert result.structured_content == {"width": 2, "title": "none"}
    assert tool.input_schema == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "width": {"type": "integer", "minimum": 1},
            "title": {"type": "string", "default": "none"},
        },
        "required": ["width"],
    }


async def test_the_bare_sdk_server_would_let_the_misspelt_argument_pass() -> None:
    """The weakened twin: without our subclass the same call succeeds and the argument is lost."""
    async with Client(ordinary(MCPServer)) as client:
        result = await client.call_tool("measure", {"width": 1, "titel": "x"})
    assert not result.is_error
    assert result.structured_content == {"width": 1, "title": "none"}


def test_the_private_parts_of_the_sdk_that_we_lean_on_are_there() -> None:
    server = MCPServer[Any]("probe")
    assert server._tool_manager.list_tools() == []
    assert server._tool_manager.get_tool("x") is None
