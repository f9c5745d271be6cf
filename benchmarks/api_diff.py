"""``python -m benchmarks.api_diff``: two versions of a large published contract compared, in seconds and MB."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import backend_architect  # noqa: F401  (claims the import path)
from benchmarks.api.documents import LARGE, MANIFEST, Published, file_of
from benchmarks.figures import Figure, median, table
from knowledge.api.document import read_document
from knowledge.api_diff.change import Level
from knowledge.api_diff.compare import compare
from knowledge.api_diff.summary import summary

SECONDS = 5
TIMEOUT = 300
TODAY = date(2026, 6, 1)
OLDER = MANIFEST.parent / "older" / "package.json"
REPOSITORY = Path(__file__).resolve().parents[1]


def older_file(document: Published) -> Path:
    """The version before of a published document; installed if need be."""
    from tests.clients.node_clients import installed

    return installed(OLDER).script(document.package, document.path)


def compared(old: Path, new: Path) -> dict[str, Any]:
    """What reading and comparing two files took, in this process."""
    began = time.perf_counter()
    documents = [read_document(file.read_text(encoding="utf-8"), file.name) for file in (old, new)]
    read = time.perf_counter()
    changes = compare(*documents, today=TODAY)
    ended = time.perf_counter()
    counts = summary(changes)
    return {
        "megabytes_read": sum(len(document.text) for document in documents) / 1e6,
        "seconds": ended - began,
        "comparing": ended - read,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "changes": len(changes),
        "breaking": counts.breaking,
        "risky": counts.risky,
        "most_uses": max((len(change.uses) for change in changes if change.level is not Level.SAFE), default=0),
    }


def in_own_process(old: Path, new: Path) -> dict[str, Any]:
    """Like :func:`compared`, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.api_diff", "--files", str(old), str(new)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(document: Published, runs: int) -> list[Figure]:
    """Time, memory and findings of a diff of two versions; and of one with itself, which must find nothing.

    Raises:
        ValueError: a document differs from itself.
    """
    new, old = file_of(document), older_file(document)
    found = [in_own_process(old, new) for _ in range(runs)]
    itself = [in_own_process(new, new) for _ in range(runs)]
    if itself[0]["changes"]:
        raise ValueError(f"{itself[0]['changes']} changes of a document against itself")
    what = f"diff of two versions of {document.name} ({found[0]['megabytes_read']:.1f} MB), reading included"
    return [
        Figure(what, median([run["seconds"] for run in found]), "s", f"< {SECONDS} s"),
        Figure("comparing alone", median([run["comparing"] for run in found]), "s", ""),
        Figure("its peak of memory", max(run["megabytes"] for run in found), "MB", ""),
        Figure("changes", found[0]["changes"], "", ""),
        Figure("breaking", found[0]["breaking"], "", ""),
        Figure("risky", found[0]["risky"], "", ""),
        Figure("operations that one of these reaches at most", found[0]["most_uses"], "", ""),
        Figure("the new version against itself", median([run["seconds"] for run in itself]), "s", "0 changes"),
    ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.api_diff", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; medians are shown")
    parser.add_argument("--files", type=Path, nargs=2, metavar=("OLD", "NEW"), help="only compare two files once")
    options = parser.parse_args()
    if options.files:
        print(json.dumps(compared(*options.files)))
    else:
        print(table(measure(LARGE, options.runs)))


if __name__ == "__main__":
    main()
