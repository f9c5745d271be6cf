"""A report as GitLab's code quality report (a subset of the Code Climate format)."""

from __future__ import annotations

import json

from knowledge.report import Finding, Report, Severity
from server.render.words import fingerprints, told

SEVERITIES = {Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def code_quality(report: Report) -> str:
    """The report as a JSON array. GitLab wants a file and a line: ``.`` and 1 stand for none."""
    marks = fingerprints(report.findings)
    entries = [_entry(finding, mark) for finding, mark in zip(report.findings, marks, strict=True)]
    return json.dumps(entries, indent=2, ensure_ascii=False)


def _entry(finding: Finding, mark: str) -> dict[str, object]:
    return {
        "description": told(finding),
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": finding.location.path or ".", "lines": {"begin": max(finding.location.line, 1)}},
    }
