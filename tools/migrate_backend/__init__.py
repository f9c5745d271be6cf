"""``migrate_backend``: plan, rehearse, apply, and compare migrations with a database."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class Action(StrEnum):
    """What to do."""

    PLAN = "plan"
    REHEARSE = "rehearse"
    APPLY = "apply"
    STATUS = "status"
    DRIFT = "drift"
    GENERATE = "generate"
    DOWN = "down"


class MigrateBackendRequest(Request):
    """A migrations folder and what to do with it."""

    path: str = Field(description="migrations folder or project")
    action: Action = Field(Action.REHEARSE, description="apply and down write to the database")
    format: str = Field("", description="layout; empty: recognised")
    since: str = Field("", description="only after this version")
    changed: bool = Field(False, description="only files changed since base")
    base: str = Field("HEAD", description="git revision for changed")
    plan_hash: str = Field("", description="hash to confirm")
    seed_rows: int = Field(3, ge=0, le=100, description="rows a table")
    prove: bool = Field(True, description="run rewrites too")
    placeholders: list[str] = Field(default_factory=list, description="name=value")
    allow_project_code: bool = Field(False, description="may run the project")
    timeout_seconds: int = Field(30, ge=1, le=600, description="per statement")


async def run(request: MigrateBackendRequest, toolbox: Toolbox) -> Report:
    """Do what the action says.

    Raises:
        ToolError: the folder, the target or the hash is not as the action needs it; the text says why.
    """
    from backend.engines.postgres.binaries import EngineError
    from backend.foreign import ProjectCodeError
    from backend.review.changed import GitError
    from backend.scaffold.errors import ScaffoldError
    from backend.targets.target import TargetError
    from backend.workspace import WorkspaceError
    from knowledge.blueprint.problems import BlueprintError
    from knowledge.formats.migrations import MigrationFormatError
    from tools.migrate_backend import actions

    try:
        return await actions.perform(request, toolbox)
    except (
        BlueprintError,
        EngineError,
        GitError,
        MigrationFormatError,
        ProjectCodeError,
        ScaffoldError,
        TargetError,
        WorkspaceError,
    ) as error:
        raise ToolError(str(error)) from None


TOOL = ToolSpec(
    name="migrate_backend",
    title="Rehearse and apply migrations",
    description=(
        "Rehearse migrations (SQL, Flyway, golang-migrate, dbmate, goose, Sqitch, Prisma, Drizzle, Alembic, Django) in"
        " a real PostgreSQL or SQLite: what locks, rewrites, scans or fails, who waits, down and up, a safe rewrite"
        " that was run. Also plan, status, drift, apply, down; generate from a changed blueprint or models."
    ),
    request=MigrateBackendRequest,
    run=run,
    toolset="schema",
    read_only=False,
    destructive=True,
    idempotent=False,
    read_only_actions=("plan", "rehearse", "status", "drift"),
)
