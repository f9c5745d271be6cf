"""A report as GitHub workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from knowledge.report import Finding, Report, Severity
from server.plain import one_line
from server.render.text import VERDICTS
from server.render.words import told

COMMANDS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def workflow_commands(report: Report) -> str:
    """A command for each finding, one for what was not tested, and the verdict in plain words.

    Every value is escaped, so that no text of others can become a command.
    """
    lines = [_command(finding) for finding in report.findings]
    if report.not_tested:
        lines.append(f"::warning title=not tested::{_data(chr(10).join(map(one_line, report.not_tested)))}")
    lines.append(f"{VERDICTS[report.outcome]}: {one_line(report.headline)}")
    return "\n".join(lines)


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {
        "file": place.path,
        "line": str(place.line or ""),
        "col": str(place.column or ""),
        "title": finding.rule,
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{COMMANDS[finding.severity]} {listed}::{_data(told(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
