"""What the actions answer: decisive figures first, then what is wrong, then what to do next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from backend.engines.fingerprint import difference
from backend.judge import by_kind, excerpt, is_suspect
from backend.rehearsal.outcome import Rehearsal
from backend.review.position import Position
from backend.targets.ledger import Standing
from knowledge.ddl import plain
from knowledge.formats.postgres_sql import read
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import (
    Artifact,
    Basis,
    Evidence,
    Fact,
    Finding,
    Outcome,
    Report,
    Severity,
    Table,
)
from knowledge.rules.observation import waits
from knowledge.trace import StatementTrace

TOOL = "migrate_backend"


def of_rehearsal(outcome: Rehearsal, digest: str, *, path: str) -> Report:
    """The report of a rehearsal; ``digest`` is empty where it did not pass."""
    findings = outcome.findings
    traces = outcome.traces
    statements = sum(item.statements for item in outcome.migrations)
    counts = Counter(finding.severity for finding in findings)
    failed = sum(item.failed for item in outcome.migrations)
    trips = [item.round_trip for item in outcome.migrations if item.round_trip]
    broken = sum(not trip.restores for trip in trips)
    dangerous = [trace for trace in traces if is_dangerous(trace)]
    headline = (
        f"{len(outcome.migrations)} of {len(outcome.folder.migrations)} migrations, {statements} statements on"
        f" {outcome.engine}: {counts[Severity.HIGH]} high, {counts[Severity.MEDIUM]} medium, {counts[Severity.LOW]} low"
        f" findings; {failed} fail, {broken} of {len(trips)} downs broken"
    )
    facts = {
        "migrations": str(len(outcome.migrations)),
        "statements": str(statements),
        "rewrites": str(sum(bool(trace.rewrites) for trace in traces)),
        "scans": str(sum(bool(trace.scans) for trace in traces)),
        "block reads": str(sum(any(probe.read_blocked for probe in trace.probes) for trace in traces)),
        "block writes": str(sum(any(probe.write_blocked for probe in trace.probes) for trace in traces)),
        "downs restored": f"{len(trips) - broken} of {len(trips)}",
        "fixes proven": str(sum(fix.proven for finding in findings for fix in finding.fixes)),
        "seconds": f"{outcome.seconds:.2f}",
        "plan_hash": digest or "none: the rehearsal did not pass",
    }
    artifacts = [Artifact(name="trace.json", media_type="application/json", text=trace_json(outcome))]
    if rewrite := safe_rewrite(findings):
        artifacts.append(Artifact(name="safe_rewrite.sql", media_type="application/sql", text=rewrite))
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=headline,
        facts=[Fact(name=name, value=value) for name, value in facts.items()],
        findings=findings,
        tables=[dangerous_table(dangerous)] if dangerous else [],
        assumptions=[*outcome.assumptions, *(outcome.folder.notes)],
        not_tested=outcome.not_tested,
        next_step=after_rehearsal(digest, findings, path),
        artifacts=artifacts,
    )


def after_rehearsal(digest: str, findings: Sequence[Finding], path: str) -> str:
    """The next call."""
    if not digest:
        return "Repair what fails, then rehearse again"
    if any(finding.severity is Severity.HIGH for finding in findings):
        return f"Rewrite the high findings with their proven fixes and rehearse again; or apply with plan_hash={digest}"
    return f'migrate_backend(action="apply", path="{path}", plan_hash="{digest}") runs it on the operator\'s database'


def is_dangerous(trace: StatementTrace) -> bool:
    """Whether somebody had to wait for the statement while it worked, or it failed."""
    waiting = any(probe.read_blocked or probe.write_blocked for probe in trace.probes)
    return bool(trace.error) or (waiting and bool(trace.scans or trace.rewrites))


def dangerous_table(traces: Sequence[StatementTrace], limit: int = 20) -> Table:
    """Where, which lock, who waits, what is rewritten or scanned."""
    rows = []
    for trace in traces[:limit]:
        lock = trace.strongest
        stuck = [probe for probe in trace.probes if probe.read_blocked or probe.write_blocked]
        worst = max(stuck, key=lambda probe: probe.read_blocked, default=None)
        rows.append(
            [
                str(trace.statement.location),
                excerpt(trace.statement.sql, 60),
                f"{lock.mode.value.removesuffix('Lock')} on {plain(lock.relation)}" if lock else "",
                waits(worst).removeprefix("a second session's ") if worst else "",
                ", ".join(map(plain, trace.rewrites)),
                ", ".join(map(plain, trace.scans)),
                f"{trace.error.sqlstate} {trace.error.message}" if trace.error else "",
            ]
        )
    more = f" (first {limit} of {len(traces)})" if len(traces) > limit else ""
    return Table(
        title=f"dangerous statements{more}",
        columns=["where", "statement", "lock", "who waits", "rewritten", "scanned", "error"],
        rows=rows,
    )


def trace_json(outcome: Rehearsal) -> str:
    """Everything observed, statement by statement."""
    entries = []
    for trace in outcome.traces:
        entry = asdict(trace)
        entry["statement"] = {
            "sql": trace.statement.sql,
            "path": trace.statement.location.path,
            "line": trace.statement.location.line,
            "kind": trace.statement.kind,
        }
        entries.append(entry)
    return json.dumps(entries, indent=1, default=str)


def safe_rewrite(findings: Sequence[Finding]) -> str:
    """The proven fixes as SQL, each under the place it replaces."""
    parts = []
    for finding in findings:
        for fix in finding.fixes[:1]:
            if fix.proven:
                steps = "\n".join(
                    f"{step.sql.rstrip(';')};" + (f"  -- {step.note}" if step.note else "") for step in fix.steps
                )
                parts.append(f"-- {finding.location} {finding.rule}\n-- {fix.summary}\n-- {fix.proof}\n{steps}\n")
    return "\n".join(parts)


def of_plan(folder: MigrationFolder, pending: Sequence[Migration], *, path: str, target: str) -> Report:
    """What would run, and which statements are worth a rehearsal."""
    rows = [
        [
            item.version,
            item.path,
            "yes" if item.transactional else "no",
            "yes" if item.down is not None else "no",
            str(suspected(item)) if folder.dialect == "postgresql" else "",
            item.content_hash[:12],
        ]
        for item in pending
    ]
    against = f"on the target ({target})" if target else "(no target named, so all of them)"
    return Report(
        tool=TOOL,
        outcome=Outcome.PASS,
        headline=f"{len(pending)} of {len(folder.migrations)} migrations pending {against}; nothing was executed",
        facts=[
            Fact(name="format", value=folder.format),
            Fact(name="dialect", value=folder.dialect),
            Fact(name="pending", value=str(len(pending))),
        ],
        tables=[
            Table(
                title="pending, in order",
                columns=["version", "file", "in a transaction", "has a down", "suspect statements", "hash"],
                rows=rows[:60],
            )
        ],
        assumptions=list(folder.notes),
        next_step=f'migrate_backend(action="rehearse", path="{path}")',
    )


def suspected(migration: Migration) -> int:
    """Statements that a rule would want to see executed."""
    script = read(migration.up, migration.path, line=migration.up_line)
    rules = by_kind()
    position = Position(script, migration.transactional)
    count = 0
    for statement in script.statements:
        count += is_suspect(position.context(statement), rules)
        position.advance(statement)
    return count


def of_status(folder: MigrationFolder, where: Standing, engine: str, *, path: str) -> Report:
    """Applied, pending, changed, unknown."""
    kept = f"records of {where.ledger.tool} ({where.ledger.table})" if where.ledger else "no records of any tool"
    groups = {"applied": where.applied, "pending": where.pending, "changed since applied": where.changed}
    rows = [[state, item.version, item.path] for state, items in groups.items() for item in items if state != "applied"]
    rows += [["in the database only", name, ""] for name in where.unknown]
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if where.changed or where.unknown else Outcome.PASS,
        headline=(
            f"{engine}, {kept}: {len(where.applied)} applied, {len(where.pending)} pending,"
            f" {len(where.changed)} changed since, {len(where.unknown)} unknown to the folder"
        ),
        facts=[Fact(name=state, value=str(len(items))) for state, items in groups.items()],
        tables=[Table(title="not simply applied", columns=["state", "version", "file"], rows=rows[:60])]
        if rows
        else [],
        next_step=f'migrate_backend(action="rehearse", path="{path}")' if where.pending else "",
    )


def of_drift(
    folder: MigrationFolder, expected: dict[str, str], actual: dict[str, str], *, ledger: str, engine: str
) -> Report:
    """Differences between the database and what the folder makes; tools' own tables are left out."""
    own = ledger.split(".")[-1]
    lines = difference(_without(expected, own), _without(actual, own))
    findings = [
        Finding(
            rule="drift",
            severity=Severity.MEDIUM,
            message=f"the database differs from its migrations: {line}",
            evidence=[
                Evidence(
                    basis=Basis.OBSERVED,
                    action="compared the target's catalog with a replay of the applied migrations",
                    result=line,
                )
            ],
        )
        for line in lines
    ]
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=f"{engine}: {len(lines)} differences from the replayed migrations",
        facts=[
            Fact(name="objects compared", value=str(len(expected))),
            Fact(name="differences", value=str(len(lines))),
        ],
        findings=findings,
        assumptions=list(folder.notes),
        next_step="Bring each difference into a migration, or undo it in the database" if findings else "",
    )


def _without(objects: dict[str, str], table: str) -> dict[str, str]:
    return {name: text for name, text in objects.items() if not table or table not in name}


def of_apply(
    folder: MigrationFolder, applied: Sequence[Migration], left: Sequence[Migration], failure: str, engine: str
) -> Report:
    """What was applied, and where it stopped."""
    findings = []
    if failure:
        findings.append(
            Finding(
                rule="apply-failed",
                severity=Severity.HIGH,
                message=failure,
                subject=left[0].path if left else "",
                evidence=[
                    Evidence(basis=Basis.OBSERVED, action="applied it to the operator's database", result=failure)
                ],
            )
        )
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if failure else Outcome.PASS,
        headline=f"{len(applied)} migrations applied on {engine}"
        + (f", {len(left)} not: {failure}" if failure else ""),
        facts=[Fact(name="applied", value=str(len(applied))), Fact(name="left", value=str(len(left)))],
        findings=findings,
        tables=[
            Table(title="applied", columns=["version", "file"], rows=[[item.version, item.path] for item in applied])
        ]
        if applied
        else [],
        next_step='migrate_backend(action="status")'
        if failure
        else 'migrate_backend(action="drift") confirms the result',
    )
