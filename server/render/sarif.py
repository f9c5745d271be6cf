"""A report as SARIF 2.1.0, for code scanning: rules with their help, results with stable fingerprints.

A SARIF ``fix`` replaces regions of a file; ours are statements for new migrations, so they travel as text
in the message and under ``properties``.
"""

from __future__ import annotations

import json
from typing import Any

from knowledge.report import Finding, Outcome, Report, Severity
from server.kit import NAME, own_version
from server.plain import fenced
from server.render.words import fingerprints, fix_label, fix_sql, told

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
WEBSITE = "https://github.com/backend-architect/backend-architect"
LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
FINGERPRINT = "backendArchitect/v1"

Json = dict[str, Any]


def sarif(report: Report) -> str:
    """The log file as JSON text."""
    rules = sorted({finding.rule for finding in report.findings})
    index = {rule: number for number, rule in enumerate(rules)}
    results = [
        _result(finding, index[finding.rule], mark)
        for finding, mark in zip(report.findings, fingerprints(report.findings), strict=True)
    ]
    driver = {
        "name": NAME,
        "version": own_version(),
        "informationUri": WEBSITE,
        "rules": [_rule(rule, report) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
        "properties": {"headline": report.headline, "run": report.run},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(rule_id: str, report: Report) -> Json:
    """A rule with its help from its record; findings of the tools themselves have no record."""
    from knowledge.rules import rule
    from knowledge.rules.page import page

    try:
        record = rule(rule_id)
    except KeyError:
        worst = min((item.severity for item in report.findings if item.rule == rule_id), key=lambda item: item.rank)
        return {"id": rule_id, "defaultConfiguration": {"level": LEVELS[worst]}}
    return {
        "id": rule_id,
        "shortDescription": {"text": record.claim},
        "fullDescription": {"text": record.why},
        "help": {"text": f"{record.why}\n\nDoes not apply: {record.unless}", "markdown": page(record)},
        "defaultConfiguration": {"level": LEVELS[record.severity]},
        "properties": {"tags": [record.family, "database"]},
    }


def _result(finding: Finding, index: int, mark: str) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": told(finding), "markdown": _markdown(finding)},
        "locations": _locations(finding),
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {"basis": finding.basis.value},
    }
    if finding.fixes:
        result["properties"]["fixes"] = [
            {"summary": fix.summary, "sql": fix_sql(fix), "proven": fix.proven, "proof": fix.proof}
            for fix in finding.fixes
        ]
    return result


def _markdown(finding: Finding) -> str:
    parts = [told(finding)]
    parts += [f"{fix_label(fix)}\n\n{fenced(fix_sql(fix), 'sql')}" for fix in finding.fixes if fix.steps]
    return "\n\n".join(parts)


def _locations(finding: Finding) -> list[Json]:
    place: Json = {}
    if finding.location.path:
        place["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(finding.location.path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": max(finding.location.line, 1), "startColumn": max(finding.location.column, 1)},
        }
    if finding.subject:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.subject}]
    return [place] if place else []


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def _invocation(report: Report) -> Json:
    """Whether the run did what it was asked, and each thing that was not tested."""
    notes = [{"level": "note", "message": {"text": f"Not tested: {item}"}} for item in report.not_tested]
    notes += [{"level": "note", "message": {"text": f"Assumed: {item}"}} for item in report.assumptions]
    return {
        "executionSuccessful": report.outcome is not Outcome.NOT_TESTED,
        "toolExecutionNotifications": notes,
    }
