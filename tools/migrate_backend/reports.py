"""What the actions answer: decisive figures first, then what is wrong, then what to do next."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.engines.fingerprint import difference
from backend.judge import by_kind, judge
from backend.review.position import Position
from backend.targets.ledger import Standing
from knowledge.formats.postgres_sql import read
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import (
    Basis,
    Evidence,
    Fact,
    Finding,
    Outcome,
    Report,
    Severity,
    Table,
)

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest

TOOL = "migrate_backend"


def call(request: MigrateBackendRequest, action: str, plan_hash: str = "") -> str:
    """The call that does ``action`` to the same folder, read in the same way."""
    given: dict[str, object] = {"action": action, "path": request.path}
    if request.format:
        given["format"] = request.format
    if request.placeholders:
        given["placeholders"] = request.placeholders
    if request.allow_project_code:
        given["allow_project_code"] = True
    if plan_hash:
        given["plan_hash"] = plan_hash
    return f"migrate_backend({', '.join(f'{name}={json.dumps(value)}' for name, value in given.items())})".replace(
        "=true", "=True"
    )


def of_plan(
    folder: MigrationFolder, pending: Sequence[Migration], *, request: MigrateBackendRequest, target: str
) -> Report:
    """What would run, and which statements are worth a rehearsal."""
    rows = [
        [
            item.version,
            item.path,
            "yes" if item.transactional else "no",
            "yes" if item.down is not None else "no",
            suspected(item) if folder.dialect == "postgresql" else "",
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
                columns=["version", "file", "in a transaction", "has a down", "suspected", "hash"],
                rows=rows[:60],
            )
        ],
        assumptions=list(folder.notes),
        next_step=call(request, "rehearse"),
    )


def suspected(migration: Migration) -> str:
    """What the text alone makes suspicious, as in ``drop-column, 2 index-not-concurrent``."""
    script = read(migration.up, migration.path, line=migration.up_line)
    rules = by_kind()
    position = Position(script, migration.transactional)
    counts: Counter[str] = Counter()
    for statement in script.statements:
        counts.update(judgement.rule.id for judgement in judge(position.context(statement), rules))
        position.advance(statement)
    if script.problems:
        counts["sql-not-readable"] = len(script.problems)
    return ", ".join(rule if count == 1 else f"{count} {rule}" for rule, count in sorted(counts.items()))


def of_status(folder: MigrationFolder, where: Standing, engine: str, *, request: MigrateBackendRequest) -> Report:
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
        next_step=call(request, "rehearse") if where.pending else "",
    )


def of_drift(
    folder: MigrationFolder,
    expected: dict[str, str],
    actual: dict[str, str],
    *,
    ledger: str,
    engine: str,
    replayed_on: str,
) -> Report:
    """Differences between the database and what the folder makes; tools' own tables are left out."""
    lines = difference(without_records(expected, ledger), without_records(actual, ledger))
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
        assumptions=[*folder.notes, *other_engine(engine, replayed_on, "replayed")],
        next_step="Bring each difference into a migration, or undo it in the database" if findings else "",
    )


def without_records(objects: dict[str, str], ledger: str) -> dict[str, str]:
    """The objects without those of a tool's table of records; a schema of the tool's own goes as a whole."""
    schema, _, table = ledger.rpartition(".")
    if not ledger:
        return objects
    own = re.compile(rf"(?:^| ){schema}(?:\.|$)" if schema else rf"(?:^|[ .]){table}(?:[._ ]|$)")
    return {name: text for name, text in objects.items() if not own.search(name)}


def other_engine(engine: str, known: str, what: str) -> list[str]:
    """A sentence where what was seen was seen on another version than the target's."""
    return [f"{what} on {known}; the target is {engine}"] if known and known != engine else []


def not_told(folder: MigrationFolder) -> list[str]:
    """A sentence where the folder's own tool keeps records that apply does not write."""
    if folder.format in ("plain", "alembic"):
        return []
    return [f"recorded in our own table: the tool whose format this is ({folder.format}) does not know of it"]


def of_apply(
    folder: MigrationFolder,
    applied: Sequence[Migration],
    left: Sequence[Migration],
    failure: str,
    engine: str,
    *,
    request: MigrateBackendRequest,
    made: str,
    rehearsed_on: str,
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
        facts=[
            Fact(name="applied", value=str(len(applied))),
            Fact(name="left", value=str(len(left))),
            *([Fact(name="records", value=made)] if made else []),
        ],
        findings=findings,
        tables=[
            Table(title="applied", columns=["version", "file"], rows=[[item.version, item.path] for item in applied])
        ]
        if applied
        else [],
        assumptions=[*other_engine(engine, rehearsed_on, "rehearsed"), *(not_told(folder) if applied else [])],
        next_step=call(request, "status") if failure else f"{call(request, 'drift')} confirms the result",
    )
