"""The smallest server of the same SDK: one tool, stdio. The yardstick for starting."""

from mcp.server import MCPServer

server = MCPServer("bare", version="1")


@server.tool()
def echo(text: str) -> str:
    """Say it again."""
    return text


server.run("stdio")
