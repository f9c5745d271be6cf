"""Load at a constant arrival rate (an open model), or in a closed loop.

At a constant rate a request has its time, whether or not earlier ones were answered. One that finds no free
connection waits, and its wait counts: a server that stalls is seen as all the users see it that came in the
meantime. A closed loop stops asking while the server stalls, so it sees one slow answer ("coordinated omission").
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backend.exercise.load.address import Address
from backend.exercise.load.connection import Connection
from backend.exercise.load.histogram import Histogram
from backend.exercise.load.reply import Reply
from backend.exercise.load.result import MOMENTS, LoadResult, Moment
from backend.exercise.load.workload import Prepared

MAXIMUM_REQUESTS = 2_000_000
MAXIMUM_SECONDS = 600.0
MAXIMUM_CONNECTIONS = 1000
SWEEP_SECONDS = 0.05
"""How often requests are looked through for those that have waited too long."""

UNANSWERED = frozenset(("refused", "reset", "malformed", "timeout"))
"""Kinds of errors besides the classes of statuses."""

Clock = Callable[[], float]


class Workload(Protocol):
    """Where requests come from."""

    def next(self) -> Prepared:
        """The next request."""
        ...


@dataclass(frozen=True)
class Load:
    """How much to send.

    Raises:
        ValueError: a value is not above zero or above its bound.
    """

    seconds: float
    rate: float = 0.0
    """Requests a second; 0 for a closed loop, where each connection asks again as soon as it was answered."""
    connections: int = 64
    timeout: float = 10.0
    """Seconds from when a request was meant to be sent to when it is given up."""
    warm_up: float = 0.0
    """Seconds of the same load before, which do not count."""

    def __post_init__(self) -> None:
        requests = self.rate * (self.seconds + self.warm_up)
        bounds = (
            ("seconds", self.seconds + self.warm_up, MAXIMUM_SECONDS),
            ("connections", self.connections, MAXIMUM_CONNECTIONS),
            ("timeout", self.timeout, MAXIMUM_SECONDS),
            ("requests", requests or 1, MAXIMUM_REQUESTS),
        )
        for name, value, most in bounds:
            if not 0 < value <= most:
                raise ValueError(f"{name} must be above 0 and at most {most:g}, not {value:g}")
        if self.warm_up < 0 or self.rate < 0 or self.seconds <= 0:
            raise ValueError("rate and warm_up must not be below 0, and seconds must be above 0")


@dataclass(slots=True)
class _Job:
    """A request and when it was meant to be sent."""

    request: Prepared
    intended: float


async def generate(target: Address, workload: Workload, load: Load, clock: Clock = time.perf_counter) -> LoadResult:
    """Put ``target`` under ``load`` and tell what it saw. A cancelled run closes its connections.

    For figures finer than a millisecond run it with :func:`backend.exercise.load.apart.apart`.
    """
    run = _Run(target, workload, load, clock)
    try:
        await run.run()
    finally:
        run.close()
    return run.result


class _Run:
    """The state of one run; the owner of its connections."""

    def __init__(self, target: Address, workload: Workload, load: Load, clock: Clock) -> None:
        self.result = LoadResult(offered=load.rate)
        self._target, self._workload, self._load, self._clock = target, workload, load, clock
        self._loop = asyncio.get_running_loop()
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._backlog: deque[_Job] = deque()
        self._outstanding = 0
        self._drained = asyncio.Event()
        self._measured_from = 0.0
        self._slice = load.seconds / MOMENTS
        self._ending = False

    async def run(self) -> None:
        load = self._load
        began = self._clock()
        self._measured_from = began + load.warm_up
        ends = self._measured_from + load.seconds
        self.result.moments = [Moment(number * self._slice) for number in range(MOMENTS)]
        sweeping = asyncio.ensure_future(self._sweep())
        try:
            if load.rate:
                await self._at_constant_rate(began, ends)
            else:
                await self._in_a_closed_loop(ends)
            self.result.backlog_at_end = len(self._backlog)
            self._ending = True
            if self._outstanding:
                self._drained.clear()
                await self._drained.wait()  # the sweep ends all that wait too long
        finally:
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping
        self.result.seconds = self._clock() - self._measured_from

    def close(self) -> None:
        for task in self._opening:
            task.cancel()
        for connection in list(self._connections):
            connection.abandon()

    async def _at_constant_rate(self, began: float, ends: float) -> None:
        load, clock, lateness = self._load, self._clock, self.result.lateness
        step = 1.0 / load.rate
        number, due = 0, began
        while due < ends:
            now = clock()
            while due <= now and due < ends:
                if due >= self._measured_from:
                    lateness.record(now - due)
                self._submit(_Job(self._workload.next(), due))
                number += 1
                due = began + number * step
            await asyncio.sleep(max(0.0, min(due, ends) - clock()))

    async def _in_a_closed_loop(self, ends: float) -> None:
        for _ in range(self._load.connections):
            self._submit(_Job(self._workload.next(), self._clock()))
        await asyncio.sleep(ends - self._clock())

    def _submit(self, job: _Job) -> None:
        self._outstanding += 1
        if job.intended >= self._measured_from:
            self.result.sent += 1
        while self._idle:
            connection = self._idle.pop()
            if not connection.closing:
                self._send(connection, job)
                return
        self._backlog.append(job)
        if len(self._backlog) > self.result.backlog and job.intended >= self._measured_from:
            self.result.backlog = len(self._backlog)
        self._open_another()

    def _send(self, connection: Connection, job: _Job) -> None:
        connection.job = job
        connection.send(job.request.data, head=job.request.head)

    def _open_another(self) -> None:
        under_way = len(self._opening)
        if under_way < len(self._backlog) and len(self._connections) + under_way < self._load.connections:
            task = self._loop.create_task(self._open())
            self._opening.add(task)

    async def _open(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            async with asyncio.timeout(self._load.timeout):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self), self._target.host, self._target.port
                )
        except OSError as failure:  # TimeoutError is one
            self._opening.discard(task)
            if self._backlog:
                kind = "refused" if isinstance(failure, ConnectionRefusedError) else "reset"
                self._finish(self._backlog.popleft(), kind)
            self._open_another()
            return
        self._opening.discard(task)
        self._connections.add(connection)
        self._next(connection)

    def _next(self, connection: Connection) -> None:
        """Give a free connection the request that has waited longest."""
        if self._backlog:
            self._send(connection, self._backlog.popleft())
        else:
            self._idle.append(connection)

    def answered(self, connection: Connection, reply: Reply) -> None:
        """See :class:`Owner`."""
        job: _Job = connection.job
        if connection.closing:
            self._connections.discard(connection)
        else:
            self._next(connection)
        status = reply.status
        if job.intended >= self._measured_from:
            self.result.statuses[status] += 1
        self._finish(job, f"{status // 100}xx" if status >= 400 else "")
        if connection.closing:
            self._open_another()

    def failed(self, connection: Connection, kind: str) -> None:
        """See :class:`Owner`."""
        self._connections.discard(connection)
        self._finish(connection.job, kind)
        self._open_another()

    def lost(self, connection: Connection) -> None:
        """See :class:`Owner`."""
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_another()

    def _finish(self, job: _Job, error: str) -> None:
        now = self._clock()
        if job.intended >= self._measured_from:
            self._count(job, error, now - job.intended)
        self._outstanding -= 1
        if self._ending:
            if not self._outstanding:
                self._drained.set()
        elif not self._load.rate:
            if error in UNANSWERED:  # a dead server is not hammered
                self._loop.call_later(SWEEP_SECONDS, self._again)
            else:
                self._again()

    def _again(self) -> None:
        """In a closed loop, send what follows an answer."""
        if not self._ending and self.result.sent < MAXIMUM_REQUESTS:
            self._submit(_Job(self._workload.next(), self._clock()))

    def _count(self, job: _Job, error: str, waited: float) -> None:
        result = self.result
        moment = result.moments[min(MOMENTS - 1, int((job.intended - self._measured_from) / self._slice))]
        if error:
            result.errors[error] += 1
            moment.errors += 1
            if error != "timeout":
                return
        else:
            result.answered += 1
        result.latency.record(waited)
        moment.latency.record(waited)
        operation = result.operations.get(job.request.name)
        if operation is None:
            operation = result.operations[job.request.name] = Histogram()
        operation.record(waited)

    async def _sweep(self) -> None:
        """Give up requests that have waited too long, on a connection or for one."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            too_old = self._clock() - self._load.timeout
            while self._backlog and self._backlog[0].intended <= too_old:
                self._finish(self._backlog.popleft(), "timeout")
            for connection in list(self._connections):
                if connection.busy and connection.job.intended <= too_old:
                    connection.abandon()
                    self.failed(connection, "timeout")
