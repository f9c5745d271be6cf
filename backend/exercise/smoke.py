"""Smoke: every operation once, with a request that should succeed."""

from __future__ import annotations

from dataclasses import dataclass

from backend.exercise.exchange import Exchange, Failure
from backend.exercise.fuzz.case import Case
from backend.exercise.fuzz.judge import Habits, judge
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

REFUSED = (401, 403, 404)
"""404 as well: that a row exists is not told to those who may not read it."""


@dataclass(frozen=True)
class Smoked:
    """How one operation answered."""

    operation: str
    """As in ``GET /api/v1/posts``."""
    caller: str
    status: int
    """0 where no request could be made or nothing came back."""
    milliseconds: float
    statements: int
    reason: str = ""
    """Why it was not reached; empty where it was."""


async def smoke(subject: Subject) -> tuple[list[Smoked], list[Failure]]:
    """Call every operation as the everyday caller, else as somebody with every role.

    Raises:
        TargetGone: the backend ended.
    """
    reached, failures = [], []
    for operation in subject.contract.operations:
        row = Smoked(operation.label, "", 0, 0.0, 0, "no caller may")
        for caller in dict.fromkeys(each.name for each in (subject.everyday, subject.callers.helper(subject.everyday))):
            who = subject.everyday if caller == subject.everyday.name else subject.callers.helper(subject.everyday)
            try:
                call = await subject.world.request(operation, who, fresh=operation.method == "DELETE")
            except WorldError as error:
                row = Smoked(operation.label, caller, 0, 0.0, 0, str(error))
                continue
            answer = await subject.target.call(call)
            row = Smoked(operation.label, caller, answer.status, answer.seconds * 1000, len(answer.statements))
            if answer.status in REFUSED:
                continue
            case = Case(operation, who, about="smoke")
            exchanges = (*subject.world.history(call, answer), Exchange(call, answer))
            failures += [
                Failure(found.check.replace("fuzz.", "smoke."), operation.label, found.message, exchanges, subject.seed)
                for found in judge(subject.contract, Habits(), case, call, answer)
            ]
            break
        reached.append(row)
    return reached, failures
