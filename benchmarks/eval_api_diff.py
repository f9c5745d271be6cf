"""``python -m benchmarks.eval_api_diff``: the labelled pairs of the contract diff, beside what Redocly says of them.

A pair is breaking if one of its labels is; harmless if all are safe or there is none. Redocly rates every change by the
version it asks for; its ``major`` is taken as breaking.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import backend_architect  # noqa: F401  (claims the import path)

if TYPE_CHECKING:
    from tests.api_diff.diff_cases import Case

MANIFEST = Path(__file__).parent / "api" / "linters" / "package.json"
TESTS = Path(__file__).resolve().parents[1] / "tests" / "api_diff"
TIMEOUT = 120
AT_ONCE = 2
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
LEVELS = ("breaking", "risky", "harmless")


@dataclass(frozen=True)
class Verdict:
    """What was said of one pair."""

    name: str
    truth: str
    ours: str
    theirs: str


def truth_of(case: Case) -> str:
    """The worst level of its labels."""
    levels = {label.split(" ")[0] for label in case.expected}
    return "breaking" if "breaking" in levels else "risky" if "risky" in levels else "harmless"


def redocly(old: dict[str, Any], new: dict[str, Any]) -> str:
    """``major``, ``minor``, ``patch`` or ``none``; ``failed`` where it gives no answer."""
    from tests.clients.node_clients import NODE, environment, installed

    node = installed(MANIFEST)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in (("old.json", old), ("new.json", new)):
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        script = node.script("@redocly/cli", "bin/cli.js")
        command = [str(NODE), str(script), "diff", "old.json", "new.json", "--format=json", "--fail-on=none"]
        variables = {**environment(node.home), **QUIET, "HOME": folder}
        done = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    try:
        return str(json.loads(done.stdout)["bump"] or "none")
    except (ValueError, KeyError):
        return "failed"


def verdict(case: Case) -> Verdict:
    """What this project and Redocly say of a pair."""
    from tests.api_diff.diff_cases import found

    levels = {change.level.value for change in found(*case.documents)}
    ours = "breaking" if "breaking" in levels else "risky" if "risky" in levels else "harmless"
    return Verdict(case.name, truth_of(case), ours, redocly(case.old, case.new))


def table(verdicts: list[Verdict]) -> str:
    """Both beside the labels."""
    lines = ["| labelled | pairs | ours right | Redocly: major | minor | patch | none | failed |", "|" + "---|" * 8]
    for level in LEVELS:
        chosen = [each for each in verdicts if each.truth == level]
        right = sum(each.ours == level for each in chosen)
        theirs = Counter(each.theirs for each in chosen)
        cells = [theirs[name] for name in ("major", "minor", "patch", "none", "failed")]
        lines.append(f"| {level} | {len(chosen)} | {right} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.eval_api_diff", description=__doc__)
    parser.add_argument("--list", action="store_true", help="also name the pairs that Redocly rates otherwise")
    parser.add_argument("--step", type=int, default=1, help="only every so-manieth pair")
    options = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    from tests.api_diff.diff_cases import contract_cases, equal_cases, schema_cases

    cases = [*schema_cases(), *contract_cases(), *equal_cases()][:: options.step]
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        verdicts = list(pool.map(verdict, cases))
    print(table(verdicts))
    if options.list:
        for each in verdicts:
            if (each.truth == "breaking") != (each.theirs == "major") and each.truth != "risky":
                print(f"- {each.name}: labelled {each.truth}, Redocly says {each.theirs}")


if __name__ == "__main__":
    main()
