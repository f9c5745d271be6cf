"""The tool called as a script calls it, and reports looked into."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.report import Report
from tools.review_api import TOOL
from tools.spec import ToolError
from tools.toolbox import Toolbox

EXAMPLES = Path(__file__).parents[2] / "examples" / "api"
Review = Callable[..., Awaitable[Report]]


def reviewer(toolbox: Toolbox) -> Review:
    """The tool on one toolbox."""

    async def call(document: str, **fields: Any) -> Report:
        return await TOOL.run(TOOL.request.model_validate({"document": document, **fields}), toolbox)

    return call


async def refusal(review: Review, document: str, **fields: Any) -> str:
    """What the caller is told."""
    with pytest.raises(ToolError) as caught:
        await review(document, **fields)
    return str(caught.value)


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def data_of(report: Report, name: str) -> Any:
    """A JSON document of the run."""
    return json.loads(next(each.text for each in report.artifacts if each.name == name))


def names(report: Report) -> set[str]:
    return {artifact.name for artifact in report.artifacts}
