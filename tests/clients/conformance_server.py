"""The real server with the conformance suite's fixtures, over HTTP on a free port. Test-only.

    python tests/clients/conformance_server.py [--sessions]

prints its URL as its first line and serves until its standard input closes. Without ``--sessions`` it
is served exactly as ``backend-architect --http`` serves it, without sessions. With it
the same server is reached over the SDK's session transport, which the checks before 2026-07-28 need
that let the server speak first.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import backend_architect  # noqa: F401  (claims the import path, so it comes before anything of ours)

# isort: split
import uvicorn
from conformance_content import add_content
from conformance_questions import add_questions
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import JSONRPCMessage

from server.app import build_server
from server.http import HTTP, http_app, security
from server.settings import Address, Settings


class Events(EventStore):
    """The messages of all streams, in order; a client that comes back reads on where it stopped."""

    def __init__(self) -> None:
        self._events: list[tuple[str, JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        self._events.append((stream_id, message))
        return str(len(self._events) - 1)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        if last >= len(self._events):
            return None
        stream = self._events[last][0]
        for number, (stream_id, message) in enumerate(self._events[last + 1 :], start=last + 1):
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


def build_app(settings: Settings, *, sessions: bool) -> Any:
    """The ASGI application of the real factory's server with the fixtures added."""
    server = build_server(settings)
    add_content(server)
    add_questions(server)
    if not sessions:
        return http_app(server, settings)
    return server.streamable_http_app(event_store=Events(), retry_interval=100, transport_security=security(settings))


async def main(*, sessions: bool) -> None:
    """Serve until standard input closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = Settings(http=Address("127.0.0.1", port), log_level="error")
    app = build_app(settings, sessions=sessions)
    server = uvicorn.Server(
        uvicorn.Config(app, http=HTTP, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    print(f"http://127.0.0.1:{port}/mcp", flush=True)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    asyncio.run(main(sessions="--sessions" in sys.argv[1:]))
