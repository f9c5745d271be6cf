"""The tool called as a script calls it, and reports looked into."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from knowledge.report import Finding, Report
from tools.design_endpoint import TOOL
from tools.spec import ToolError
from tools.toolbox import Toolbox

Design = Callable[..., Awaitable[Report]]


def designed(toolbox: Toolbox) -> Design:
    """The tool on one toolbox."""

    async def call(design: str, **fields: Any) -> Report:
        return await TOOL.run(TOOL.request.model_validate({"design": design, **fields}), toolbox)

    return call


async def refusal(design: Design, text: str, **fields: Any) -> str:
    """What the caller is told."""
    with pytest.raises(ToolError) as caught:
        await design(text, **fields)
    return str(caught.value)


def table(report: Report, title: str) -> list[list[str]]:
    """Rows of the table whose title begins so."""
    return next(each.rows for each in report.tables if each.title.startswith(title))


def text_of(report: Report, name: str) -> str:
    """A document of the run."""
    return next(each.text for each in report.artifacts if each.name == name)


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def fact(report: Report, name: str) -> str:
    return next(each.value for each in report.facts if each.name == name)
