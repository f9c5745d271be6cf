"""Begins the process of the project's code: sets limits that it cannot raise again, then runs a driver.

Programs in this folder run under the project's interpreter, which may be older than ours and has none of our
packages; they import nothing of each other but this.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from pathlib import Path


def main() -> None:
    """Run the driver that the request (the last argument, JSON) names, and write its answer."""
    request = json.loads(sys.argv[-1])
    if sys.platform != "darwin":  # which does not honour it
        _limit(resource.RLIMIT_AS, request["memory"])
    _limit(resource.RLIMIT_FSIZE, request["output"])
    _limit(resource.RLIMIT_CORE, 0)
    answer = importlib.import_module(request["driver"]).main(request)
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
