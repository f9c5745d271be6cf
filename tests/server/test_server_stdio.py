"""Over stdio: a process as an MCP client starts it, and what starting it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mcp import StdioServerParameters
from mcp.client import Client

HEAVY = ("asyncpg", "sqlalchemy", "postgast", "alembic", "django", "rich", "redis", "google.protobuf", "sqlparse")


def started(folder: Path, *options: str) -> StdioServerParameters:
    arguments = ["-m", "backend_architect", "--workspace", str(folder), *options]
    return StdioServerParameters(command=sys.executable, args=arguments)


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_client_lists_calls_and_reads_over_stdio(tmp_path: Path, era: str) -> None:
    (tmp_path / "a.sql").write_text("create table t (id int, at timestamp);\n")
    async with Client(started(tmp_path), mode=era) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"review_schema", "migrate_backend"}
        result = await client.call_tool("review_schema", {"path": "a.sql"})
        assert result.structured_content is not None
        assert "no-primary-key" in {finding["rule"] for finding in result.structured_content["findings"]}
        run = result.structured_content["run"]
        assert (await client.read_resource(f"architect://runs/{run}/report.json")).contents
        refused = await client.call_tool("review_schema", {"path": "../../etc/passwd"})
        assert refused.is_error


def test_the_server_ends_when_its_input_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backend_architect", "--workspace", str(tmp_path)]
    ended = subprocess.run(command, input="", capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_starting_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import backend_architect, sys; from server.app import build_server; from server.settings import Settings; "
        f"build_server(Settings()); print([name for name in {HEAVY} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "[]", ended.stderr


def test_the_command_line_parser_does_not_import_the_sdk() -> None:
    program = "import backend_architect, sys, server.cli; print('mcp' in sys.modules, 'pydantic' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.stdout.strip() == "False False", ended.stderr
