"""One request on a connection of its own, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.exercise.exchange import Answer, Call, Exchange
from backend.exercise.load.address import Address
from backend.exercise.load.reply import Malformed, Reply
from backend.exercise.load.workload import encode

CHUNK = 1 << 16
Clock = Callable[[], float]


@dataclass(frozen=True)
class Seen:
    """What a client saw of one request."""

    role: str
    """``read``, ``write``, ``ready`` or ``health``."""
    call: Call
    began: float
    """On the clock of the run."""
    seconds: float
    answer: Answer | None = None
    error: str = ""
    """``refused``, ``reset``, ``timeout`` or ``malformed`` where there was no answer."""
    marker: str = ""
    """What a write wrote; it is in no other row."""

    @property
    def ended(self) -> float:
        """When the answer was there, or was given up."""
        return self.began + self.seconds

    @property
    def good(self) -> bool:
        """Whether it was answered as without any fault: 2xx or 304."""
        return self.answer is not None and (200 <= self.answer.status < 300 or self.answer.status == 304)

    @property
    def outcome(self) -> str:
        """The status, or the kind of error."""
        return str(self.answer.status) if self.answer else self.error

    @property
    def evidence(self) -> tuple[Exchange, ...]:
        """The exchange; an answer that never came has status 0."""
        return (Exchange(self.call, self.answer or Answer(0, seconds=self.seconds)),)


class OneRequest:
    """A request on a connection of its own, which can be sent but for its last byte."""

    def __init__(self, target: Address, call: Call) -> None:
        self._target = target
        self._call = call
        headers = {**call.headers, "Connection": "close"}
        self._data = encode(replace(call, headers=headers), target.authority)
        self._writer: asyncio.StreamWriter | None = None

    async def begin(self) -> None:
        """Connect and send all but the last byte."""
        self._reader, self._writer = await asyncio.open_connection(self._target.host, self._target.port)
        self._writer.write(self._data[:-1])
        await self._writer.drain()

    async def finish(self) -> Reply:
        """Send the last byte and read the answer.

        Raises:
            OSError: the connection was reset or closed without an answer.
            Malformed: the answer is framed wrongly or ends early.
        """
        assert self._writer is not None
        self._writer.write(self._data[-1:])
        await self._writer.drain()
        reply = Reply(head=self._call.method == "HEAD", keep=True)
        while data := await self._reader.read(CHUNK):
            if reply.feed(data):
                return reply
        if reply.closed():
            return reply
        raise ConnectionResetError("closed without an answer")

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.transport.abort()


async def ask(
    target: Address, role: str, call: Call, patience: float, clock: Clock = time.perf_counter, marker: str = ""
) -> Seen:
    """Send ``call`` and wait for the answer, at most ``patience`` seconds."""
    request = OneRequest(target, call)
    return await watched(request, role, call, patience, clock, marker, begun=False)


async def watched(
    request: OneRequest, role: str, call: Call, patience: float, clock: Clock, marker: str, *, begun: bool
) -> Seen:
    """Bring ``request`` to its end and tell what was seen; ``begun`` where all but the last byte was sent."""
    began = clock()
    error, answer = "", None
    try:
        async with asyncio.timeout(patience):
            if not begun:
                await request.begin()
            reply = await request.finish()
        answer = Answer(reply.status, reply.headers(), reply.body, clock() - began)
    except TimeoutError:
        error = "timeout"
    except ConnectionRefusedError:
        error = "refused"
    except OSError:
        error = "reset"
    except Malformed:
        error = "malformed"
    finally:
        request.close()
    return Seen(role, call, began, clock() - began, answer, error, marker)
