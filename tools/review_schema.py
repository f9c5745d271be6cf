"""``review_schema``: what is wrong with a schema or a migration, shown by running it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from backend.review.changed import ChangedLines
    from backend.review.found import Review, Source
    from knowledge.rules.rule import Rule

ENGINES = ("postgresql",)


class ReviewSchemaRequest(Request):
    """Exactly one of ``sql`` and ``path``."""

    sql: str = Field("", description="DDL or migration")
    path: str = Field("", description="SQL file or migrations folder")
    changed: bool = Field(False, description="only lines changed since base")
    base: str = Field("HEAD", description="git revision")
    engine: str = Field("postgresql", description="postgresql")
    prove: bool = Field(True, description="false reads the text only")
    baseline: str = Field("", description="file of accepted findings")
    rules: list[str] = Field(default_factory=list, description="only these rule ids")
    ignore: list[str] = Field(default_factory=list, description="not these rule ids")


async def run(request: ReviewSchemaRequest, toolbox: Toolbox) -> Report:
    """Review SQL text, a file or a migrations folder.

    Raises:
        ToolError: the request contradicts itself, or the input cannot be read.
    """
    from backend.review.accepted import sift
    from backend.review.report import report_of
    from backend.review.static import static_review

    _check(request)
    began = time.perf_counter()
    rules = _rules(request)
    baseline = _baseline(request, toolbox)
    changed = await _changed(request, toolbox)
    sources, notes = await _sources(request, toolbox)
    if request.prove:
        review = await _evidence(sources, rules, toolbox)
    else:
        review = static_review(sources, rules)
        review.not_tested.append("nothing was executed (prove is false): every finding is derived from the text")
    review.not_tested += notes
    sifted = sift(review.found, sources, today=toolbox.clock().date(), baseline=baseline, changed=changed)
    return toolbox.runs.keep(report_of(TOOL.name, review, sifted, seconds=time.perf_counter() - began))


def _check(request: ReviewSchemaRequest) -> None:
    if bool(request.sql.strip()) == bool(request.path):
        what = "both sql and path were given" if request.path else "neither sql nor path was given"
        raise ToolError(f"{what}; give exactly one: SQL text in `sql`, or a file or folder in `path`")
    if request.engine not in ENGINES:
        raise ToolError(f"engine {request.engine!r} is not available; use one of: {', '.join(ENGINES)}")
    if request.changed and not request.path:
        raise ToolError("`changed` compares files with git, so it needs `path`")


def _rules(request: ReviewSchemaRequest) -> Sequence[Rule]:
    from difflib import get_close_matches

    from knowledge.rules import all_rules

    known = {rule.id: rule for rule in all_rules()}
    for name in (*request.rules, *request.ignore):
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"the rules are: {', '.join(sorted(known))}"
            raise ToolError(f"no rule is called {name!r}; {hint}")
    return [rule for rule in known.values() if _wanted(rule.id, request)]


def _wanted(rule_id: str, request: ReviewSchemaRequest) -> bool:
    return (not request.rules or rule_id in request.rules) and rule_id not in request.ignore


def _baseline(request: ReviewSchemaRequest, toolbox: Toolbox) -> Counter[str]:
    from backend.workspace import WorkspaceError
    from knowledge.baseline import BaselineError, load

    if not request.baseline:
        return load("[]")
    try:
        return load(toolbox.workspace.read_text(request.baseline))
    except (BaselineError, WorkspaceError) as error:
        raise ToolError(f"baseline {request.baseline}: {error}") from None


async def _changed(request: ReviewSchemaRequest, toolbox: Toolbox) -> ChangedLines | None:
    from backend.review.changed import GitError, changed_lines

    if not request.changed:
        return None
    try:
        return await changed_lines(toolbox.workspace.root, request.base)
    except GitError as error:
        raise ToolError(str(error)) from None


async def _sources(request: ReviewSchemaRequest, toolbox: Toolbox) -> tuple[list[Source], list[str]]:
    from backend.review.sources import InputError, from_path, from_text
    from backend.workspace import WorkspaceError

    try:
        if request.path:
            return await from_path(toolbox.workspace, request.path)
        return from_text(request.sql), []
    except (InputError, WorkspaceError) as error:
        raise ToolError(str(error)) from None


async def _evidence(sources: Sequence[Source], rules: Sequence[Rule], toolbox: Toolbox) -> Review:
    from backend.engines.postgres.host import EngineError
    from backend.review.evidence import evidence_review

    try:
        return await evidence_review(toolbox.postgres, sources, rules, progress=toolbox.progress)
    except EngineError as error:
        raise ToolError(f"{error}; set `prove` to false for a review of the text alone") from None


TOOL = ToolSpec(
    name="review_schema",
    title="Review a schema or migration",
    description=(
        "Runs PostgreSQL DDL or a migration in a private PostgreSQL and finds locks that block, rewrites, failing "
        "statements, breaking changes, missing keys and indexes, each with its line, what was observed and a fix that "
        "was run. Missing tables are made up."
    ),
    request=ReviewSchemaRequest,
    run=run,
    toolset="schema",
)
