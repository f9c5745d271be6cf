"""The access matrix: every operation as every caller, what is promised beside what the wire says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from backend.exercise.access_plan import BY_OWNERSHIP, Expected, expectations
from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING, build
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Exchange, Failure
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.lists._walk import Listing, parent_field, walk
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

CHECK = "access.matrix"
OWNERS = ("owner_id", "owner", "user_id", "account_id", "customer_id", "created_by", "ownerId", "userId", "createdBy")
"""Fields that say whose a row is."""


@dataclass(frozen=True)
class Cell:
    """One operation as one caller."""

    operation: str
    caller: str
    expected: frozenset[int]
    """Any of these statuses."""
    observed: int | None
    """``None`` where it was not tested; ``reason`` says why."""
    basis: str
    """Where the expectation comes from."""
    expected_listed: bool | None = None
    """Of lists: whether the row is in it."""
    listed: bool | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        """Whether what came back is what was promised; untested cells are neither."""
        if self.observed is None or self.observed not in self.expected:
            return False
        return self.expected_listed is None or self.listed is None or self.listed == self.expected_listed

    @property
    def shown(self) -> str:
        """As in the table."""
        if self.observed is None:
            return "?"
        mark = "" if self.listed is None else "+" if self.listed else "-"
        if self.sound:
            return f"{self.observed}{mark}"
        wanted = "|".join(str(status) for status in sorted(self.expected))
        sign = "" if self.expected_listed is None else "+" if self.expected_listed else "-"
        return f"{self.observed}{mark}!{wanted}{sign}"


@dataclass
class AccessMatrix:
    """All cells, in the order of the contract's operations."""

    cells: list[Cell] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    requests: int = 0

    @property
    def untested(self) -> list[Cell]:
        """Those that could not be tried, each with the reason."""
        return [cell for cell in self.cells if cell.observed is None]

    def cell(self, operation: str, caller: str) -> Cell:
        """The cell of an operation's label and a caller's name.

        Raises:
            KeyError: there is none.
        """
        for found in self.cells:
            if (found.operation, found.caller) == (operation, caller):
                return found
        raise KeyError((operation, caller))

    def table(self) -> str:
        """Operations by callers: the status that came, ``+`` or ``-`` for a row that a list has or has not; where it
        is wrong, what was promised follows ``!``; ``?`` was not tested."""
        callers = [*dict.fromkeys(cell.caller for cell in self.cells)]
        lines = [["operation", *callers]]
        for label in dict.fromkeys(cell.operation for cell in self.cells):
            by_caller = {cell.caller: cell for cell in self.cells if cell.operation == label}
            lines.append([label, *(by_caller[name].shown if name in by_caller else "" for name in callers)])
        widths = [max(len(line[place]) for line in lines) for place in range(len(callers) + 1)]
        return "\n".join(
            "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )


async def access_matrix(subject: Subject) -> AccessMatrix:
    """Every operation as every caller there is. Rows are the owner's and made anew where they are used up.

    Raises:
        TargetGone: the backend ended.
    """
    trial, matrix = Trial(subject, CHECK), AccessMatrix()
    for expected in expectations(subject):
        matrix.cells.append(await _cell(trial, expected, matrix))
    matrix.requests = trial.verdict.requests
    return matrix


async def _cell(trial: Trial, expected: Expected, matrix: AccessMatrix) -> Cell:
    operation, caller = expected.operation, expected.caller
    try:
        exchange, listed = await _observe(trial, expected)
    except (Untested, WorldError) as reason:
        return Cell(
            operation.label, caller.name, expected.statuses, None, expected.basis, expected.listed, reason=str(reason)
        )
    status = exchange.answer.status
    cell = Cell(operation.label, caller.name, expected.statuses, status, expected.basis, expected.listed, listed)
    if not cell.sound:
        matrix.failures.append(Failure(CHECK, operation.label, _told(cell), (exchange,), trial.subject.seed))
    return cell


async def _observe(trial: Trial, expected: Expected) -> tuple[Exchange, bool | None]:
    """The request of a cell, and for lists whether the owner's row is among the rows."""
    operation, caller, resource = expected.operation, expected.caller, expected.resource
    if expected.kind in ("link", "unlink", "linked"):
        return await _link(trial, expected)
    if expected.kind == "create":
        return await _create(trial, expected)
    if expected.kind == "delete":
        trial.spare(resource)
    made = await _row(trial, resource, expected)
    path = _path(trial, operation, resource, made)
    body: Any = NOTHING
    if expected.kind == "update":
        body = await body_of_update(trial, operation, made)
    exchange = await _try(trial, operation, caller, path, body)
    wanted = trial.wanted(resource)
    if exchange.answer.status == 409 and expected.kind == "delete" and wanted is not None and wanted.owner == "self":
        raise Untested("other rows refer to the caller's own row, of which there is no fresh one")
    listed = None
    if expected.kind == "list" and exchange.answer.status == 200:
        walked = await walk(trial, Listing(operation, resource, path, caller))
        if not walked.complete and str(made.id) not in walked.ids:
            raise Untested("the list has more pages than are walked; empty the database first")
        listed = str(made.id) in walked.ids
    return exchange, listed


async def _row(trial: Trial, resource: Resource, expected: Expected) -> Made:
    """The owner's row, or anybody's where rows have no owner."""
    made = await _shown_within(trial, resource, expected)
    if expected.basis == BY_OWNERSHIP and not _says_whose(made):
        raise Untested("nothing in the row says whose it is, so anybody may be meant to change it")
    return made


async def _shown_within(trial: Trial, resource: Resource, expected: Expected) -> Made:
    """The row; with a parent, where the list is a parent's and rows may have none."""
    nested = next((each for each in resource.nested if each.list is expected.operation), None)
    made = await trial.make(resource, trial.caller, strict=expected.own_only)
    field_name = parent_field(trial, resource, nested.parent) if nested is not None else ""
    if nested is None or made.values.get(field_name) is not None:
        return made
    parent = await trial.make(trial.contract.resource(nested.parent), made.maker)
    return await trial.make(resource, made.maker, strict=expected.own_only, **{field_name: parent.id})


def _unique_together(trial: Trial, resource: Resource) -> bool:
    wanted = trial.wanted(resource)
    return wanted is not None and bool(wanted.unique)


def _says_whose(made: Made) -> bool:
    subject = made.maker.subject
    named = any(made.values.get(name) is not None for name in OWNERS)
    return named or (subject != "" and subject in map(str, made.values.values()))


def _path(trial: Trial, operation: Operation, resource: Resource, made: Made) -> dict[str, Any]:
    nested = next((each for each in resource.nested if each.list is operation), None)
    if nested is None:
        return made.path
    name = parent_field(trial, resource, nested.parent)
    if made.values.get(name) is None:
        raise Untested(f"the rows do not show {name}")
    return {nested.parameter: made.values[name]}


async def _create(trial: Trial, expected: Expected) -> tuple[Exchange, None]:
    """With a body that refers to rows the caller can read, else to those the owner can."""
    world, operation, caller = trial.subject.world, expected.operation, expected.caller
    if expected.own_row and caller.subject:
        await trial.make(trial.contract.resource(expected.own_row), caller, strict=True)
    writer = caller if caller.headers else trial.caller
    call = await trial.request(expected.resource, operation, writer)
    path = await world.path_values(operation, trial.caller, fresh=_unique_together(trial, expected.resource))
    body = json.loads(call.body) if call.body else NOTHING
    return await _try(trial, operation, caller, path, body), None


async def _link(trial: Trial, expected: Expected) -> tuple[Exchange, bool | None]:
    resource = expected.resource
    link = next(each for each in resource.links if expected.operation in (each.list, each.link, each.unlink))
    made = await _row(trial, resource, expected)
    far = await trial.subject.world.known(link.other, made.maker)
    other = trial.contract.resource(link.other)
    path = {**made.path, link.other_parameter: Made(far, made.maker, other).id}
    if expected.kind != "link" and link.link is not None:
        await trial.act(link.link, made, path={link.other_parameter: path[link.other_parameter]})
    exchange = await _try(trial, expected.operation, expected.caller, path, NOTHING)
    if expected.kind != "linked" or exchange.answer.status != 200:
        return exchange, None
    walked = await walk(trial, Listing(expected.operation, other, path, expected.caller))
    return exchange, str(path[link.other_parameter]) in walked.ids


async def _try(trial: Trial, operation: Operation, caller: Caller, path: dict[str, Any], body: Any) -> Exchange:
    headers = trial.subject.world.headers(operation)
    call = build(operation, caller, path=path, headers=headers, body=body)
    return Exchange(call, await trial.send(call))


def _told(cell: Cell) -> str:
    wanted = " or ".join(str(status) for status in sorted(cell.expected))
    if cell.observed not in cell.expected:
        return f"as {cell.caller} {wanted} was expected and {cell.observed} came ({cell.basis})"
    verb = "shows" if cell.listed else "does not show"
    return f"as {cell.caller} the list {verb} the owner's row ({cell.basis})"
