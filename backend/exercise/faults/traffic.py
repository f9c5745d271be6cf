"""Steady light traffic of reads and writes, in which every write can be told from every other."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from backend.exercise.exchange import Answer, Call
from backend.exercise.faults.asking import Clock, Seen, ask
from backend.exercise.load.address import Address

Ask = Callable[[Call], Awaitable[Answer]]
PAGES = 1000


@dataclass(frozen=True)
class Traffic:
    """What is sent. Callers turn rate limits off, or the traffic meets them instead of the fault."""

    write: Callable[[str], Call]
    """A request that creates one row holding the given marker (32 hexadecimal digits)."""
    read: Call
    stored: Callable[[Ask], Awaitable[Counter[str]]]
    """How often each marker is stored, asked of the backend itself; see :func:`listed`."""
    idempotent: bool = True
    """Whether writes carry an ``Idempotency-Key``, and one that was not answered is sent again."""
    ready: str = "/readyz"
    health: str = "/healthz"
    interval: float = 0.1
    """Seconds between two requests of one sender."""
    senders: int = 4


def listed(path: str, field: str, headers: Mapping[str, str] | None = None) -> Callable[[Ask], Awaitable[Counter[str]]]:
    """A ``stored`` that walks the list at ``path`` by cursor or page and counts the values of ``field``.

    ``path`` has its query string, if any, with the limit in it.
    """

    async def walk(ask: Ask) -> Counter[str]:
        found: Counter[str] = Counter()
        separator = "&" if "?" in path else "?"
        following = path
        for page in range(2, PAGES):
            answer = await ask(Call("GET", following, dict(headers or {})))
            if answer.status != 200:
                raise ValueError(f"GET {following} answered {answer.status} when the rows were counted")
            content = answer.json()
            rows, meta = content["data"], content.get("meta", {})
            found.update(str(row[field]) for row in rows)
            if meta.get("next_cursor"):
                following = f"{path}{separator}cursor={quote(meta['next_cursor'], safe='')}"
            elif rows and meta.get("total", 0) > found.total():
                following = f"{path}{separator}page={page}"
            else:
                break
        return found

    return walk


class Sender:
    """Sends :class:`Traffic` until it is told to stop, and keeps what it saw.

    Args:
        target: the backend.
        traffic: what to send.
        timeout: seconds after which a client gives up.
        marker: makes a fresh marker.
        clock: what time is read from.
    """

    def __init__(
        self,
        target: Address,
        traffic: Traffic,
        timeout: float,
        marker: Callable[[], str],
        clock: Clock = time.perf_counter,
    ) -> None:
        self.seen: list[Seen] = []
        self._target, self._traffic, self._timeout = target, traffic, timeout
        self._marker, self._clock = marker, clock
        self._pending: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begin to send, and to watch health and readiness."""
        watched = [("ready", self._traffic.ready), ("health", self._traffic.health)]
        work = [self._send(number) for number in range(self._traffic.senders)]
        work += [self._watch(role, path) for role, path in watched if path]
        self._tasks = [asyncio.ensure_future(each) for each in work]

    async def stop(self) -> None:
        """Send nothing new, and wait for the answers that are under way."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    def cancel(self) -> None:
        """End at once."""
        for task in self._tasks:
            task.cancel()

    async def settle(self) -> None:
        """Send each write that was not answered once more, as a client that keeps its ``Idempotency-Key`` does."""
        pending, self._pending = self._pending, []
        for marker in pending:
            await self.write(marker)

    async def write(self, marker: str) -> Seen:
        """Send one write."""
        call = self._traffic.write(marker)
        if self._traffic.idempotent:
            call = replace(call, headers={**call.headers, "Idempotency-Key": marker})
        seen = await self._ask("write", call, marker)
        if self._traffic.idempotent and (seen.answer is None or seen.answer.status in (409, 429, 500, 502, 503, 504)):
            self._pending.append(marker)
        return seen

    async def read(self) -> Seen:
        """Send one read."""
        return await self._ask("read", self._traffic.read)

    async def _ask(self, role: str, call: Call, marker: str = "") -> Seen:
        seen = await ask(self._target, role, call, self._timeout, self._clock, marker)
        self.seen.append(seen)
        return seen

    async def _send(self, number: int) -> None:
        turn = number
        while not await self._stopped_within(self._traffic.interval):
            turn += 1
            if turn % 2:
                await self.read()
            else:
                await self.write(self._pending.pop(0) if self._pending else self._marker())

    async def _watch(self, role: str, path: str) -> None:
        while not await self._stopped_within(self._traffic.interval):
            await self._ask(role, Call("GET", path))

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True


def acknowledged(seen: list[Seen]) -> list[Seen]:
    """The writes whose client was told that the row is there."""
    return [each for each in seen if each.role == "write" and each.good]


def envelope(answer: Answer) -> Mapping[str, object] | None:
    """The error inside ``{"error": {...}}``, or ``None`` where the body is something else."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return None
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) and {"code", "message", "details"} <= error.keys() else None
