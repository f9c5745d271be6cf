"""``scaffold_backend``: a backend the user owns, made from a blueprint and upgraded without losing an edit."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from backend.scaffold.stack import Stack
from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class Action(StrEnum):
    """What to do."""

    PLAN = "plan"
    APPLY = "apply"


class ScaffoldBackendRequest(Request):
    """A folder and the blueprint it is made from."""

    path: str = Field(description="folder")
    blueprint: str = Field("", description="file or YAML text; empty: path's own")
    action: Action = Field(Action.PLAN, description="apply writes")
    plan_hash: str = Field("", description="from plan")
    stack: Stack = Field(Stack.PYTHON, description="if new")


async def run(request: ScaffoldBackendRequest, toolbox: Toolbox) -> Report:
    """Plan a project or its upgrade, or carry a plan out.

    Raises:
        ToolError: the blueprint, the folder or the hash is not as the action needs it; the text says why.
    """
    from backend.scaffold.errors import ScaffoldError
    from backend.workspace import WorkspaceError
    from knowledge.blueprint.problems import BlueprintError
    from tools.scaffold_backend.actions import perform, renderer, the_stack

    try:
        return await perform(request, toolbox, renderer(the_stack(request, toolbox.workspace)))
    except (BlueprintError, ScaffoldError, WorkspaceError) as error:
        raise ToolError(str(error)) from None


TOOL = ToolSpec(
    name="scaffold_backend",
    title="Scaffold or upgrade a backend",
    description=(
        "Make a FastAPI or Hono backend you own from a blueprint; upgrades merge three ways and keep your edits."
        " apply needs plan's hash."
    ),
    request=ScaffoldBackendRequest,
    run=run,
    toolset="backend",
    read_only=False,
    destructive=True,
    read_only_actions=("plan",),
)
