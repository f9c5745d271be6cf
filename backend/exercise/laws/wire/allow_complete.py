"""``law.allow-complete``."""

from __future__ import annotations

from backend.exercise.exchange import Call
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.world import WorldError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FREE = {"HEAD", "OPTIONS"}
"""Methods that come along with others and are seldom in a contract."""


async def check(trial: Trial) -> None:
    """Send each path a method that it has not."""
    for path in dict.fromkeys(operation.path for operation in trial.contract.operations):
        offered = set(trial.contract.methods(path))
        method = next((each for each in METHODS if each not in offered), "")
        if not method:
            continue
        async with trial.about(f"{method} {path}"):
            address = await _address(trial, path)
            answer = await trial.send(Call(method, address, trial.caller.headers))
            if not trial.expect(answer.status == 405, f"{method}, not in the contract, is {answer.status}, not 405"):
                continue
            allowed = {each.strip().upper() for each in answer.headers.get("allow", "").split(",") if each.strip()}
            lacking = sorted(offered - allowed)
            trial.expect(not lacking, f"Allow lacks {', '.join(lacking)}")
            extra = sorted(allowed - offered - FREE)
            trial.expect(not extra, f"Allow has {', '.join(extra)}, which the contract has not")


async def _address(trial: Trial, path: str) -> str:
    operation = next(each for each in trial.contract.operations if each.path == path)
    try:
        values = await trial.subject.world.path_values(operation, trial.caller)
    except WorldError as error:
        raise Untested(str(error)) from None
    for name, value in values.items():
        path = path.replace("{" + name + "}", str(value))
    return path


LAW = Law(
    id="law.allow-complete",
    claim="A method that a path has not is 405, and its Allow names exactly the methods the path has.",
    applies="every path that has not all methods",
    why="Clients and gateways learn from Allow what they may do; a router that matches twice tells them half.",
    source="RFC 9110 sections 10.2.1 and 15.5.6",
    check=check,
)
