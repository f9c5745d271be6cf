"""A backend that somebody else started: called over HTTP, on loopback or on a host that the operator has listed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend.exercise.exchange import Answer, Call, TargetGone
from backend.exercise.process import joined

if TYPE_CHECKING:
    import httpx2

BODY_BYTES = 4 << 20
ANSWER_SECONDS = 10.0


class NotAllowed(ValueError):
    """The address is neither loopback nor listed; the text says how to list it."""


@dataclass(frozen=True)
class Place:
    """Where requests go: the address that was checked, so that a second look-up of the name cannot lead elsewhere."""

    scheme: str
    host: str
    """As it is named in the ``Host`` header."""
    address: str
    port: int

    @property
    def base(self) -> str:
        """The URL that is connected to."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}"


async def allowed(url: str, hosts: Collection[str] = ()) -> Place:
    """Check that requests may be sent to ``url``.

    Args:
        url: ``http`` or ``https``, a host and perhaps a port.
        hosts: names that the operator has listed besides loopback; ``name`` or ``name:port``.

    Raises:
        NotAllowed: it is another scheme, has credentials or a path, or leads to no allowed place.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotAllowed(f"{url} has no proper port") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotAllowed(f"{url} is no address of a backend; give it as http://127.0.0.1:8000")
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        raise NotAllowed(f"give {parts.scheme}://{parts.hostname}:{port} alone, without credentials, path or query")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed(f"{parts.hostname} has no address") from None
    addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    listed = {parts.hostname, f"{parts.hostname}:{port}"} & set(hosts)
    outside = [each for each in addresses if not ipaddress.ip_address(each).is_loopback]
    if outside and not listed:
        raise NotAllowed(
            f"{parts.hostname} leads to {outside[0]}, which is not this machine; the operator must list the host in "
            "the server's settings before it may be exercised"
        )
    return Place(parts.scheme, f"{parts.hostname}:{port}" if parts.port else parts.hostname, addresses[0], port)


class LoopbackTarget:
    """A backend behind a URL. Make it with :func:`loopback_target`. Redirects are answers, not followed."""

    observes_sql = False

    def __init__(self, client: httpx2.AsyncClient, place: Place, answer_seconds: float) -> None:
        self._client, self._place, self._seconds = client, place, answer_seconds

    async def call(self, call: Call) -> Answer:
        """Send one request.

        Raises:
            TargetGone: nobody listens there any more.
        """
        import httpx2

        began = time.perf_counter()
        headers = [("host", self._place.host), *((name, value) for name, value in call.headers.items())]
        raw = call.path.encode("ascii", "replace")
        url = httpx2.URL(self._place.base).copy_with(raw_path=raw)
        try:
            async with asyncio.timeout(self._seconds):
                request = self._client.build_request(call.method, url, headers=headers, content=call.body or None)
                answer = await self._client.send(request, stream=True)
                try:
                    return await self._read(answer, began)
                finally:
                    await answer.aclose()
        except TimeoutError:
            seconds = time.perf_counter() - began
            return Answer(0, seconds=seconds, crash=f"no complete answer within {self._seconds:g} s")
        except httpx2.ConnectError as error:
            raise TargetGone(f"nothing answers at {self._place.base}: {error}") from None
        except httpx2.TransportError as error:
            text = f"the connection broke before the answer was complete: {error or type(error).__name__}"
            return Answer(0, seconds=time.perf_counter() - began, crash=text)

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        """Send requests so that all are under way at the same time, each on a connection of its own.

        Raises:
            TargetGone: nobody listens there any more.
        """
        return list(await asyncio.gather(*(self.call(call) for call in calls)))

    async def _read(self, answer: httpx2.Response, began: float) -> Answer:
        body = b""
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > BODY_BYTES:
                text = f"the answer ({answer.status_code}) is longer than {BODY_BYTES} bytes and was cut off"
                return Answer(0, seconds=time.perf_counter() - began, crash=text)
        headers = joined([(name, value) for name, value in answer.headers.multi_items()])
        return Answer(answer.status_code, headers, body, time.perf_counter() - began)


@asynccontextmanager
async def loopback_target(
    url: str, hosts: Collection[str] = (), answer_seconds: float = ANSWER_SECONDS
) -> AsyncIterator[LoopbackTarget]:
    """Connect with the backend at ``url``.

    Args:
        url: as :func:`allowed` takes it.
        hosts: that the operator has listed.
        answer_seconds: how long one request may take.

    Raises:
        NotAllowed: requests may not be sent there.
        TargetGone: nothing listens there.
    """
    import httpx2

    place = await allowed(url, hosts)
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
    async with httpx2.AsyncClient(
        limits=limits,
        timeout=None,
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": "backend-architect", "accept-encoding": "identity"},
    ) as client:
        client.headers.pop("connection", None)
        target = LoopbackTarget(client, place, answer_seconds)
        await target.call(Call("GET", "/"))
        yield target
