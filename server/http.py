"""The server over streamable HTTP: stateless, who may call and from where.

Answers are event streams, because progress of a running call cannot travel in a plain JSON answer.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.settings import Address, Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from server.strict import StrictServer

PATH = "/mcp"
MAX_BODY_BYTES = 4 * 1024 * 1024
HTTP = "h11"
"""Not httptools, which uvicorn prefers where it is installed: it leaves spaces around the values of headers, which
RFC 9110 section 5.5 excludes from them."""

GRACE_SECONDS = 5
BACKLOG = 128
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def http_app(server: StrictServer, settings: Settings) -> Starlette:
    """The ASGI application. Host and Origin headers are checked, bodies over 4 MiB refused with 413."""

    @server.custom_route("/healthz", methods=["GET"])  # type: ignore[untyped-decorator]
    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "name": server.name, "version": server.version})

    return server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=False,
        max_request_body_size=MAX_BODY_BYTES,
        transport_security=security(settings),
    )


def security(settings: Settings) -> TransportSecuritySettings:
    """Hosts and origins to accept: loopback always, the address listened on, and what the operator named."""
    address = settings.http or Address("127.0.0.1", 0)
    hosts = [f"{name}:*" for name in LOOPBACK_NAMES] + [*LOOPBACK_NAMES, str(address), *settings.allowed_host]
    origins = [f"http://{name}:*" for name in LOOPBACK_NAMES] + list(settings.allowed_origin)
    return TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=hosts, allowed_origins=origins)


def listen(address: Address) -> socket.socket:
    """A socket that accepts connections at ``address``; port 0 takes a free one.

    Raises:
        OSError: the address is taken, or is not of this machine.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    return socket.create_server((address.host, address.port), family=family, backlog=BACKLOG)


def serve(server: StrictServer, settings: Settings) -> None:
    """Serve at ``settings.http`` until the process is told to stop; running calls get five seconds.

    The address goes to stderr, which also tells which free port was taken.
    """
    import uvicorn

    if settings.http is None:
        raise ValueError("settings.http says where to listen")
    config = uvicorn.Config(
        http_app(server, settings),
        http=HTTP,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with listen(settings.http) as listening:
        address = Address(settings.http.host, listening.getsockname()[1])
        print(f"backend-architect: serving http://{address}{PATH}", file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listening])
