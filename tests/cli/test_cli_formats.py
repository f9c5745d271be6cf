"""Reports for machines: SARIF, GitHub, GitLab, JSON; and for people without colour."""

from __future__ import annotations

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from knowledge.report import Basis, Evidence, Finding, Fix, Location, Outcome, Report, Severity, Step
from server.cli.output import exit_code, rendered
from server.render.words import ended, fingerprints


def sample() -> Report:
    index = Finding(
        rule="index-not-concurrent",
        severity=Severity.HIGH,
        message="builds an index while writers wait: 100%\n::error::fake",
        location=Location(path="db/my migrations/002,a:b.sql", line=3, column=7),
        subject="public.orders",
        evidence=[Evidence(basis=Basis.OBSERVED, action="executed it", result="ShareLock on public.orders")],
        fixes=[
            Fix(
                summary="Build it concurrently",
                steps=[Step(sql="CREATE INDEX CONCURRENTLY i ON orders (a)", alone=True)],
                proven=True,
                proof="end catalog identical",
            )
        ],
    )
    own = Finding(
        rule="down-fails",
        severity=Severity.LOW,
        message="the down fails",
        evidence=[Evidence(basis=Basis.ASSUMED, action="ran it", result="fails", flips="rows exist")],
    )
    return Report(
        tool="migrate_backend",
        outcome=Outcome.FINDINGS,
        headline="2 findings",
        findings=[index, own],
        not_tested=["003.sql: needs an extension"],
        run="ab12cd34",
    )


def test_sarif_of_a_report() -> None:
    log = json.loads(rendered(sample(), "sarif"))
    (run,) = log["runs"]
    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "backend-architect")
    known, own = sorted(run["tool"]["driver"]["rules"], key=lambda rule: len(rule), reverse=True)
    assert known["help"]["markdown"].startswith("# index-not-concurrent")
    assert own == {"id": "down-fails", "defaultConfiguration": {"level": "note"}}
    result = run["results"][0]
    assert result["locations"] == snapshot(
        [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "db/my%20migrations/002%2Ca%3Ab.sql", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 7},
                },
                "logicalLocations": [{"fullyQualifiedName": "public.orders"}],
            }
        ]
    )
    assert result["properties"] == snapshot(
        {
            "basis": "observed",
            "fixes": [
                {
                    "summary": "Build it concurrently",
                    "sql": """\
-- outside a transaction
CREATE INDEX CONCURRENTLY i ON orders (a);\
""",
                    "proven": True,
                    "proof": "end catalog identical",
                }
            ],
        }
    )
    assert run["invocations"][0]["executionSuccessful"] is True
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"] == {
        "text": "Not tested: 003.sql: needs an extension"
    }


def violations(log: dict[str, Any]) -> list[str]:
    """What the SARIF 2.1.0 standard demands of the parts we write and ``log`` does not keep."""
    found = []
    if log.get("version") != "2.1.0":
        found.append("version (3.13.2)")
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        ids = [rule["id"] for rule in rules]
        if len(set(ids)) != len(ids):
            found.append("rule ids are unique (3.49.3)")
        marks = [tuple(item["partialFingerprints"].items()) for item in run["results"]]
        if len(set(marks)) != len(marks):
            found.append("fingerprints tell results apart (3.27.17)")
        for item in run["results"]:
            if ids[item["ruleIndex"]] != item["ruleId"]:
                found.append("ruleIndex points at ruleId (3.27.6)")
            if not item["message"].get("text"):
                found.append("message has text (3.11.8)")
            if item["level"] not in ("none", "note", "warning", "error"):
                found.append("level (3.27.10)")
            for place in item["locations"]:
                region = place.get("physicalLocation", {}).get("region", {"startLine": 1, "startColumn": 1})
                if region["startLine"] < 1 or region["startColumn"] < 1:
                    found.append("regions count from one (3.30.5)")
                if " " in place.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", ""):
                    found.append("uri is a URI (3.4.3)")
    return found


def test_sarif_keeps_to_the_standard() -> None:
    assert violations(json.loads(rendered(sample(), "sarif"))) == []


@pytest.mark.parametrize(
    ("where", "value"),
    [("ruleIndex", 0), ("level", "high"), ("message", {"text": ""}), ("partialFingerprints", None)],
)
def test_that_check_notices_a_broken_log(where: str, value: object) -> None:
    log = json.loads(rendered(sample(), "sarif"))
    results = log["runs"][0]["results"]
    results[0][where] = results[1][where] if value is None else value
    assert violations(log)


def test_github_commands_are_escaped_so_that_no_text_becomes_a_command() -> None:
    lines = rendered(sample(), "github").splitlines()
    assert lines == snapshot(
        [
            "::error file=db/my migrations/002%2Ca%3Ab.sql,line=3,col=7,title=index-not-concurrent::builds an index"
            " while writers wait: 100%25 ::error::fake%0Aobserved: executed it -> ShareLock on public.orders%0Afix"
            " (proven): Build it concurrently",
            "::notice title=down-fails::the down fails%0Aassumed: ran it -> fails (would change with: rows exist)",
            "::warning title=not tested::003.sql: needs an extension",
            "FINDINGS: 2 findings",
        ]
    )


def test_gitlab_code_quality() -> None:
    entries = json.loads(rendered(sample(), "gitlab"))
    assert [(item["check_name"], item["severity"], item["location"]) for item in entries] == snapshot(
        [
            ("index-not-concurrent", "critical", {"path": "db/my migrations/002,a:b.sql", "lines": {"begin": 3}}),
            ("down-fails", "minor", {"path": ".", "lines": {"begin": 1}}),
        ]
    )
    assert len({item["fingerprint"] for item in entries}) == 2


def test_json_is_the_whole_report() -> None:
    assert Report.model_validate_json(rendered(sample(), "json")) == sample()


def test_fingerprints_survive_moved_lines_and_tell_equal_findings_apart() -> None:
    (one, two) = sample().findings
    moved = one.model_copy(update={"location": Location(path=one.location.path, line=99, column=1)})
    assert next(fingerprints([one])) == next(fingerprints([moved]))
    assert len(set(fingerprints([one, moved, two]))) == 3


def test_a_step_ends_with_one_semicolon() -> None:
    assert [ended(sql) for sql in ("select 1", "select 1;", "-- only words", "select 1\n")] == [
        "select 1;",
        "select 1;",
        "-- only words",
        "select 1;",
    ]


@pytest.mark.parametrize(
    ("outcome", "severities", "threshold", "code"),
    [
        (Outcome.PASS, [], "low", 0),
        (Outcome.FINDINGS, ["low"], "low", 1),
        (Outcome.FINDINGS, ["low", "medium"], "high", 0),
        (Outcome.FINDINGS, ["high"], "high", 1),
        (Outcome.FINDINGS, [], "low", 1),
        (Outcome.NOT_TESTED, [], "low", 2),
    ],
)
def test_exit_codes(outcome: Outcome, severities: list[str], threshold: str, code: int) -> None:
    findings = [Finding(rule="r", severity=Severity(item), message="m") for item in severities]
    report = Report(tool="t", outcome=outcome, headline="h", findings=findings)
    assert exit_code(report, Severity(threshold)) == code
