"""What a rehearsal answers: how many statements are dangerous, which, why, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from backend.judge import excerpt
from backend.rehearsal.findings import BROKEN_DOWN
from backend.rehearsal.outcome import Rehearsal
from backend.rehearsal.record import RECORD, plan_hash, record_of
from knowledge.ddl import plain
from knowledge.report import Artifact, Fact, Finding, Outcome, Report, Severity, Table
from knowledge.rules.observation import waits
from knowledge.trace import StatementTrace
from tools.migrate_backend.reports import TOOL, call

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest

MOST_ROWS = 20


def of_rehearsal(outcome: Rehearsal, request: MigrateBackendRequest) -> Report:
    """The report of a rehearsal."""
    digest = plan_hash(outcome.folder, outcome.engine) if outcome.passed else ""
    findings = outcome.findings
    dangerous = dangerous_traces(outcome)
    tables = [dangerous_table(dangerous)] if dangerous else []
    if lost := loss_rows(outcome):
        tables.append(Table(title="irreversible: values lost", columns=["column", "values", "lost by"], rows=lost))
    return Report(
        tool=TOOL,
        outcome=verdict(outcome),
        headline=headline(outcome, len(dangerous)),
        facts=facts(outcome, digest),
        findings=findings,
        tables=tables,
        assumptions=[*outcome.assumptions, *outcome.folder.notes],
        not_tested=[*replayed_only(outcome), *outcome.not_tested],
        next_step=next_step(outcome, digest, request),
        artifacts=artifacts(outcome),
    )


def verdict(outcome: Rehearsal) -> Outcome:
    """Findings where there are any; never a pass where nothing was executed."""
    if outcome.findings:
        return Outcome.FINDINGS
    return Outcome.PASS if outcome.statements and outcome.passed else Outcome.NOT_TESTED


def replayed_only(outcome: Rehearsal) -> list[str]:
    """A sentence about migrations that were run and not looked at."""
    number = sum(not one.traced for one in outcome.migrations)
    return [f"{_count(number, 'migration')} replayed without looking, as since or changed asked for"] if number else []


def headline(outcome: Rehearsal, dangerous: int) -> str:
    """``14 migrations, 63 statements: 3 dangerous, 1 fails, 1 down is broken``."""
    reached, total = len(outcome.migrations), len(outcome.folder.migrations)
    trips = [one.round_trip for one in outcome.migrations if one.round_trip is not None]
    failing = sum(one.failed or one.emptied for one in outcome.migrations)
    broken = sum(not trip.restores for trip in trips)
    nothing = "none dangerous" if any(one.traced for one in outcome.migrations) else "none traced"
    said = [f"{dangerous} dangerous" if dangerous else nothing]
    if failing:
        said.append(f"{failing} {'fails' if failing == 1 else 'fail'}")
    if trips:
        verb = "1 down is" if broken == 1 else f"{broken} downs are"
        said.append(f"{verb} broken" if broken else f"all {len(trips)} downs restore the schema")
    counted = _count(total, "migration") if reached == total else f"{reached} of {_count(total, 'migration')}"
    return f"{counted}, {_count(outcome.statements, 'statement')} on {outcome.engine}: {', '.join(said)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def facts(outcome: Rehearsal, digest: str) -> list[Fact]:
    """The decisive figures."""
    traces = outcome.traces
    trips = [one.round_trip for one in outcome.migrations if one.round_trip is not None]
    restored = sum(trip.restores for trip in trips)
    values = {
        "migrations": str(len(outcome.migrations)),
        "statements": str(outcome.statements),
        "traced": str(len(traces)) if traces else "",
        "rewrites": str(sum(bool(trace.rewrites) for trace in traces)),
        "scans": str(sum(bool(trace.scans) for trace in traces)),
        "block reads": str(sum(any(probe.read_blocked for probe in trace.probes) for trace in traces)),
        "block writes": str(sum(any(probe.write_blocked for probe in trace.probes) for trace in traces)),
        "downs restored": f"{restored} of {len(trips)}",
        "columns a down loses": str(sum(len(trip.lost_by_up) + len(trip.lost_by_down) for trip in trips)),
        "fixes proven": str(sum(fix.proven for finding in outcome.findings for fix in finding.fixes)),
        "seconds": f"{outcome.seconds:.2f}",
        "plan_hash": digest or "none: the rehearsal did not pass",
    }
    return [Fact(name=name, value=value) for name, value in values.items() if value]


def next_step(outcome: Rehearsal, digest: str, request: MigrateBackendRequest) -> str:
    """The next call."""
    again, apply = call(request, "rehearse"), call(request, "apply", digest)
    if not digest:
        return f"Repair what fails, then {again}"
    if any(finding.severity is Severity.HIGH for finding in outcome.findings):
        return f"Put the proven fixes of the high findings into the files, then {again}; as they are: {apply}"
    return f"{apply} runs the pending ones on the operator's database"


def dangerous_traces(outcome: Rehearsal) -> list[StatementTrace]:
    """Statements that fail, or about which a finding of high or medium severity was observed."""
    places = {
        finding.location
        for finding in outcome.findings
        if finding.severity is not Severity.LOW and finding.rule not in BROKEN_DOWN
    }
    return [trace for trace in outcome.traces if trace.error or trace.statement.location in places]


def dangerous_table(traces: Sequence[StatementTrace]) -> Table:
    """Where, which lock, who waits, what is rewritten or scanned."""
    more = f" (first {MOST_ROWS} of {len(traces)})" if len(traces) > MOST_ROWS else ""
    return Table(
        title=f"dangerous statements{more}",
        columns=["where", "statement", "strongest lock", "who waits", "rewritten", "scanned", "error"],
        rows=[_row(trace) for trace in traces[:MOST_ROWS]],
    )


def _row(trace: StatementTrace) -> list[str]:
    lock = trace.strongest
    stuck = [probe for probe in trace.probes if probe.read_blocked or probe.write_blocked]
    worst = max(stuck, key=lambda probe: probe.read_blocked, default=None)
    return [
        str(trace.statement.location),
        excerpt(trace.statement.sql, 60),
        f"{lock.mode.value.removesuffix('Lock')} on {plain(lock.relation)}" if lock else "",
        waits(worst).removeprefix("a second session's ") if worst else "",
        ", ".join(map(plain, trace.rewrites)),
        ", ".join(map(plain, trace.scans)),
        f"{trace.error.sqlstate} {trace.error.message}" if trace.error else "",
    ]


def artifacts(outcome: Rehearsal) -> list[Artifact]:
    """The record, the whole trace, and the proven rewrites as SQL."""
    made = [
        Artifact(name=RECORD, media_type="application/json", text=record_of(outcome)),
        Artifact(name="trace.json", media_type="application/json", text=trace_json(outcome)),
    ]
    if rewrite := safe_rewrite(outcome.findings):
        made.append(Artifact(name="safe_rewrite.sql", media_type="application/sql", text=rewrite))
    return made


def loss_rows(outcome: Rehearsal) -> list[list[str]]:
    """Which columns lose how many of the generated values, and in which file."""
    rows = []
    for one in outcome.migrations:
        if one.round_trip is not None:
            where = one.migration.down_path or one.migration.path
            rows += [[loss.column, str(loss.rows), one.migration.path] for loss in one.round_trip.lost_by_up]
            rows += [[loss.column, str(loss.rows), f"going down: {where}"] for loss in one.round_trip.lost_by_down]
    return rows


def trace_json(outcome: Rehearsal) -> str:
    """Everything observed, statement by statement."""
    entries = []
    for trace in outcome.traces:
        place = trace.statement.location
        entry = {
            "sql": trace.statement.sql,
            "path": place.path,
            "line": place.line,
            "kind": trace.statement.kind,
            "transaction": trace.transaction,
            "locks": [asdict(lock) for lock in trace.locks],
            "held": [asdict(lock) for lock in trace.held],
            "rewrites": trace.rewrites,
            "scans": trace.scans,
            "probes": [asdict(probe) for probe in trace.probes],
            "messages": trace.messages,
            "notices": trace.notices,
            "error": asdict(trace.error) if trace.error else None,
            "rows": trace.rows,
            "wal_bytes": trace.wal_bytes,
            "seconds": round(trace.seconds, 6),
            "note": trace.note,
        }
        entries.append({name: value for name, value in entry.items() if value not in ((), [], "", None, 0)})
    return json.dumps(entries, indent=1, default=str)


def safe_rewrite(findings: Sequence[Finding]) -> str:
    """The proven fixes as SQL, file by file, each under the place it replaces."""
    parts = []
    for finding in sorted(findings, key=lambda item: (item.location.path, item.location.line)):
        for fix in finding.fixes[:1]:
            if fix.proven:
                steps = "\n".join(
                    f"{step.sql.rstrip(';')};"
                    + ("  -- outside a transaction" if step.alone else "")
                    + (f"  -- {step.note}" if step.note else "")
                    for step in fix.steps
                )
                parts.append(f"-- {finding.location} {finding.rule}\n-- {fix.summary}\n-- {fix.proof}\n{steps}\n")
    return "\n".join(parts)
