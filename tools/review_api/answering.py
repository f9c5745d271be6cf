"""From the request to the report: review, compare, run, tell."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from backend.api_review.report import Reviewed, report_of
from backend.api_review.running import reached, run_against, started
from backend.exercise.project import find_project
from backend.exercise.subject import Budget
from backend.exercise.suite import Section
from knowledge.api.document import ApiDocument, read_document
from knowledge.api.examination import examine
from knowledge.api.profiles import policy_from, select
from knowledge.report import Report
from tools.exercise_backend.actions import tokens_of
from tools.review_api.given import Text, baseline_of, fit, loader, settings_of, text_of
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.review_api import ReviewApiRequest

CASES = 1_000
SECONDS = 60.0


async def answer(request: ReviewApiRequest, toolbox: Toolbox) -> Report:
    """The report on a document.

    Raises:
        ToolError: what was given does not fit together.
    """
    fit(request)
    given = text_of(request.document, toolbox.workspace, "document")
    older = text_of(request.older, toolbox.workspace, "older") if request.older else None
    if older is not None and older.is_sdl != given.is_sdl:
        raise ToolError("`older` and `document` are of two kinds: compare OpenAPI with OpenAPI, GraphQL with GraphQL")
    if given.is_sdl:
        return _of_schema(request, given, older, toolbox)
    document = _document(given, toolbox)
    reviewed = _reviewed(request, document, toolbox)
    if older is not None:
        from knowledge.api_diff.compare import compare

        before = _document(older, toolbox)
        if before.unreadable:
            raise ToolError(f"`older` cannot be compared with: {_told(before)}")
        if document.unreadable:
            reviewed.untold.append("what the new version breaks: it cannot be read")
        else:
            reviewed.older = before
            reviewed.changes = compare(before, document, today=toolbox.clock().date())
    if (request.url or request.project) and document.unreadable:
        raise ToolError(f"the application cannot be held against this document: {_told(document)}")
    if request.url or request.project:
        await toolbox.progress(1, 2, "calling the application")
        reviewed.sections = await _run(request, document, toolbox)
    return report_of(reviewed)


def _document(given: Text, toolbox: Toolbox) -> ApiDocument:
    return read_document(given.text, given.path, loader(toolbox.workspace, given.path))


def _reviewed(request: ReviewApiRequest, document: ApiDocument, toolbox: Toolbox) -> Reviewed:
    rules = select(request.profiles, request.ignore)
    if not rules:
        raise ToolError("no rule is left: name a profile (default, or all), or ignore fewer")
    examination = examine(
        document,
        () if document.unreadable else rules,
        policy_from(settings_of(request)),
        toolbox.clock().date(),
        allow_file=toolbox.workspace.read_text(request.allow) if request.allow else "",
        allow_path=request.allow,
        known=baseline_of(request, toolbox.workspace),
    )
    untold = [f"all {len(rules)} rules: the document cannot be read"] if document.unreadable else []
    return Reviewed(document, examination, request.profiles, untold=untold)


def _told(document: ApiDocument) -> str:
    problem = document.problems[0]
    return f"{document.path or 'the text'}, line {problem.line or 1}: {problem.message}"


async def _run(request: ReviewApiRequest, document: ApiDocument, toolbox: Toolbox) -> list[Section]:
    budget, tokens = Budget(cases=CASES, seconds=SECONDS), tokens_of(request.tokens)
    async with AsyncExitStack() as stack:
        if request.url:
            making = reached(request.url, document.root, tokens, toolbox.targets.hosts, budget, toolbox.progress)
        else:
            if not request.allow_project_code:
                raise ToolError(f"calling {request.project} runs its code: pass allow_project_code=true to allow that")
            project = find_project(toolbox.workspace, request.project, request.app)
            now = toolbox.clock()
            making = started(project, toolbox.postgres, document.root, tokens, now, budget, toolbox.progress)
        return await run_against(await stack.enter_async_context(making))


def _of_schema(request: ReviewApiRequest, given: Text, older: Text | None, toolbox: Toolbox) -> Report:
    from tools.review_api.graphql import graphql_report

    if request.url or request.project:
        raise ToolError("a GraphQL endpoint is exercised with its backend: exercise_backend")
    return graphql_report(request, given, older, today=toolbox.clock().date())
