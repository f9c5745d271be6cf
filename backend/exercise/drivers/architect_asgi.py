"""The child process: loads an ASGI application, calls it without a network in between and tells what it did.

It runs under the project's interpreter, which may be older than ours, and needs nothing but the standard library.
Frames go over an inherited socket: two lengths (big-endian, 4 bytes each), JSON, then raw bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import inspect
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from typing import Any
from urllib.parse import unquote

statements_of = importlib.import_module("architect_statements")  # beside this file; not a package

LENGTHS = struct.Struct(">II")
LAST_LINES = 30
"""Lines of a traceback that are told."""

AFTER_ANSWER_SECONDS = 0.25
"""How long work after the answer (background tasks, commits in exit code) is waited for."""

CANCEL_SECONDS = 1.0
ATTRIBUTES = ("app", "create_app", "application")


class TooLong(Exception):
    """The answer is longer than is kept."""


def main() -> None:
    """Set the limits, load the application and serve the socket until the other side closes it."""
    request = json.loads(sys.argv[-1])
    _limit(request["limits"])
    os.set_inheritable(request["socket"], False)
    statements_of.install()
    asyncio.run(_serve(socket.socket(fileno=request["socket"]), request))


def _limit(limits: dict[str, int]) -> None:
    kinds = {"cpu": resource.RLIMIT_CPU, "file": resource.RLIMIT_FSIZE, "core": resource.RLIMIT_CORE}
    if sys.platform != "darwin":  # which does not honour it
        kinds["memory"] = resource.RLIMIT_AS
    for name, kind in kinds.items():
        hard = resource.getrlimit(kind)[1]
        value = limits[name] if hard == resource.RLIM_INFINITY else min(limits[name], hard)
        resource.setrlimit(kind, (value, value))
    if sys.platform == "linux":  # ends with the one that started it, even where that was killed
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


async def _serve(end: socket.socket, request: dict[str, Any]) -> None:
    reader, writer = await asyncio.open_connection(sock=end)
    try:
        application = await _load(request["application"])
        lifespan = Lifespan(application)
        await lifespan.startup()
    except Exception:
        _send(writer, {"failed": _lines(traceback.format_exc())})
        await writer.drain()
        return
    _send(writer, {"ready": True, "openapi": _openapi(application) if request.get("openapi") else None})
    caller = Caller(application, writer, lifespan.state, request["limits"]["body"])
    tasks: set[asyncio.Task[None]] = set()
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head, blob = await _receive(reader)
            start = 0
            for call in head["calls"]:
                body = blob[start : start + call["length"]]
                start += call["length"]
                task = asyncio.create_task(caller.run(call, body))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
    for task in tasks:
        task.cancel()
    await lifespan.shutdown()


async def _receive(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    head, blob = LENGTHS.unpack(await reader.readexactly(LENGTHS.size))
    return json.loads(await reader.readexactly(head)), await reader.readexactly(blob)


def _send(writer: asyncio.StreamWriter, head: dict[str, Any], blob: bytes = b"") -> None:
    text = json.dumps(head).encode()
    writer.write(LENGTHS.pack(len(text), len(blob)) + text + blob)


async def _load(path: str) -> Any:
    """The application at ``module:attribute``; an attribute that can be called with nothing is a factory."""
    name, _, attribute = path.partition(":")
    module = importlib.import_module(name)
    names = [attribute] if attribute else [each for each in ATTRIBUTES if hasattr(module, each)]
    if not names:
        raise LookupError(f"{name} has none of {', '.join(ATTRIBUTES)}; name the application as module:attribute")
    found: Any = module
    for part in names[0].split("."):
        found = getattr(found, part)
    if not _takes_nothing(found):
        return found
    made = found()
    return await made if inspect.isawaitable(made) else made


def _takes_nothing(found: Any) -> bool:
    with contextlib.suppress(TypeError, ValueError):
        inspect.signature(found).bind()
        return True
    return False


def _openapi(application: Any) -> Any:
    """The document as the application object gives it, where it does and the route is switched off."""
    with contextlib.suppress(Exception):
        return application.openapi()
    return None


def _lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LAST_LINES:])


class Lifespan:
    """The application's own start and end (ASGI lifespan); those that have none are left alone."""

    def __init__(self, application: Any) -> None:
        self.state: dict[str, Any] = {}
        self._events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(application(scope, self._events.get, self._told.put))

    async def startup(self) -> None:
        """Run the start; raises ``RuntimeError`` where the application says that it failed."""
        told = await self._event("startup")
        if told.get("type", "").endswith("failed"):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({self._task}, timeout=CANCEL_SECONDS)
                if self._task.done():
                    self._task.result()  # what it raised says more than its message
            raise RuntimeError(told.get("message", ""))

    async def shutdown(self) -> None:
        """Run the end, as far as there is one."""
        await self._event("shutdown")
        self._task.cancel()

    async def _event(self, name: str) -> dict[str, str]:
        self._events.put_nowait({"type": f"lifespan.{name}"})
        told = asyncio.ensure_future(self._told.get())
        await asyncio.wait({told, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            return told.result()
        told.cancel()
        return {}  # it raised or returned instead of answering: it does not know of lifespans


class Caller:
    """Calls the application and writes each answer to the socket."""

    def __init__(self, application: Any, writer: asyncio.StreamWriter, state: dict[str, Any], most: int) -> None:
        self._application, self._writer, self._state, self._most = application, writer, state, most

    async def run(self, call: dict[str, Any], body: bytes) -> None:
        """One request, to its end or to the end of its time."""
        statements = statements_of.begin(call.get("die_before", ""))
        exchange = OneExchange(body, self._most)
        began = time.perf_counter()
        task = asyncio.ensure_future(
            self._application(_scope(call, body, self._state), exchange.receive, exchange.send)
        )
        finished = asyncio.ensure_future(exchange.finished.wait())
        done, _ = await asyncio.wait({task, finished}, timeout=call["timeout"], return_when=asyncio.FIRST_COMPLETED)
        seconds = time.perf_counter() - began
        finished.cancel()
        in_time = bool(done)
        if not task.done() and in_time:
            await asyncio.wait({task}, timeout=AFTER_ANSWER_SECONDS)
        if not in_time:
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)
        raised = _raised(task) if task.done() else ""
        complaint = exchange.complaint(in_time, call["timeout"], raised)
        head = {
            "id": call["id"],
            "status": exchange.status if exchange.finished.is_set() and not exchange.too_long else 0,
            "headers": exchange.headers,
            "seconds": seconds,
            "statements": list(statements),
            "crash": complaint,
        }
        _send(self._writer, head, b"".join(exchange.chunks))
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()


def _raised(task: asyncio.Future[Any]) -> str:
    if task.cancelled():
        return ""
    error = task.exception()
    if error is None or isinstance(error, TooLong):
        return ""
    return _lines("".join(traceback.format_exception(type(error), error, error.__traceback__)))


class OneExchange:
    """What the application is given of one request, and what it gave back."""

    def __init__(self, body: bytes, most: int) -> None:
        self.finished = asyncio.Event()
        self.status = 0
        self.headers: list[list[str]] = []
        self.chunks: list[bytes] = []
        self.too_long = False
        self._body: bytes | None = body
        self._left = most
        self._most = most

    async def receive(self) -> dict[str, Any]:
        """The body in one piece; then nothing until the answer is complete."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.finished.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Keep a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.headers = [
                [bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1")]
                for name, value in message.get("headers", [])
            ]
        elif message["type"] == "http.response.body" and not self.finished.is_set():
            chunk = bytes(message.get("body", b""))
            self._left -= len(chunk)
            if self._left < 0:
                self.too_long = True
                self.finished.set()
                raise TooLong
            self.chunks.append(chunk)
            if not message.get("more_body", False):
                self.finished.set()
        elif self.too_long:
            raise TooLong
        elif message["type"] == "http.response.body":
            await asyncio.sleep(0)  # an application that sends on for ever must not keep the loop to itself

    def complaint(self, in_time: bool, timeout: float, raised: str) -> str:
        """Why this is no proper answer, or empty."""
        begun = f" after it had begun to answer {self.status}" if self.status else ""
        if self.too_long:
            return f"the answer ({self.status}) is longer than {self._most} bytes and was cut off"
        if raised:
            return raised if self.finished.is_set() or not begun else f"{raised}\n(raised{begun})"
        if not in_time:
            return f"no complete answer within {timeout:g} s{begun}"
        return "" if self.finished.is_set() else f"it returned without a complete answer{begun}"


def _scope(call: dict[str, Any], body: bytes, state: dict[str, Any]) -> dict[str, Any]:
    raw, _, query = call["path"].partition("?")
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in call["headers"]]
    given = {name for name, _ in headers}
    if b"host" not in given:
        headers.insert(0, (b"host", b"localhost"))
    if body and b"content-length" not in given:
        headers.append((b"content-length", str(len(body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": call["method"],
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": dict(state),
        "extensions": {},
    }
