"""``review_api``: what is wrong with an API's contract, and what its next version would break."""

from __future__ import annotations

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class ReviewApiRequest(Request):
    """A document, perhaps its earlier version, perhaps the application that serves it."""

    document: str = Field(description="path or text: OpenAPI 2-3.2, GraphQL SDL")
    older: str = Field("", description="earlier version: what breaks")
    profiles: list[str] = Field(
        default_factory=lambda: ["default"], description="documentation, style, hardening, design, all"
    )
    policy: list[str] = Field(default_factory=list, description="as paging=cursor")
    ignore: list[str] = Field(default_factory=list, description="not these rule ids")
    baseline: str = Field("", description="file of accepted findings")
    allow: str = Field("", description="file of exceptions")
    url: str = Field("", description="loopback URL: call it too")
    project: str = Field("", description="or project folder")
    app: str = Field("", description="module:app")
    allow_project_code: bool = Field(False, description="may run the project")
    tokens: list[str] = Field(default_factory=list, description="owner=...")


async def run(request: ReviewApiRequest, toolbox: Toolbox) -> Report:
    """Review the document, compare it and call its application, as far as each was given.

    Raises:
        ToolError: something was given that cannot be read, reached or started; the text says what to do.
    """
    from backend.engines.postgres.binaries import EngineError
    from backend.exercise.exchange import TargetGone
    from backend.exercise.loopback_target import NotAllowed
    from backend.exercise.project import NotExercisable
    from backend.exercise.schemas import ContractError
    from backend.scaffold.errors import ScaffoldError
    from backend.workspace import WorkspaceError
    from knowledge.api.profiles import SettingError
    from knowledge.baseline import BaselineError
    from knowledge.formats.graphql.read import SdlTooLarge
    from tools.review_api.answering import answer

    try:
        return toolbox.runs.keep(await answer(request, toolbox))
    except (
        BaselineError,
        ContractError,
        EngineError,
        NotAllowed,
        NotExercisable,
        ScaffoldError,
        SdlTooLarge,
        SettingError,
        TargetGone,
        WorkspaceError,
    ) as error:
        raise ToolError(str(error)) from None


TOOL = ToolSpec(
    name="review_api",
    title="Review an API contract",
    description=(
        "Reviews OpenAPI or GraphQL in one walk, with lines, collapsed findings and a proven JSON Patch; tells what "
        "a new version breaks; holds a running app to its contract."
    ),
    request=ReviewApiRequest,
    run=run,
    toolset="api",
    idempotent=False,
)
