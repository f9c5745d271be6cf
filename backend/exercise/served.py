"""Serving an application under uvicorn in its own limited process, on a free port of the loopback interface.

The process is confined in time (it ends with the block that started it), memory and the size of what it writes, and
sees no environment variable but those given. It is not a security boundary against the project's own code.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.engines.postgres.folders import held_folder
from backend.exercise.exchange import TargetGone

MEMORY_BYTES = 4 << 30
"""Address space, of which Python's libraries only map most."""

OUTPUT_BYTES = 256 << 20
"""The largest file the process may write."""

BOOT_SECONDS = 30.0
DRAIN_SECONDS = 10.0
LOG_LINES = 2000
LINE_BYTES = 4096
LAST_LINES = 8

CHILD = Path(__file__).with_name("served_child.py")
START = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
"""With ``-c`` the working folder comes first on the import path, as under ``uvicorn`` itself, and ours is not on it."""


@dataclass(frozen=True)
class App:
    """What to serve and how.

    ``app`` is an import path as uvicorn takes it (``app.main:app``); ``options`` are arguments of
    ``uvicorn.Config`` besides.
    """

    app: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    factory: bool = False
    python: str = sys.executable
    options: Mapping[str, Any] = field(default_factory=lambda: {"access_log": False})
    cores: Collection[int] = ()
    """Cores of the machine to run on; empty for all (Linux only)."""
    memory_bytes: int = MEMORY_BYTES


@dataclass
class Served:
    """An application that is up."""

    port: int
    log: deque[str]
    """The last lines it wrote to either output."""
    _process: asyncio.subprocess.Process = field(repr=False)
    _reading: asyncio.Task[None] = field(repr=False)
    host: str = "127.0.0.1"

    @property
    def base(self) -> str:
        """Where it is served, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, below zero for a signal; ``None`` while it runs."""
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal; nothing happens where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def ended(self, seconds: float) -> int:
        """Wait for the end and return the exit code.

        Raises:
            TargetGone: it runs on for longer than ``seconds``.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._process.wait()
        except TimeoutError:
            raise TargetGone(f"the backend was told to end and still ran after {seconds:g} s{self.quote()}") from None

    async def stop(self, seconds: float = DRAIN_SECONDS) -> int:
        """Ask it to end (SIGTERM), end it after ``seconds``, and return the exit code."""
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            pass
        await self.kill()
        assert self._process.returncode is not None
        return self._process.returncode

    async def kill(self) -> None:
        """End the process and all it started at once, reap it, and read its log to the end."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._reading

    def quote(self) -> str:
        """The last lines of the log, as the end of an error's text."""
        lines = list(self.log)[-LAST_LINES:]
        return ":\n" + "\n".join(lines) if lines else ""


@contextlib.asynccontextmanager
async def serve(app: App, *, boot_seconds: float = BOOT_SECONDS) -> AsyncIterator[Served]:
    """Serve ``app`` for the length of the block.

    Raises:
        TargetGone: it ended before it was up, or took longer than ``boot_seconds``; the text ends with its last lines.
    """
    with held_folder() as home:
        served, ready = await _start(app, str(home))
        try:
            await _wait_until_up(served, ready, boot_seconds)
            yield served
        finally:
            await asyncio.shield(served.kill())


async def _start(app: App, home: str) -> tuple[Served, int]:
    """Start the process on a socket bound here, so that no other process can take the port in between."""
    listener = socket.socket()
    ready, ready_child = os.pipe()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        request = {
            "app": app.app,
            "factory": app.factory,
            "options": dict(app.options),
            "cores": list(app.cores),
            "memory": app.memory_bytes,
            "output": OUTPUT_BYTES,
            "socket": listener.fileno(),
            "ready": ready_child,
        }
        process = await asyncio.create_subprocess_exec(
            app.python,
            "-c",
            START,
            str(CHILD),
            json.dumps(request),
            cwd=app.folder,
            env={**surroundings(home), **app.environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=(listener.fileno(), ready_child),
            start_new_session=True,
        )
        port = listener.getsockname()[1]
    except BaseException:
        os.close(ready)
        raise
    finally:
        os.close(ready_child)
        listener.close()
    log: deque[str] = deque(maxlen=LOG_LINES)
    return Served(port, log, process, asyncio.ensure_future(_collect(process, log))), ready


def surroundings(home: str) -> dict[str, str]:
    """The whole environment of the process but what was given: no secret of ours is in it."""
    return {
        "PATH": os.defpath,
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


async def _wait_until_up(served: Served, ready: int, seconds: float) -> None:
    """Wait for the line that says so, or for the end of the process, which closes the pipe."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ready, "rb", buffering=0)
    )
    try:
        async with asyncio.timeout(seconds):
            line = await reader.readline()
    except TimeoutError:
        raise TargetGone(f"the backend was not up after {seconds:g} s{served.quote()}") from None
    finally:
        transport.close()
    if not line:
        await served.kill()
        raise TargetGone(f"the backend did not start (exit code {served.returncode}){served.quote()}")


async def _collect(process: asyncio.subprocess.Process, log: deque[str]) -> None:
    """Keep the last lines of the output in bounded memory."""
    assert process.stdout is not None
    rest = b""
    while chunk := await process.stdout.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        log.extend(line[:LINE_BYTES].decode(errors="replace") for line in lines)
        rest = rest[:LINE_BYTES]
    if rest:
        log.append(rest.decode(errors="replace"))
