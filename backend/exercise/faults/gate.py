"""A TCP proxy on the loopback interface that stands for the network between a backend and its database or Redis.

It passes everything on until it is told to refuse, cut, stall or delay. The port stays the same through it all.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType

CHUNK = 1 << 16
NO_LINGER = struct.pack("ii", 1, 0)
"""``SO_LINGER`` with no time: closing sends RST (socket(7))."""

Upstream = tuple[str, int] | Path
"""A host and port, or the path of a unix socket."""


class Gate:
    """A port in front of ``upstream``; an asynchronous context manager.

    Args:
        upstream: where connections go.
        sleep: what a delay waits with.
    """

    host = "127.0.0.1"

    def __init__(self, upstream: Upstream, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._upstream = upstream
        self._sleep = sleep
        self._holder: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._answering = asyncio.Event()
        self._flowing.set()
        self._answering.set()
        self._delay = 0.0
        self._pairs: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, ...]] = {}
        self.port = 0
        self.accepted = 0
        """Connections that were taken."""
        self.held = 0
        """Pieces of requests that wait at the gate now."""

    async def __aenter__(self) -> Gate:
        self._holder = _bound(0)
        self.port = self._holder.getsockname()[1]
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_listener()
        tasks = list(self._pairs)
        self.cut()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._holder is not None:
            self._holder.close()

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._pairs)

    def cut(self) -> None:
        """Reset every open connection, at both ends."""
        for writers in list(self._pairs.values()):
            for writer in writers:
                _reset(writer)

    def refuse(self) -> None:
        """Reset every open connection and refuse new ones, as when the server has ended."""
        self._close_listener()
        self.cut()

    def stall(self) -> None:
        """Take connections and bytes but pass nothing on, as a network that loses every packet."""
        self._flowing.clear()

    def mute(self) -> None:
        """Pass requests on but hold what the server answers, also in connections that are opened now."""
        self._answering.clear()

    def delay(self, seconds: float) -> None:
        """Pass each piece of a request on after ``seconds``, as when every query is slow."""
        self._delay = seconds

    async def resume(self) -> None:
        """Pass everything on again, also what was held."""
        self._delay = 0.0
        self._flowing.set()
        self._answering.set()
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, sock=_bound(self.port))

    def _close_listener(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._pairs[task] = (writer,)
        try:
            await self._flowing.wait()
            up_reader, up_writer = await self._open_upstream()
            self._pairs[task] = (writer, up_writer)
            back = asyncio.ensure_future(self._pump(up_reader, writer))
            try:
                await self._pump(reader, up_writer, asking=True)
            finally:
                back.cancel()
                await asyncio.gather(back, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the server is gone, or the gate is: both are what it is here for
        finally:
            for each in self._pairs.pop(task):
                _reset(each)

    async def _open_upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection(*self._upstream)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asking: bool = False) -> None:
        """Pass on what comes; ``asking`` in the direction of requests, which is the one that is delayed."""
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                self.held += asking
                try:
                    if asking and self._delay:
                        await self._sleep(self._delay)
                    await self._flowing.wait()
                    if not asking:
                        await self._answering.wait()
                finally:
                    self.held -= asking
                writer.write(chunk)
                await writer.drain()
        if not asking:
            writer.close()  # the server ended the session; its client has yet to read the reason


def _bound(port: int) -> socket.socket:
    """A socket on ``port``, which another of ours may be bound to as well: one that does not listen keeps the port."""
    made = socket.socket()
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((Gate.host, port))
    except BaseException:
        made.close()
        raise
    return made


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0 and connection.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()
