"""The backend under test in a process of its own: limited, scrubbed of our environment, killed with its children.

It is not a security boundary against the project's own code, which is why running that must be allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from backend.engines.postgres.folders import held_folder
from backend.exercise.exchange import Answer, Call, TargetGone
from backend.foreign.process import STAND_INS, scrubbed

LENGTHS = struct.Struct(">II")
DRIVERS = Path(__file__).parent / "drivers"
START = "import sys; sys.path.append(sys.argv[1]); import architect_asgi; architect_asgi.main()"
"""With ``-c`` the project's folder comes first on the import path; ours comes last."""

LOG_BYTES = 64 << 10
LAST_LINES = 12
STOP_SECONDS = 5.0
EXIT_SECONDS = 1.0
"""Between the end of the conversation and the end of the process, which may want to tell its exit code."""

EXIT_CHECKS = 100
GRACE_SECONDS = 3.0
"""Beyond a request's own time, in which the process itself must say that it took too long."""


@dataclass(frozen=True)
class Limits:
    """What the process may use."""

    memory: int = 4 << 30
    """Bytes of address space, of which Python's libraries only map most."""
    cpu: int = 1800
    """Seconds of processor time in all."""
    file: int = 1 << 30
    """Bytes of the largest file it writes, databases included."""
    core: int = 0
    body: int = 4 << 20
    """Bytes of one answer."""


@dataclass(frozen=True)
class Application:
    """What is started, where and with what."""

    path: str
    """``module:attribute``; the attribute is an ASGI application or a function that makes one."""
    folder: Path
    """The working folder, which imports count from."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables in addition to the few that are always given."""
    python: str = sys.executable
    node: str = ""
    """Of a TypeScript application: the Node that runs it."""
    limits: Limits = Limits()
    start_seconds: float = 60.0

    def command(self, request: str) -> tuple[str, ...]:
        """The program that loads the application and is told ``request``."""
        if self.node:
            return (sys.executable, str(DRIVERS / "architect_node.py"), self.node, request)
        return (self.python, "-c", START, str(DRIVERS), request)


