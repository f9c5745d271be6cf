"""Sets the limits of a process and becomes Node in it: Node cannot limit itself."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path

DRIVER = Path(__file__).with_name("architect_fetch.mjs")
MEGABYTE = 1 << 20


def main() -> None:
    """``architect_node.py NODE REQUEST``; what follows is Node with the driver and the same request."""
    node, request = sys.argv[-2:]
    limits = json.loads(request)["limits"]
    kinds = {"cpu": resource.RLIMIT_CPU, "file": resource.RLIMIT_FSIZE, "core": resource.RLIMIT_CORE}
    for name, kind in kinds.items():  # not the address space, of which V8 reserves more than there is memory
        hard = resource.getrlimit(kind)[1]
        value = limits[name] if hard == resource.RLIM_INFINITY else min(limits[name], hard)
        resource.setrlimit(kind, (value, value))
    if sys.platform == "linux":  # ends with the one that started it, even where that was killed
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    heap = limits["memory"] // MEGABYTE
    os.execv(node, [node, f"--max-old-space-size={heap}", "--no-warnings", str(DRIVER), request])


if __name__ == "__main__":
    main()
