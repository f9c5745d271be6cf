"""What the actions answer: decisive figures first, then what a person has to decide, then the next call."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from backend.scaffold.apply import Applied
from backend.scaffold.decisions import asked_of_machine, decisions
from backend.scaffold.fate import Change, Fate
from backend.scaffold.merge import MARKERS
from backend.scaffold.plan import Plan
from backend.scaffold.stack import Stack
from knowledge.blueprint.model import Blueprint
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Fix, Location, Outcome, Report, Severity, Table
from tools.scaffold_backend.diffs import not_written, unified

if TYPE_CHECKING:
    from tools.scaffold_backend import ScaffoldBackendRequest

TOOL = "scaffold_backend"
DIGESTS = "digests.json"
MOST_ROWS = 20
"""Files listed one by one; beyond, they are counted by folder."""
NAMES = 6
"""File names shown of a folder."""
WORDS = {
    Fate.CONFLICT: ("in conflict", "in conflict"),
    Fate.MERGE: ("to merge", "merged"),
    Fate.UPDATE: ("to update", "updated"),
    Fate.CREATE: ("to create", "created"),
    Fate.REMOVE: ("to remove", "removed"),
    Fate.EDITED: ("kept as edited",) * 2,
    Fate.OWNED: ("kept as yours",) * 2,
    Fate.DELETED: ("kept deleted",) * 2,
    Fate.UNCHANGED: ("unchanged",) * 2,
}
"""What a headline says of a number of files, before and after."""


def call(request: ScaffoldBackendRequest, action: str, plan_hash: str = "") -> str:
    """The call that does ``action`` to the same folder from the same blueprint."""
    given = {"action": action, "path": request.path}
    if request.blueprint and "\n" not in request.blueprint:
        given["blueprint"] = request.blueprint
    if request.stack != Stack.PYTHON:
        given["stack"] = request.stack
    if plan_hash:
        given["plan_hash"] = plan_hash
    parts = [f"{name}={json.dumps(value)}" for name, value in given.items()]
    if "\n" in request.blueprint:
        parts.append("blueprint=<the same text>")
    return f"{TOOL}({', '.join(parts)})"


def of_plan(plan: Plan, blueprint: Blueprint, request: ScaffoldBackendRequest) -> Report:
    """What would happen; nothing was written."""
    conflicts = plan.of(Fate.CONFLICT)
    blocked = plan.first and bool(conflicts)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if conflicts else Outcome.PASS,
        headline=f"{_what(plan)}: {_counted(plan, done=False)}; nothing was written",
        facts=[*_facts(plan), Fact(name="plan_hash", value=plan.hash)],
        findings=[_conflict(plan, change) for change in conflicts],
        tables=[
            _files(plan),
            _pairs("decisions", decisions(blueprint)),
            _pairs("asked of the machine", asked_of_machine(plan.rendered, (text for _, text in plan.writes()))),
        ],
        next_step=_after_plan(plan, request, blocked),
        artifacts=[*_documents(plan), Artifact(name=DIGESTS, media_type="application/json", text=_json(plan))],
    )


def of_apply(plan: Plan, done: Applied, request: ScaffoldBackendRequest) -> Report:
    """What was done."""
    conflicts = plan.of(Fate.CONFLICT)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if conflicts else Outcome.PASS,
        headline=f"{_what(plan)}: {_counted(plan, done=True)}",
        facts=[
            *_facts(plan),
            Fact(name="written", value=str(len(done.written))),
            Fact(name="removed", value=str(len(done.removed))),
        ],
        findings=[_conflict(plan, change) for change in conflicts],
        tables=[_files(plan)],
        next_step=_after_apply(plan, request),
        artifacts=_documents(plan),
    )


def _after_plan(plan: Plan, request: ScaffoldBackendRequest, blocked: bool) -> str:
    if blocked:
        return "Move the files that are in the way, or choose an empty folder, and plan again"
    return "Nothing to apply: the project is up to date" if plan.empty else call(request, "apply", plan.hash)


def _after_apply(plan: Plan, request: ScaffoldBackendRequest) -> str:
    if plan.manifest.stack is Stack.TYPESCRIPT:
        follow = f"npm install and npm test in {plan.directory}; then exercise_backend(path={json.dumps(request.path)})"
    else:
        migrations = json.dumps(f"{request.path.rstrip('/')}/migrations")
        follow = (
            f'migrate_backend(action="rehearse", path={migrations}, allow_project_code=True),'
            f" then exercise_backend(path={json.dumps(request.path)})"
        )
    conflicts = len(plan.of(Fate.CONFLICT))
    return f"Resolve the conflicts in {conflicts} files first; then {follow}" if conflicts else follow


def _what(plan: Plan) -> str:
    return f"{'New project' if plan.first else 'Upgrade'} in {plan.directory}"


def _counted(plan: Plan, *, done: bool) -> str:
    counts = Counter(change.fate for change in plan.changes)
    return ", ".join(f"{counts[fate]} {WORDS[fate][done]}" for fate in Fate if counts[fate])


def _facts(plan: Plan) -> list[Fact]:
    counts = Counter(change.fate for change in plan.changes)
    before = f" (was {plan.previous.generator})" if plan.previous else ""
    return [
        *(Fact(name=fate.value, value=str(counts[fate])) for fate in Fate if counts[fate]),
        Fact(name="generator", value=f"{plan.manifest.generator}{before}"),
        *([Fact(name="stack", value=plan.manifest.stack)] if plan.manifest.stack is not Stack.PYTHON else []),
    ]


def _conflict(plan: Plan, change: Change) -> Finding:
    lines = (change.text or "").split("\n")
    opening = MARKERS[0].rstrip("\n")
    return Finding(
        rule="scaffold/conflict",
        severity=Severity.HIGH,
        message=f"{change.path}: {change.reason}",
        location=Location(
            path=(PurePosixPath(plan.directory) / change.path).as_posix(),
            line=lines.index(opening) + 1 if opening in lines else 0,
        ),
        subject=change.path,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action="compared what was rendered last, what is there and what is rendered now",
                result=change.reason,
            )
        ],
        fixes=[Fix(summary=_remedy(plan, change))],
    )


def _remedy(plan: Plan, change: Change) -> str:
    if plan.first or change.base is None:
        return f"Move or rename your {change.path}, and plan again"
    if change.text is None:
        return f"not_written.diff shows what is new in {change.path}: take over what you need"
    return f"Edit {change.path}: keep what is right of both sides, and delete the marker lines"


def _files(plan: Plan) -> Table:
    listed = [change for change in plan.changes if change.fate is not Fate.UNCHANGED]
    rows = [[change.fate.value, change.path, change.reason] for change in listed]
    if len(rows) > MOST_ROWS:
        rows = _by_folder(listed)
    return Table(title="files that are not unchanged", columns=["what", "file", "why"], rows=rows)


def _by_folder(changes: list[Change]) -> list[list[str]]:
    """Conflicts one by one, everything else by what happens and where."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for change in changes:
        pure = PurePosixPath(change.path)
        own = change.path if change.fate is Fate.CONFLICT else f"{pure.parent.as_posix()}/"
        groups[change.fate.value, own, change.reason].append(pure.name)
    return [
        [fate, own if fate == Fate.CONFLICT else _shown(own.removeprefix("./"), names), reason]
        for (fate, own, reason), names in groups.items()
    ]


def _shown(folder: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"{folder}{names[0]}"
    more = f", {len(names) - NAMES} more" if len(names) > NAMES else ""
    return f"{folder or './'}: {len(names)} files: {', '.join(names[:NAMES])}{more}"


def _pairs(title: str, pairs: Mapping[str, str]) -> Table:
    return Table(title=title, columns=["what", "value"], rows=[[name, value] for name, value in pairs.items()])


def _documents(plan: Plan) -> list[Artifact]:
    listing = "".join(
        f"{change.fate.value:12}  {change.path}{f'  ({change.reason})' if change.reason else ''}\n"
        for change in plan.changes
    )
    made = [
        Artifact(name="files.txt", text=listing),
        Artifact(name="changes.diff", media_type="text/x-diff", text=unified(plan)),
    ]
    if text := not_written(plan):
        made.append(Artifact(name="not_written.diff", media_type="text/x-diff", text=text))
    return made


def _json(plan: Plan) -> str:
    return json.dumps(plan.digests(), indent=1)
