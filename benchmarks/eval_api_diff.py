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
TIMEOUT = 60
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


def redocly(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The changes it tells; ``None`` where it gives no answer."""
    from tests.clients.node_clients import NODE, environment, installed

    node = installed(MANIFEST)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in (("old.json", old), ("new.json", new)):
            (Path(folder) / name).write_text(json.dumps(value), encoding="utf-8")
        script = node.script("@redocly/cli", "bin/cli.js")
        command = [str(NODE), str(script), "diff", "old.json", "new.json", "--format=json", "--fail-on=none"]
        variables = {**environment(node.home), **QUIET, "HOME": folder}
        try:
            done = subprocess.run(
                command, cwd=folder, env=variables, capture_output=True, text=True, timeout=TIMEOUT, check=False
            )
            return list(json.loads(done.stdout)["changes"])
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None


def worst(changes: list[dict[str, Any]] | None) -> str:
    """``major``, ``minor``, ``patch`` or ``none``; ``failed`` where there is no answer."""
    if changes is None:
        return "failed"
    impacts = {change.get("impact") for change in changes}
    return next((impact for impact in ("major", "minor", "patch") if impact in impacts), "none")


def together(cases: list[Case]) -> dict[str, str]:
    """What Redocly says of each pair that is one operation, asked for all of a version at once."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.old.get("openapi", ""), case.new.get("openapi", "")), []).append(case)
    found: dict[str, str] = {}
    for (first, second), chosen in groups.items():
        documents = [
            {
                "openapi": version,
                "info": {"title": "t", "version": "1"},
                "paths": {f"/p{number}": value["paths"]["/a"] for number, value in enumerate(values)},
            }
            for version, values in (
                (first, [case.old for case in chosen]),
                (second, [case.new for case in chosen]),
            )
        ]
        changes = redocly(*documents)
        for number, case in enumerate(chosen):
            mark = f"#/paths/~1p{number}"
            own = [
                each for each in changes or [] if str(each["path"]) == mark or str(each["path"]).startswith(f"{mark}/")
            ]
            found[case.name] = worst(own if changes is not None else None)
    return found


def is_one_operation(case: Case) -> bool:
    """Whether its documents hold nothing but one path."""
    return all(
        set(value) == {"openapi", "info", "paths"}
        and list(value["paths"]) == ["/a"]
        and value["info"] == {"title": "t", "version": "1"}
        for value in (case.old, case.new)
    )


def own(case: Case) -> str:
    """What this project says of a pair."""
    from tests.api_diff.diff_cases import found

    levels = {change.level.value for change in found(*case.documents)}
    return "breaking" if "breaking" in levels else "risky" if "risky" in levels else "harmless"


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
    options = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    from tests.api_diff.diff_cases import contract_cases, equal_cases, schema_cases

    cases = [*schema_cases(), *contract_cases(), *equal_cases()]
    theirs = together([case for case in cases if is_one_operation(case)])
    rest = [case for case in cases if case.name not in theirs]
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        answers = pool.map(lambda case: worst(redocly(case.old, case.new)), rest)
        theirs |= {case.name: answer for case, answer in zip(rest, answers, strict=True)}
    verdicts = [Verdict(case.name, truth_of(case), own(case), theirs[case.name]) for case in cases]
    print(table(verdicts))
    if options.list:
        for each in verdicts:
            if (each.truth == "breaking") != (each.theirs == "major") and each.truth != "risky":
                print(f"- {each.name}: labelled {each.truth}, Redocly says {each.theirs}")


if __name__ == "__main__":
    main()
