"""Reviews of one document by this project and by two linters: what each found, how long it took, how much it needed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
MANIFEST = Path(__file__).parent / "linters" / "package.json"
SECONDS = 420
"""More than that no run may take."""
HEAP = 8_000
"""Megabytes that Node may use: the largest document needs more than it takes by default."""


@dataclass(frozen=True)
class Run:
    """What one tool made of one document. ``places`` counts by rule; ``failed`` says why there is nothing to count."""

    seconds: float
    megabytes: int
    places: Counter[str] = field(default_factory=Counter)
    failed: str = ""
    note: str = ""


def ours(file: Path) -> Run:
    """This project, every profile."""
    done = _run([sys.executable, "-m", "benchmarks.api.measure", str(file)], REPOSITORY)
    if done.run.failed:
        return done.run
    return replace(done.run, places=Counter(json.loads(done.text)["by_rule"]))


def spectral(file: Path) -> Run:
    """Spectral with its own rules and OWASP's; with its own alone where those stop it."""
    both = _spectral(file, with_owasp=True)
    if not both.failed:
        return both
    alone = _spectral(file, with_owasp=False)
    return replace(alone, note=f"OWASP's rules: {both.failed}") if not alone.failed else alone


def _spectral(file: Path, *, with_owasp: bool) -> Run:
    node = _node()
    owasp = node.script("@stoplight/spectral-owasp-ruleset", "dist/ruleset.js")
    rulesets = ["spectral:oas", *([str(owasp)] if with_owasp else [])]
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "ruleset.yaml"
        rules.write_text(f"extends: {json.dumps(rulesets)}\n", encoding="utf-8")
        script = node.script("@stoplight/spectral-cli", "dist/index.js")
        command = [*_program(), str(script), "lint", "--quiet", "--format", "json", "--ruleset", str(rules), str(file)]
        done = _run(command, Path(folder), good=(0, 1))
    if done.run.failed:
        return done.run
    return replace(done.run, places=Counter(item["code"] for item in json.loads(done.text)))


def redocly(file: Path) -> Run:
    """Redocly with all its rules."""
    script = _node().script("@redocly/cli", "bin/cli.js")
    options = ["lint", "--format", "json", "--extends", "all", "--max-problems", "1000000"]
    with tempfile.TemporaryDirectory() as folder:
        done = _run([*_program(), str(script), *options, str(file)], Path(folder), good=(0, 1))
    if done.run.failed:
        return done.run
    found: dict[str, Any] = json.loads(done.text[done.text.index("{") :])
    return replace(done.run, places=Counter(item["ruleId"] for item in found["problems"]))


def _node() -> Any:
    from tests.clients.node_clients import installed

    return installed(MANIFEST)


def _program() -> list[str]:
    from tests.clients.node_clients import NODE

    return [str(NODE), f"--max-old-space-size={HEAP}"]


@dataclass(frozen=True)
class _Done:
    run: Run
    text: str


def _run(command: Sequence[str], folder: Path, good: tuple[int, ...] = (0,)) -> _Done:
    """Run a program to its end or for ``SECONDS``, with the peak of its own memory."""
    environment = {**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=errors, start_new_session=True
        )
        timer = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode(errors="replace")
        errors.seek(0)
        said = [line for line in errors.read().decode(errors="replace").splitlines() if line.startswith("Error #")]
    failed = ""
    if process.returncode not in good:
        failed = said[0][:200] if said else f"ended with {process.returncode}"
        failed = f"stopped after {SECONDS} s" if process.returncode == -signal.SIGKILL else failed
    run = Run(seconds, usage.ru_maxrss // 1024, failed=failed)
    return _Done(run, text)
