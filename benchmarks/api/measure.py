"""``python -m benchmarks.api.measure FILE``: review one document with every profile and print what it took.

It runs in a process of its own, so that the peak of memory is that of one review.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import backend_architect  # noqa: F401  (claims the import path)
from knowledge.api.document import read_document
from knowledge.api.examination import examine
from knowledge.api.profiles import policy_from, select

DAY = date(2026, 1, 1)


def measured(file: Path, *, with_patch: bool) -> dict[str, Any]:
    """Seconds from the text to the findings with their lines, the peak of memory in MB, and what was found."""
    rules = select(["all"])
    text = file.read_text(encoding="utf-8")
    began, used = time.perf_counter(), time.process_time()
    document = read_document(text, file.name)
    found = examine(document, rules, policy_from({}), DAY, with_patch=with_patch)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    return {
        "seconds": round(seconds, 3),
        "cpu": round(cpu, 3),
        "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "characters": len(text),
        "rules": len(rules),
        "findings": len(found.findings),
        "places": sum(len(group.places) for group in found.groups),
        "fixed": found.patch.places,
        "by_rule": {count.rule.id: count.places for count in found.by_rule},
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), with_patch="--patch" in sys.argv[2:])))
