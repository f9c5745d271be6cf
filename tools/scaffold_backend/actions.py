"""The two actions, each a short recipe."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from backend.scaffold.apply import apply
from backend.scaffold.errors import StalePlan
from backend.scaffold.manifest import MANIFEST
from backend.scaffold.plan import BLUEPRINT, Plan, Previous, Render, make_plan, stack_of
from backend.scaffold.stack import Stack
from backend.workspace import Workspace, WorkspaceError
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.report import Report
from tools.scaffold_backend import reports
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.scaffold_backend import ScaffoldBackendRequest

DISTRIBUTION = "backend-architect"


async def perform(request: ScaffoldBackendRequest, toolbox: Toolbox, render: Render) -> Report:
    """Plan, and carry the plan out where that was asked for and agreed to."""
    if request.action == "apply" and not request.plan_hash:
        raise ToolError("apply needs plan_hash: call with action plan first, and agree to what it lists")
    text, blueprint = the_blueprint(request, toolbox.workspace)
    stack = the_stack(request, toolbox.workspace)
    plan = await asyncio.to_thread(
        make_plan, toolbox.workspace, request.path, text, blueprint, render, generator=generator(), stack=stack
    )
    if request.action == "plan":
        return toolbox.runs.keep(reports.of_plan(plan, blueprint, request))
    if request.plan_hash != plan.hash:
        raise StalePlan(stale(plan, request, toolbox))
    done = await asyncio.to_thread(apply, plan, request.plan_hash)
    return toolbox.runs.keep(reports.of_apply(plan, done, request))


def the_blueprint(request: ScaffoldBackendRequest, workspace: Workspace) -> tuple[str, Blueprint]:
    """The text of the blueprint and what it says.

    Raises:
        WorkspaceError: its file cannot be read.
        BlueprintError: it is not valid.
    """
    if "\n" in request.blueprint:
        text = request.blueprint.replace("\r\n", "\n").replace("\r", "\n")
        return text, read_blueprint(text)
    name = request.blueprint or f"{request.path.rstrip('/') or '.'}/{BLUEPRINT}"
    try:
        text = workspace.read_text(name)
    except WorkspaceError as error:
        if request.blueprint:
            raise
        raise ToolError(f"{error}. Name the blueprint's file in `blueprint`, or give its YAML text there") from None
    return text, read_blueprint(text, path=name)


def the_stack(request: ScaffoldBackendRequest, workspace: Workspace) -> Stack:
    """What the project is made of: what was asked for, or else what it is made of already.

    Raises:
        ScaffoldError: the two contradict each other.
    """
    asked = request.stack if "stack" in request.model_fields_set else None
    return stack_of(workspace, request.path, asked)


def renderer(stack: Stack) -> Render:
    """What projects of a stack are rendered with."""
    if stack is Stack.TYPESCRIPT:
        from backend.scaffold.typescript.render import render_typescript as project
    else:
        from backend.scaffold.render import render_project as project

    def render(blueprint: Blueprint, previous: Previous | None) -> Mapping[str, str]:
        if previous is None:
            return project(blueprint)
        return project(blueprint, read_blueprint(previous.blueprint, path=MANIFEST), previous.migrations)

    return render


def generator() -> str:
    """The version of the renderer: that of the installed distribution, ``0`` where there is none."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0"


def stale(plan: Plan, request: ScaffoldBackendRequest, toolbox: Toolbox) -> str:
    """Why the hash is not the present plan's: what changed since, where that plan was made here."""
    again = f"Nothing was written. Look at the new plan: {reports.call(request, 'plan')}"
    for run in reversed(toolbox.runs.ids()):
        report = toolbox.runs.get(run)
        if report.tool == reports.TOOL and report.fact("plan_hash") == request.plan_hash:
            before = json.loads(toolbox.runs.artifact(run, reports.DIGESTS).text)
            now = plan.digests()
            changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
            more = f" and {len(changed) - 12} more" if len(changed) > 12 else ""
            return f"changed since the plan: {', '.join(changed[:12])}{more}. {again}"
    return f"no plan made here has the plan_hash {request.plan_hash[:80]!r}. {again}"
