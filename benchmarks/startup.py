"""From the start of the process to the answer of ``tools/list`` over stdio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Comparison, median

HERE = Path(__file__).parent
HANDSHAKE = (
    {
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "benchmark", "version": "1"},
        },
    },
    {"method": "notifications/initialized"},
    {"id": 2, "method": "tools/list"},
)


@dataclass(frozen=True)
class Start:
    """One start: seconds on the clock until the answer, and seconds of CPU until the end."""

    wall: float
    cpu: float


def startup(runs: int) -> list[Comparison]:
    """Start our server and a bare one in turns."""
    ours_command = (sys.executable, "-m", "backend_architect")
    bare_command = (sys.executable, str(HERE / "bare_server.py"))
    for command in (ours_command, bare_command):
        start(command)  # compiles bytecode, fills the page cache
    ours, bare = [], []
    for _ in range(runs):
        ours.append(start(ours_command))
        bare.append(start(bare_command))
    what = "start to tools/list over stdio"
    walls = median([item.wall for item in ours]), median([item.wall for item in bare])
    cpus = median([item.cpu for item in ours]), median([item.cpu for item in bare])
    return [
        Comparison(f"{what}, CPU", "one-tool server of the bare SDK", *cpus, "s", "<= 1.1 x"),
        Comparison(f"{what}, wall", "one-tool server of the bare SDK", *walls, "s", ""),
    ]


def start(command: Sequence[str]) -> Start:
    """Start a server, ask for its tools, stop it."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None and process.stdout is not None
    for message in HANDSHAKE:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()
    answered = next((line for line in process.stdout if json.loads(line).get("id") == 2), None)
    wall = time.perf_counter() - began
    process.stdin.close()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if answered is None or "result" not in json.loads(answered):
        raise RuntimeError(f"{command} gave no list of tools")
    return Start(wall, usage.ru_utime + usage.ru_stime)
