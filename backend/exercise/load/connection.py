"""One keep-alive connection that carries one request at a time."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from backend.exercise.load.reply import Malformed, Reply


class Owner(Protocol):
    """Who is told what becomes of a request."""

    def answered(self, connection: Connection, reply: Reply) -> None:
        """The request was answered; the connection is free if the answer leaves it open."""
        ...

    def failed(self, connection: Connection, kind: str) -> None:
        """The request got no answer: ``reset`` or ``malformed``."""
        ...

    def lost(self, connection: Connection) -> None:
        """The connection is gone, with no request under way."""
        ...


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1 without pipelining."""

    __slots__ = ("_keep", "_owner", "_reply", "_transport", "closing", "job", "sent_at")

    def __init__(self, owner: Owner, *, keep: bool = False) -> None:
        self._owner = owner
        self._keep = keep
        self._reply: Reply | None = None
        self._transport: asyncio.Transport | None = None
        self.closing = False
        self.job: Any = None
        """What the owner remembers of the request under way."""
        self.sent_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        return self._reply is not None

    def send(self, data: bytes, *, head: bool = False) -> None:
        """Send a request; the owner is told of the outcome."""
        assert self._transport is not None and self._reply is None
        self._reply = Reply(head=head, keep=self._keep)
        self._transport.write(data)

    def abandon(self) -> None:
        """Close at once; nobody is told."""
        self._reply = None
        self.closing = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read the answer on."""
        reply = self._reply
        if reply is None:
            if not self.closing:  # the server speaks unasked, as with a 408 before it closes
                self.abandon()
                self._owner.lost(self)
            return
        try:
            complete = reply.feed(data)
        except Malformed:
            self._fail("malformed")
            return
        if complete:
            self._reply = None
            if not reply.reusable:
                self.closing = True
                assert self._transport is not None
                self._transport.close()
            self._owner.answered(self, reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the request under way, or only note that the connection is gone."""
        reply, was_closing = self._reply, self.closing
        self.closing = True
        if reply is None:
            if not was_closing:
                self._owner.lost(self)
            return
        try:
            complete = exc is None and reply.closed()
        except Malformed:
            self._fail("malformed")
            return
        self._reply = None
        if complete:
            self._owner.answered(self, reply)
        else:
            self._owner.failed(self, "reset")

    def _fail(self, kind: str) -> None:
        self._reply = None
        self.closing = True
        if self._transport is not None:
            self._transport.abort()
        self._owner.failed(self, kind)
