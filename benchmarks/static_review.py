"""Static review of a large file, against the fastest linter of its kind."""

from __future__ import annotations

import subprocess
import sysconfig
import time
from pathlib import Path

from benchmarks.figures import Comparison, median
from tools.review_schema import TOOL
from tools.toolbox import Toolbox

SQUAWK = Path(sysconfig.get_path("scripts")) / "squawk"
NAME = "generated.sql"


async def static_review(toolbox: Toolbox, text: str, runs: int) -> Comparison:
    """Review ``text`` without executing it and lint the same file with squawk, in turns.

    Ours runs in this warm process, as in a server; squawk pays for its own start, which takes milliseconds,
    and writes its shortest format: the one it uses by default is many times slower on a large file.
    """
    path = toolbox.workspace.root / NAME
    path.write_text(text, encoding="utf-8")
    request = TOOL.request.model_validate({"path": NAME, "prove": False})
    ours, theirs = [], []
    await TOOL.run(request, toolbox)
    for _ in range(runs):
        began = time.perf_counter()
        await TOOL.run(request, toolbox)
        ours.append(time.perf_counter() - began)
        theirs.append(_squawk(path))
    what = f"static review of {len(text) / 1e6:.2f} MB of DDL"
    return Comparison(what, "squawk", median(ours), median(theirs), "s", "<= 2 x")


def _squawk(path: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        [SQUAWK, "--reporter=Gcc", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - began
