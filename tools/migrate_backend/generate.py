"""``generate``: the migration that a changed blueprint or model needs, tried before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.rehearsal.outcome import Rehearsal
from knowledge.report import Artifact, Fact, Outcome, Report, Table
from tools.migrate_backend import actions
from tools.migrate_backend.generated import Generated, from_blueprint, from_models
from tools.migrate_backend.rehearsal_report import of_rehearsal
from tools.migrate_backend.reports import TOOL, call
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest


SCAFFOLD = "; scaffold_backend brings the code to the same blueprint and makes no second migration"


async def generate(request: MigrateBackendRequest, toolbox: Toolbox) -> Report:
    """Answer with the migration and its rehearsal; write it where the hash of that is given.

    Raises:
        ToolError: the server is read-only, the hash is not that of these files, or they do not pass now.
    """
    if request.plan_hash and toolbox.workspace.read_only:
        raise ToolError("the server was started with --read-only: nothing is written")
    project = toolbox.workspace.existing(request.path)
    scaffolded = (project / ".scaffold").is_dir()
    generated = await (from_blueprint if scaffolded else from_models)(request, toolbox)
    if not generated.files:
        headline = f"nothing to migrate: {generated.source} asks for the tables that the migrations make"
        return Report(tool=TOOL, outcome=Outcome.PASS, headline=headline, next_step=call(request, "status"))
    if generated.folder is None:
        if request.plan_hash:
            raise ToolError(f"plan_hash: the migration fails, so it is not written: {'; '.join(generated.not_tested)}")
        return _report(generated, request, None, "")
    outcome = await actions.run_rehearsal(request, generated.folder, toolbox, watched=generated.watched)
    digest = generated.hash(outcome.engine) if outcome.passed else ""
    if not request.plan_hash:
        return _report(generated, request, outcome, digest)
    if request.plan_hash != digest:
        told = "these files do not pass a rehearsal now" if not digest else "it is not the hash of these files"
        raise ToolError(f"plan_hash: {told}. Look at them again: {call(request, 'generate')}")
    return _written(generated, request, toolbox)


def _report(generated: Generated, request: MigrateBackendRequest, outcome: Rehearsal | None, digest: str) -> Report:
    names = ", ".join(path.rpartition("/")[2] for path in generated.files)
    number = len(generated.files)
    tables = [Table(title="what changes", columns=["change"], rows=[[line] for line in generated.summary[:60]])]
    if generated.cautions:
        rows = [[line] for line in generated.cautions[:60]]
        tables.append(Table(title="what becomes of rows", columns=["mind"], rows=rows))
    files = [Artifact(name=path, media_type="text/x-python", text=text) for path, text in generated.files.items()]
    count = f"{number} new migration{'' if number == 1 else 's'} from {generated.source} ({names})"
    if outcome is None:
        return Report(
            tool=TOOL,
            outcome=Outcome.NOT_TESTED,
            headline=f"{count}; not rehearsed and not written",
            tables=tables,
            not_tested=list(generated.not_tested),
            artifacts=files,
            next_step="Save the artifact among the migrations yourself, then rehearse the folder",
        )
    tried = of_rehearsal(outcome, request)
    facts = [fact for fact in tried.facts if fact.name != "plan_hash"]
    write = f"Nothing was written. To write: {call(request, 'generate', digest)}"
    return tried.model_copy(
        update={
            "headline": f"{count}; rehearsed: {tried.headline}",
            "facts": [*facts, Fact(name="plan_hash", value=digest or "none: the rehearsal did not pass")],
            "tables": [*tables, *tried.tables],
            "not_tested": [*generated.not_tested, *tried.not_tested],
            "artifacts": [*files, *tried.artifacts],
            "next_step": write if digest else "Read the findings: rows stand in the way, or the change does",
        }
    )


def _written(generated: Generated, request: MigrateBackendRequest, toolbox: Toolbox) -> Report:
    for path in generated.files:
        if toolbox.workspace.resolve(path).exists():
            raise ToolError(f"{path} exists: nothing was written")
    for path, text in generated.files.items():
        toolbox.workspace.write_text(path, text)
    for path, text in (generated.also or {}).items():
        toolbox.workspace.write_text(path, text)
    return Report(
        tool=TOOL,
        outcome=Outcome.PASS,
        headline=f"{len(generated.files)} migrations written",
        tables=[Table(title="written", columns=["file"], rows=[[path] for path in generated.files])],
        next_step=call(request, "rehearse") + (SCAFFOLD if generated.also else ""),
    )
