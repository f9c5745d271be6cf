"""``python -m benchmarks.api_review``: a large published document reviewed with every profile, in seconds and MB."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import backend_architect  # noqa: F401  (claims the import path)
from benchmarks.api.documents import LARGE, Published, file_of
from benchmarks.figures import Figure, median, table

SECONDS, MEGABYTES = 3, 500
TIMEOUT = 300
REPOSITORY = Path(__file__).resolve().parents[1]


def reviewed(file: Path, *options: str) -> dict[str, Any]:
    """What a review of ``file`` took in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.api.measure", str(file), *options]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(document: Published, runs: int) -> list[Figure]:
    """Time and memory of a review, and of one that also proves its patch."""
    file = file_of(document)
    plain = [reviewed(file) for _ in range(runs)]
    patched = [reviewed(file, "--patch") for _ in range(runs)]
    first = plain[0]
    what = f"review of {document.name} ({first['characters'] / 1e6:.1f} MB) by {first['rules']} rules"
    return [
        Figure(what, median([run["seconds"] for run in plain]), "s", f"< {SECONDS} s"),
        Figure("its peak of memory", max(run["megabytes"] for run in plain), "MB", f"< {MEGABYTES} MB"),
        Figure("places found", first["places"], "", ""),
        Figure("findings told", first["findings"], "", ""),
        Figure("with a proven patch", median([run["seconds"] for run in patched]), "s", ""),
        Figure("places the patch fixes", patched[0]["fixed"], "", ""),
    ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.api_review", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; medians are shown")
    print(table(measure(LARGE, parser.parse_args().runs)))


if __name__ == "__main__":
    main()
