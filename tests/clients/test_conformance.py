"""The official conformance suite against the real server with the suite's fixtures added."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from node_clients import Node

HERE = Path(__file__).parent
pytestmark = pytest.mark.node


def _checks(results: Path) -> dict[str, list[str]]:
    """Scenario -> the outcomes of its checks."""
    found: dict[str, list[str]] = {}
    for path in results.glob("*/checks.json"):
        scenario = re.sub(r"-\d{4}-\d\d-\d\dT.*", "", path.parent.name.removeprefix("server-"))
        found[scenario] = [check["status"] for check in json.loads(path.read_text())]
    return found


def _unmet(checks: dict[str, list[str]]) -> set[str]:
    return {scenario for scenario, outcomes in checks.items() if {"FAILURE", "WARNING"} & set(outcomes)}


def _suite(node: Node, package: str, url: str, results: Path, *options: str) -> dict[str, list[str]]:
    suite = node.script(package, "dist/index.js")
    done = node.run(suite, "server", "--url", url, "--output-dir", results, *options, cwd=results)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return _checks(results)


def test_everything_of_2026_07_28_passes_over_the_shipped_transport(
    node: Node, conformance_url: str, tmp_path: Path
) -> None:
    checks = _suite(node, "conformance-0.2", conformance_url, tmp_path, "--requirements", "2026-07-28")
    # Tasks are an extension that the server does not offer; the suite runs them without scoring them.
    assert {name for name in _unmet(checks) if not name.startswith("tasks-")} == set()
    assert len([name for name in checks if not name.startswith("tasks-")]) >= 37


def test_everything_of_2025_11_25_passes_over_a_transport_with_sessions(
    node: Node, conformance_sessions_url: str, tmp_path: Path
) -> None:
    checks = _suite(node, "conformance-0.2", conformance_sessions_url, tmp_path, "--requirements", "2025-11-25")
    assert _unmet(checks) == set()
    assert len(checks) >= 30


def test_of_2025_11_25_only_what_needs_a_session_fails_over_the_shipped_transport(
    node: Node, conformance_url: str, tmp_path: Path
) -> None:
    expected = HERE / "conformance_without_sessions.yml"
    options = ("--requirements", "2025-11-25", "--expected-failures", str(expected))
    checks = _suite(node, "conformance-0.2", conformance_url, tmp_path, *options)
    # The suite itself fails on a scenario that is missing in the file and on one that should leave it.
    assert len(checks) >= 30


def test_the_published_stable_suite_passes(node: Node, conformance_sessions_url: str, tmp_path: Path) -> None:
    checks = _suite(node, "conformance-0.1", conformance_sessions_url, tmp_path)
    assert _unmet(checks) == set()
    assert len(checks) >= 30
