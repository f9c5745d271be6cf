"""``exercise_backend``: run a backend and try to break it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class Engine(StrEnum):
    """What a backend that is started here runs on; made for the run."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    POSTGRES_REDIS = "postgres+redis"


class ExerciseBackendRequest(Request):
    """Which backend, and what to try."""

    path: str = Field(".", description="project folder")
    app: str = Field("", description="module:app")
    url: str = Field("", description="loopback URL instead")
    engine: Engine = Field(Engine.SQLITE, description="made for the run")
    checks: list[str] = Field(
        default_factory=list,
        description="smoke, access, laws, concurrency, budget, fuzz (these by default), schemathesis, load, faults",
    )
    cases: int = Field(1000, ge=1, le=20_000, description="fuzz requests")
    seconds: int = Field(60, ge=5, le=600, description="per check")
    seed: int = Field(1, description="replays a run")
    tokens: list[str] = Field(default_factory=list, description="owner=..., other=, other_tenant=, admin=")
    allow_project_code: bool = Field(False, description="may run the project")


async def run(request: ExerciseBackendRequest, toolbox: Toolbox) -> Report:
    """Start the backend, or reach the one that runs, and try what was asked for.

    Raises:
        ToolError: the backend cannot be started or reached, or may not be; the text says what to do.
    """
    from backend.engines.postgres.binaries import EngineError
    from backend.exercise.exchange import TargetGone
    from backend.exercise.loopback_target import NotAllowed
    from backend.exercise.project import NotExercisable
    from backend.exercise.schemas import ContractError
    from backend.exercise.world import WorldError
    from backend.scaffold.errors import ScaffoldError
    from backend.workspace import WorkspaceError
    from knowledge.blueprint.problems import BlueprintError
    from tools.exercise_backend.actions import perform

    try:
        return await perform(request, toolbox)
    except ImportError as error:
        if (error.name or "").startswith(("backend.", "knowledge.", "tools.")):
            raise  # ours, and a fault of ours
        raise ToolError(f"{error.name} is missing: pip install 'backend-architect[backend]'") from None
    except (
        BlueprintError,
        ContractError,
        EngineError,
        NotAllowed,
        NotExercisable,
        ScaffoldError,
        TargetGone,
        WorkspaceError,
        WorldError,
    ) as error:
        raise ToolError(str(error)) from None


TOOL = ToolSpec(
    name="exercise_backend",
    title="Exercise a backend",
    description=(
        "Run a backend apart and try to break it: access, contract fuzz, laws of paging, idempotency and ETags, races,"
        " N+1, load, outages. Each failure is a minimal request with its SQL, and a test to keep."
    ),
    request=ExerciseBackendRequest,
    run=run,
    toolset="backend",
    read_only=True,
    idempotent=False,
)