class Child:
    """One running process. Requests may overlap; each answer finds its request by number."""

    def __init__(self, process: asyncio.subprocess.Process, place: contextlib.ExitStack, end: socket.socket) -> None:
        self._process, self._place, self._end = process, place, end
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Answer]] = {}
        self._log = b""
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.openapi: dict[str, Any] | None = None
        """What the application object says its contract is, where it says so."""

    @classmethod
    async def start(cls, application: Application) -> Child:
        """Start the process and the application in it.

        Raises:
            TargetGone: the application cannot be imported, fails at its start or takes too long for it.
        """
        place = contextlib.ExitStack()
        home = place.enter_context(held_folder())
        ours, theirs = socket.socketpair()
        request = {
            "application": application.path,
            "socket": theirs.fileno(),
            "limits": asdict(application.limits),
            "openapi": True,
        }
        own = {name: value for name, value in scrubbed(str(home)).items() if name not in STAND_INS}
        try:
            process = await asyncio.create_subprocess_exec(
                *application.command(json.dumps(request)),
                cwd=application.folder,
                env={**own, "PYTHONUNBUFFERED": "1", **application.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except BaseException as error:
            ours.close()
            place.close()
            if isinstance(error, OSError):
                raise TargetGone(f"{application.python} cannot be run: {error.strerror}") from None
            raise
        finally:
            theirs.close()
        child = cls(process, place, ours)
        try:
            await child._begin(application.start_seconds)
        except BaseException:
            await child.stop()
            raise
        return child

    @property
    def pid(self) -> int:
        """Of the process, which leads its own session."""
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of what the application wrote to standard output and error."""
        return self._log.decode(errors="replace")

    async def send(self, calls: Sequence[Call], seconds: float, die_before: str = "") -> list[Answer]:
        """Have all ``calls`` made at the same time, each within ``seconds``.

        The process kills itself when one of them is about to run a statement that begins as the expression
        ``die_before`` says.

        Raises:
            TargetGone: the process ended, or its event loop is blocked; then it has been killed.
        """
        numbers = [next(self._numbers) for _ in calls]
        loop = asyncio.get_running_loop()
        waiting = [self._pending.setdefault(number, loop.create_future()) for number in numbers]
        try:
            if self._writer is None or self._process.returncode is not None:
                raise TargetGone(self._epitaph())
            self._writer.write(_frame(calls, numbers, seconds, die_before))
            async with asyncio.timeout(seconds + GRACE_SECONDS):
                return list(await asyncio.gather(*waiting))
        except TimeoutError:
            self._kill()
            raise TargetGone(
                f"the backend did not answer {calls[0].method} {calls[0].path[:200]} within {seconds:g} s, nor could "
                "the request be cancelled: something blocks its event loop. Its process was ended"
            ) from None
        finally:
            for number, future in zip(numbers, waiting, strict=True):
                self._pending.pop(number, None)
                if future.done() and not future.cancelled():
                    future.exception()  # one of several was raised above
                future.cancel()

    async def stop(self) -> None:
        """Let the application end by itself for a moment, then kill what is left of its session."""
        if self._writer is not None and len(self._tasks) > 1:  # it had started
            with contextlib.suppress(OSError):
                self._writer.write_eof()
            await asyncio.wait(self._tasks[1:], timeout=STOP_SECONDS)
        self._kill()
        await self._process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is None:
            self._end.close()
        else:
            self._writer.close()
        self._place.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _begin(self, seconds: float) -> None:
        logs = asyncio.create_task(self._read_log())
        self._tasks.append(logs)
        reader, self._writer = await asyncio.open_connection(sock=self._end)
        try:
            async with asyncio.timeout(seconds):
                head, _ = await _receive(reader)
        except TimeoutError:
            raise TargetGone(f"the backend did not start within {seconds:g} s{self._quoted()}") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._process.wait()
            raise TargetGone(f"the backend ended before it had started{self._quoted()}") from None
        if "failed" in head:
            raise TargetGone(f"the backend did not start:\n{_last(head['failed'])}")
        self.openapi = head["openapi"]
        self._tasks.append(asyncio.create_task(self._read_answers(reader)))

    async def _read_log(self) -> None:
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(1 << 16):
            self._log = (self._log + chunk)[-LOG_BYTES:]

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head, body = await _receive(reader)
                future = self._pending.pop(head["id"], None)
                if future is not None and not future.done():
                    future.set_result(_answer(head, body))
        for _ in range(EXIT_CHECKS):  # waiting for it would wait for those it left behind, who share its output
            if self._process.returncode is not None:
                break
            await asyncio.sleep(EXIT_SECONDS / EXIT_CHECKS)
        self._kill()
        await self._process.wait()
        await asyncio.wait(self._tasks[:1], timeout=1)
        for future in list(self._pending.values()):
            if not future.done():
                future.set_exception(TargetGone(self._epitaph()))

    def _epitaph(self) -> str:
        code = self._process.returncode
        how = f"exit code {code}" if code is None or code >= 0 else f"signal {signal.Signals(-code).name}"
        return f"the backend's process ended ({how}){self._quoted()}"

    def _quoted(self) -> str:
        lines = _last(self.log)
        return f":\n{lines}" if lines else ""


def _last(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LAST_LINES:])


def _frame(calls: Sequence[Call], numbers: Sequence[int], seconds: float, die_before: str) -> bytes:
    heads = [
        {
            "id": number,
            "method": call.method,
            "path": call.path,
            "headers": list(call.headers.items()),
            "length": len(call.body),
            "timeout": seconds,
            "die_before": die_before,
        }
        for call, number in zip(calls, numbers, strict=True)
    ]
    text = json.dumps({"calls": heads}).encode()
    blob = b"".join(call.body for call in calls)
    return LENGTHS.pack(len(text), len(blob)) + text + blob


async def _receive(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    head, blob = LENGTHS.unpack(await reader.readexactly(LENGTHS.size))
    found: dict[str, Any] = json.loads(await reader.readexactly(head))
    return found, await reader.readexactly(blob)


def _answer(head: Mapping[str, Any], body: bytes) -> Answer:
    return Answer(
        status=head["status"],
        headers=joined(head["headers"]),
        body=body,
        seconds=head["seconds"],
        statements=tuple(head["statements"]),
        crash=head["crash"],
    )


def joined(pairs: Sequence[Sequence[str]]) -> dict[str, str]:
    """Headers by lower-case name; repeated ones joined with a comma (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
    return headers
