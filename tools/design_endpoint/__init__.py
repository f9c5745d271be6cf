"""``design_endpoint``: an endpoint designed, mounted, exercised and planned before it is shown."""

from __future__ import annotations

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class DesignEndpointRequest(Request):
    """What is wanted, and on top of what."""

    design: str = Field(description="feature in words, blueprint YAML, or table of path's schema")
    path: str = Field("", description="project, blueprint or schema to build on")
    formats: list[str] = Field(default_factory=list, description="besides openapi: graphql, trpc, fastapi, hono, ...")
    rows: list[str] = Field(default_factory=list, description="table=rows")


async def run(request: DesignEndpointRequest, toolbox: Toolbox) -> Report:
    """Design the endpoint and prove it.

    Raises:
        ToolError: the design is not understood or contradicts itself, or what it needs is not installed.
    """
    from backend.design.formats import UnknownFormatError
    from backend.engines.lab.error import LabError
    from backend.engines.postgres.binaries import EngineError
    from backend.exercise.exchange import TargetGone
    from backend.exercise.project import NotExercisable
    from backend.plans.ground import GroundError
    from backend.scaffold.errors import ScaffoldError
    from backend.workspace import WorkspaceError
    from knowledge.blueprint.problems import BlueprintError
    from knowledge.design.sentence import FeatureError
    from knowledge.formats.statistics.error import StatisticsError
    from tools.design_endpoint.answering import answer

    try:
        return toolbox.runs.keep(await answer(request, toolbox))
    except ImportError as error:
        if (error.name or "").startswith(("backend.", "knowledge.", "tools.")):
            raise  # ours, and a fault of ours
        raise ToolError(f"{error.name} is missing: pip install 'backend-architect[backend]'") from None
    except (
        BlueprintError,
        EngineError,
        FeatureError,
        GroundError,
        LabError,
        NotExercisable,
        ScaffoldError,
        StatisticsError,
        TargetGone,
        UnknownFormatError,
        WorkspaceError,
    ) as error:
        raise ToolError(str(error)) from None


TOOL = ToolSpec(
    name="design_endpoint",
    title="Design an endpoint",
    description=(
        "From words, a blueprint or a table: contract, code and SQL, proven by running, fuzzing and planning at scale."
    ),
    request=DesignEndpointRequest,
    run=run,
    toolset="api",
)
