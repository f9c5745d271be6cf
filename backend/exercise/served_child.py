"""The process of a served application: sets limits that it cannot raise again, then runs uvicorn on a given socket.

It runs under the project's interpreter and imports nothing of ours. It ends when its standard input is closed, which
happens however its parent ends.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import threading
from typing import Any


def main() -> None:
    """Serve what the request (the last argument, JSON) names; write one line to its ``ready`` descriptor when up."""
    request = json.loads(sys.argv[-1])
    if sys.platform != "darwin":  # which does not honour it
        limit(resource.RLIMIT_AS, request["memory"])
    limit(resource.RLIMIT_FSIZE, request["output"])
    limit(resource.RLIMIT_CORE, 0)
    if request["cores"]:
        os.sched_setaffinity(0, request["cores"])
    threading.Thread(target=end_with_parent, daemon=True).start()
    serve(request)


def limit(kind: int, value: int) -> None:
    """Bound a resource, below the bound there is."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def end_with_parent() -> None:
    """Wait for the parent's end, then end."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def serve(request: dict[str, Any]) -> None:
    """Run uvicorn until a signal."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                os.write(request["ready"], b"ready\n")
                os.close(request["ready"])

    config = uvicorn.Config(request["app"], factory=request["factory"], **request["options"])
    server = Server(config)
    server.run([socket.socket(fileno=request["socket"])])


if __name__ == "__main__":
    main()
