"""Tools that exist only to test the server around them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from knowledge.report import (
    Artifact,
    Basis,
    Evidence,
    Fact,
    Finding,
    Fix,
    Location,
    Outcome,
    Report,
    Severity,
    Step,
)
from tools.spec import Request, ToolError, ToolSpec
from tools.toolbox import Toolbox


class Action(StrEnum):
    PLAN = "plan"
    APPLY = "apply"


class InspectRequest(Request):
    path: str = Field(description="file to inspect")
    limit: int = Field(default=3, description="findings to make")
    tags: list[str] = Field(default_factory=list, description="words to look for")


class MoveRequest(Request):
    action: Action = Field(default=Action.PLAN, description="what to do")


class NoRequest(Request):
    pass


def finding(number: int) -> Finding:
    return Finding(
        rule="sample-rule",
        severity=Severity.HIGH,
        message=f"finding {number}",
        location=Location(path="001.sql", line=number, column=1),
        subject="public.users",
        evidence=[Evidence(basis=Basis.OBSERVED, action=f"ran statement {number}", result="AccessExclusiveLock")],
        fixes=[
            Fix(
                summary="do it in two steps",
                steps=[Step(sql="select 1;", alone=True)],
                proven=True,
                proof="ran",
            )
        ],
    )


async def inspect(request: InspectRequest, toolbox: Toolbox) -> Report:
    toolbox.workspace.resolve(request.path)
    if request.path == "refuse.sql":
        raise ToolError("refuse.sql is empty; name a file with statements")
    if request.path == "crash.sql":
        raise RuntimeError("the pool at postgresql://me:hunter2secret@db/x went away")
    await toolbox.progress(1, 2, "half")
    await toolbox.progress(2, 2, "done")
    return Report(
        tool="inspect_sample",
        outcome=Outcome.FINDINGS if request.limit else Outcome.PASS,
        headline=f"{request.limit} findings in {request.path}",
        facts=[
            Fact(name="findings", value=str(request.limit)),
            Fact(name="tags", value=",".join(request.tags)),
        ],
        findings=[finding(number) for number in range(1, request.limit + 1)],
        next_step="apply the fixes",
        artifacts=[Artifact(name="plan.sql", media_type="application/sql", text="select 1;\n")],
    )


async def move(request: MoveRequest, toolbox: Toolbox) -> Report:
    return Report(tool="move_sample", outcome=Outcome.PASS, headline=f"did {request.action}")


INSPECT = ToolSpec(
    name="inspect_sample",
    title="Inspect a sample",
    description="Inspect one file.",
    request=InspectRequest,
    run=inspect,
    toolset="schema",
)
MOVE = ToolSpec(
    name="move_sample",
    title="Move a sample",
    description="Plan or apply a move.",
    request=MoveRequest,
    run=move,
    toolset="backend",
    read_only=False,
    destructive=True,
    idempotent=False,
    read_only_actions=("plan",),
)


@dataclass
class Waiting:
    """A tool that never ends by itself, and says what became of it."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, request: NoRequest, toolbox: Toolbox) -> Report:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError("nobody sets that event")

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(
            name="wait_sample",
            title="Wait",
            description="Wait for ever.",
            request=NoRequest,
            run=self.run,
            toolset="schema",
        )
