"""A tiny HTTP server for tests of the load generator: ``python load_server.py``; prints its port when it is up.

It answers each request after ``SERVICE`` seconds, one at a time as a single worker does. ``/stall`` blocks
everything for the seconds in the query, ``/chunked`` answers in chunks, ``/broken`` with a wrong length.
"""

from __future__ import annotations

import asyncio
import sys
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
ANSWERS = {
    b"/chunked": CHUNKED,
    b"/broken": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
    b"/error": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    b"/close": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
}


class Handler(asyncio.Protocol):
    service = 0.0
    requests = 0
    stall_at = 0
    stall_seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ", 2)[1]
        Handler.requests += 1
        if Handler.requests == Handler.stall_at:
            time.sleep(Handler.stall_seconds)
        if Handler.service:
            until = time.perf_counter() + Handler.service
            while time.perf_counter() < until:
                pass
        if path == b"/reset":
            self.transport.abort()
        elif path != b"/silent":
            self.transport.write(ANSWERS.get(path, OK))
            if path == b"/close":
                self.transport.close()


async def main() -> None:
    Handler.service, Handler.stall_at, Handler.stall_seconds = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    server = await asyncio.get_running_loop().create_server(Handler, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until the test closes it


if __name__ == "__main__":
    asyncio.run(main())
