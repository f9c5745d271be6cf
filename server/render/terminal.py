"""A report for people at a terminal: colour, one block a finding, proof under the claim.

Only this module and its callers import rich; the server never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table as Grid
from rich.text import Text

from knowledge.report import Evidence, Finding, Fix, Location, Outcome, Report, Severity, Table
from server.plain import one_line, visible

Source = Callable[[Location], str]
"""The statement at a place, or ``""`` where it cannot be read."""

BADGES = {Severity.HIGH: "bold white on red3", Severity.MEDIUM: "bold black on gold3", Severity.LOW: "black on grey70"}
VERDICTS = {Outcome.PASS: "bold green3", Outcome.FINDINGS: "bold red3", Outcome.NOT_TESTED: "bold gold3"}
INDENT = 2
THEME = "ansi_dark"


def no_source(_: Location) -> str:
    """Show no statements."""
    return ""


def print_report(
    console: Console, report: Report, *, source: Source = no_source, shown: Iterable[Severity] = tuple(Severity)
) -> None:
    """Print ``report``; findings whose severity is not in ``shown`` are only counted."""
    wanted = frozenset(shown)
    console.print(_headline(report))
    for table in report.tables:
        console.print()
        console.print(_table(table))
    for finding in report.findings:
        if finding.severity in wanted:
            console.print()
            console.print(_finding(finding, source(finding.location)))
    _print_hidden(console, [finding for finding in report.findings if finding.severity not in wanted])
    _print_list(console, "not tested", report.not_tested)
    _print_list(console, "assumed", report.assumptions)


def _headline(report: Report) -> RenderableType:
    verdict = Text().append(report.outcome.replace("_", " ").upper(), style=VERDICTS[report.outcome])
    return Group(verdict.append(f"  {one_line(report.headline)}", style="bold"), _facts(report))


def _facts(report: Report) -> Text:
    facts = Text(style="dim")
    for fact in report.facts:
        facts.append(f"{'  ·  ' if facts else ''}{one_line(fact.name)} {one_line(fact.value)}")
    return facts


def _finding(finding: Finding, statement: str) -> RenderableType:
    place = Grid.grid(expand=True)
    place.add_column()
    place.add_column(justify="right")
    title = Text().append(f" {finding.severity.upper()} ", style=BADGES[finding.severity])
    title.append(f" {finding.rule}", style="bold")
    place.add_row(title, Text(_short(finding.location), style="cyan"))
    parts: list[RenderableType] = [place, Padding(one_line(finding.message), (0, 0, 0, INDENT))]
    if statement:
        parts.append(_sql(statement))
    parts += [_evidence(evidence) for evidence in finding.evidence]
    parts += [_fix(fix) for fix in finding.fixes]
    return Group(*parts)


def _short(location: Location) -> str:
    name = PurePath(location.path).name
    return one_line(f"{name}:{location.line}" if location.line else name)


def _evidence(evidence: Evidence) -> RenderableType:
    items = [one_line(item) for item in evidence.result.split("; ")]
    if evidence.flips:
        items.append(f"would change if {one_line(evidence.flips)}")
    return _labelled(evidence.basis.value, "green" if evidence.basis == "observed" else "gold3", "\n".join(items))


def _fix(fix: Fix) -> RenderableType:
    style = "green" if fix.proven else "gold3"
    body: list[RenderableType] = [Text(one_line(fix.summary))]
    body += [_sql(_step(step.sql, step.alone, step.note), indent=0) for step in fix.steps]
    if fix.proof:
        body.append(Text(one_line(fix.proof), style="dim"))
    return _labelled("fix, proven" if fix.proven else "advice", style, Group(*body))


def _step(sql: str, alone: bool, note: str) -> str:
    remarks = [*(["outside a transaction"] if alone else []), *([one_line(note)] if note else [])]
    return f"-- {'; '.join(remarks)}\n{sql}" if remarks else sql


def _labelled(label: str, style: str, body: RenderableType) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(width=11, style=style)
    grid.add_column()
    grid.add_row(label, body)
    return Padding(grid, (0, 0, 0, INDENT))


def _sql(text: str, indent: int = INDENT) -> RenderableType:
    code = Syntax(visible(text).strip(), "sql", theme=THEME, background_color="default", word_wrap=True)
    return Padding(code, (0, 0, 0, indent))


def _table(table: Table) -> RenderableType:
    grid = Grid(title=one_line(table.title), title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column in table.columns:
        grid.add_column(one_line(column))
    for row in table.rows:
        grid.add_row(*(Text(one_line(cell)) for cell in row))
    return grid


def _print_hidden(console: Console, hidden: list[Finding]) -> None:
    for severity in Severity:
        rules = sorted({finding.rule for finding in hidden if finding.severity == severity})
        count = sum(finding.severity == severity for finding in hidden)
        if count:
            console.print()
            console.print(Text(f"{count} more of {severity} severity: {', '.join(rules)}", style="dim"))


def _print_list(console: Console, title: str, items: list[str]) -> None:
    if items:
        console.print()
        console.print(Rule(title, align="left", style="dim"))
        for item in items:
            console.print(Text(f"- {one_line(item)}"))
