"""A design as a report: what was decided, what was run, what it costs at scale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from backend.design.planned import Planned
from backend.design.proof import Proof
from backend.exercise.exchange import Failure
from backend.exercise.findings import finding_of
from knowledge.blueprint.answers import codes, errors, success
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.routes import Route, routes
from knowledge.design.decisions import decisions
from knowledge.design.feature import Design
from knowledge.design.sequence import sequence_diagram
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Fix, Outcome, Report, Severity, Table

TOOL = "design_endpoint"
MEDIA = {".yaml": "application/yaml", ".json": "application/json", ".mmd": "text/vnd.mermaid", ".py": "text/x-python"}
REMEDIES = {
    "design.search": "trigrams: CREATE EXTENSION pg_trgm and a GIN index with gin_trgm_ops; or a search engine",
    "design.total": "walk the list by cursor (say: page by cursor), which needs no total",
    "design.unindexed": "explain_query_plan with this statement and schema.sql tries indexes for it",
}
SHOWN = 8
"""Operations that get a table of their own decisions; more are in the contract."""
STATEMENTS = 14
"""Rows of the table of plans."""
SQL = 110
"""Characters of a statement in it."""


def report_of(
    design: Design, proof: Proof, files: Mapping[str, str], sizes: Mapping[str, int], *, declared: bool
) -> Report:
    """The report of a designed and proven endpoint."""
    focus = [route for route in routes(design.blueprint) if route.operation_id in design.focus]
    findings = [finding_of(failure) for failure in proof.failures] + list(_slow(proof, sizes))
    findings.sort(key=lambda finding: finding.severity.rank)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=_headline(focus, proof, findings),
        facts=[*_facts(proof), Fact(name="rows", value=_rows(proof, sizes))],
        findings=findings,
        tables=[_operations(design.blueprint, focus), *_decided(design.blueprint, focus), _plans(proof)],
        not_tested=[
            *proof.not_tested,
            *map(_beside, proof.beside),
            *(f"plan: {reason}" for reason in proof.plans.refused.values()),
        ],
        assumptions=[*design.assumptions, *([] if declared else [_assumed_rows(proof, sizes)])],
        next_step=_next_step(design),
        artifacts=_artifacts(design, focus, proof, files),
    )


def _headline(focus: list[Route], proof: Proof, findings: list[Finding]) -> str:
    what = f"{focus[0].method} {focus[0].path}" if len(focus) == 1 else f"{len(focus)} operations"
    broke = (f"{len(findings)} findings" if len(findings) > 1 else "1 finding") if findings else "nothing broke"
    counts = [len(measure.many) for measure in proof.measures]
    most = "1 SQL statement" if counts and max(counts) == 1 else f"{max(counts, default=0)} SQL statements"
    sql = f"; {most} at most, whatever the rows" if counts and not _grows(proof) else ""
    return f"{what}: designed, run and fuzzed: {broke}{sql}"


def _grows(proof: Proof) -> bool:
    return any(measure.repeated for measure in proof.measures)


def _facts(proof: Proof) -> list[Fact]:
    measured = [f"{each.operation} {len(each.few)} -> {len(each.many)}" for each in proof.measures[:SHOWN]]
    statements = [Fact(name="SQL per request, 1 row -> 20", value="; ".join(measured))] if measured else []
    return [*(Fact(name=name, value=value) for name, value in proof.facts.items()), *statements]


def _operations(blueprint: Blueprint, focus: list[Route]) -> Table:
    rows = []
    for route in focus:
        told = [code for status in errors(blueprint, route) for code in codes(blueprint, route, status)]
        limit = route.operation.rate_limit or blueprint.rate_limit
        rows.append(
            [
                route.operation_id,
                f"{route.method} {route.path}",
                str(success(route)),
                ", ".join(route.operation.access),
                f"{limit.requests}/{limit.seconds} s",
                " ".join(told) if len(focus) <= SHOWN else f"{len(told)} codes",
            ]
        )
    return Table(title="Operations", columns=["id", "route", "ok", "access", "limit", "error codes"], rows=rows)


def _decided(blueprint: Blueprint, focus: list[Route]) -> Iterator[Table]:
    rows = [[topic, what] for topic, what in decisions(blueprint, focus[:SHOWN])]
    if rows:
        yield Table(title="Decided", columns=["topic", "how, and why"], rows=rows)


def _plans(proof: Proof) -> Table:
    rows, seen = [], set()
    for each in proof.asked:
        for sql in each.statements:
            planned = proof.plans.found.get(sql)
            if planned is None or sql in seen:
                continue
            seen.add(sql)
            rows.append([each.way or "plain", _short(sql), f"{planned.cost:,.0f}", _indexes(planned)])
    rows.sort(key=lambda row: -float(row[2].replace(",", "")))
    return Table(
        title="SQL as it ran, planned at scale (cost in the planner's units)",
        columns=["asked", "statement", "cost", "index: cost without it"],
        rows=rows[:STATEMENTS],
    )


def _indexes(planned: Planned) -> str:
    told = [f"{name}: {cost:,.0f}" for name, cost in planned.without.items()]
    return ", ".join([*told, *(f"READS ALL OF {table}" for table in planned.scans)]) or "-"


def _short(sql: str) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"::(?:TIMESTAMP WITH TIME ZONE|[A-Z]+)", "", sql)).strip()
    text = re.sub(r"^SELECT (.*?) FROM", "SELECT ... FROM", text)
    text = re.sub(r" RETURNING .*", "", text)
    return text if len(text) <= SQL else f"{text[: SQL - 3]}..."


def _slow(proof: Proof, sizes: Mapping[str, int]) -> Iterator[Finding]:
    """Statements of the design that read a large table from end to end, or sort many rows for a page: each once."""
    ways: dict[tuple[str, str], list[str]] = {}
    for each in proof.asked:
        for sql in each.statements:
            planned = proof.plans.found.get(sql)
            if planned is not None and (planned.scans or planned.sorts or planned.unmatched):
                ways.setdefault((each.operation, sql), []).append(each.way)
    for (operation, sql), asked in ways.items():
        planned = proof.plans.found[sql]
        rule, severity, what = _slowness(planned, sql)
        named = ", ".join(dict.fromkeys(way or "the plain request" for way in asked))
        tables = planned.scans or planned.unmatched
        cost = planned.cost if planned.scans or planned.sorts else planned.unmatched_cost
        yield Finding(
            rule=rule,
            severity=severity,
            message=f"{operation} {what} (asked by: {named})",
            subject=operation,
            evidence=[
                Evidence(
                    basis=Basis.OBSERVED,
                    action=f"planned the statement that ran, at {_of(tables, sizes)}: {_short(sql)}",
                    result=f"cost {cost:,.0f}{'' if planned.scans or planned.sorts else ' to the end'}",
                )
            ],
            fixes=[Fix(summary=REMEDIES[rule])],
        )


def _slowness(planned: Planned, sql: str) -> tuple[str, Severity, str]:
    """The rule, how much it matters, and what the statement does."""
    tables = ", ".join(planned.scans or planned.unmatched)
    if planned.unmatched or (planned.scans and " ILIKE " in sql):
        return "design.search", Severity.MEDIUM, f"reads all of {tables} for a word that few rows hold"
    if planned.scans and "count(" in sql.lower():
        return "design.total", Severity.LOW, f"reads all of {tables} to count them"
    what = f"reads all of {tables}" if planned.scans else "sorts many rows for one page"
    return "design.unindexed", Severity.MEDIUM, what


def _beside(failure: Failure) -> str:
    return f"{failure.operation} is not what was asked for, and broke {failure.check}: {failure.message}"


def _of(tables: tuple[str, ...], sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{table} = {sizes.get(table, 0):,} rows" for table in tables) or "the sizes above"


def _rows(proof: Proof, sizes: Mapping[str, int]) -> str:
    used = {node.relation.rpartition(".")[2] for each in proof.plans.found.values() for node in each.plan.nodes}
    return ", ".join(f"{table} {rows:,}" for table, rows in sizes.items() if table in used)


def _assumed_rows(proof: Proof, sizes: Mapping[str, int]) -> str:
    return f'table sizes ({_rows(proof, sizes)}) are made up; say rows=["table=2M"]'


def _next_step(design: Design) -> str:
    return (
        "scaffold_backend(path=..., blueprint=<blueprint.yaml of this run>) writes the whole backend"
        if design.focus
        else "name an operation to design"
    )


def _artifacts(design: Design, focus: list[Route], proof: Proof, files: Mapping[str, str]) -> list[Artifact]:
    texts = {"blueprint.yaml": design.text, **files, "schema.sql": proof.plans.ddl}
    texts |= {f"{route.operation_id}.mmd": sequence_diagram(design.blueprint, route) for route in focus[:SHOWN]}
    made = [
        Artifact(name=name, media_type=MEDIA.get(PurePosixPath(name).suffix, "text/plain"), text=text)
        for name, text in texts.items()
    ]
    return [*made, *proof.artifacts]
