"""How many statements each operation runs, and whether their number grows with the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.exercise.calls import NOTHING
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Answer, Exchange, Failure
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.lists._walk import Listing, listing, lists_of, pages_of
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

GROWS = "budget.n-plus-one"
OVER = "budget.over"
MANY = 20
"""Rows of the larger page, and children of the larger parent."""

REPEATED = 3
"""So many more of one statement for more rows is one for each of some rows."""

KINDS = {"get": 1, "list by page": 2, "list by cursor": 1, "create": 4, "update": 4, "delete": 4}
"""What a lean program needs; a list that embeds rows needs one more for each relation. Told, and enforced only
where it is asked for."""

LITERALS = re.compile(r"'(?:[^']|'')*'|\$\d+|\?\d*|%\(\w+\)s|%s|(?<!:):\w+|\b\d+\b")
LISTS = re.compile(r"\(\s*\?(?:::\w+)?(?:\s*,\s*\?(?:::\w+)?)*\s*\)")


@dataclass(frozen=True)
class Measure:
    """One operation's statements, with few rows and with many."""

    operation: str
    kind: str
    few: tuple[str, ...]
    many: tuple[str, ...]
    """As ``few`` where the operation has no number of rows."""
    rows: int
    """Of the larger measurement."""

    @property
    def lean(self) -> int:
        """What a lean program needs for this kind."""
        return KINDS.get(self.kind, 0)

    @property
    def repeated(self) -> str:
        """The statement that more rows need more often; empty if there is none."""
        few = Counter(shape(each) for each in self.few)
        many = Counter(shape(each) for each in self.many)
        grown = [(count - few[text], text) for text, count in many.items() if count - few[text] >= REPEATED]
        return max(grown)[1] if grown else ""


@dataclass
class StatementBudget:
    """All operations measured."""

    measures: list[Measure] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    untested: dict[str, str] = field(default_factory=dict)
    """By operation: why it was not measured."""
    requests: int = 0

    def table(self) -> str:
        """Operations with their statements: with few rows, with many, and what a lean program needs."""
        lines = [("operation", "few", "many", "lean")]
        lines += [(each.operation, str(len(each.few)), str(len(each.many)), str(each.lean)) for each in self.measures]
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        texts = ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join(text.rstrip() for text in texts)


async def statement_budget(subject: Subject, enforced: Mapping[str, int] | None = None) -> StatementBudget:
    """Measure every operation after a first request that warms caches of plans and types.

    Args:
        subject: the backend under test; its target must see statements.
        enforced: bounds by operation (``GET /api/v1/posts``) or by kind, as in :data:`KINDS`.

    Raises:
        TargetGone: the backend ended.
    """
    trial, result = Trial(subject, GROWS), StatementBudget()
    if not subject.target.observes_sql:
        result.untested["everything"] = "the statements of a backend behind a network cannot be seen"
        return result
    for resource, listed in lists_of(trial):
        await _measured(trial, result, listed, _list(trial, resource, listed), enforced or {})
    for resource in trial.contract.resources:
        for kind, operation in (("get", resource.get), ("update", resource.update), ("delete", resource.delete)):
            if operation is not None:
                await _measured(trial, result, operation, _item(trial, resource, kind, operation), enforced or {})
        if resource.create is not None:
            await _measured(trial, result, resource.create, _create(trial, resource), enforced or {})
    result.requests = trial.verdict.requests
    return result


async def _measured(
    trial: Trial, result: StatementBudget, operation: Operation, measuring: Any, enforced: Mapping[str, int]
) -> None:
    try:
        measure, shown = await measuring
    except (Untested, WorldError) as reason:
        result.untested[operation.label] = str(reason)
        return
    result.measures.append(measure)
    if measure.repeated:
        told = f"{len(measure.few)} statements for few rows and {len(measure.many)} for {measure.rows}; repeated is"
        message = f"{told}: {measure.repeated}"
        result.failures.append(Failure(GROWS, operation.label, message, (shown,), trial.subject.seed))
    bound = enforced.get(operation.label, enforced.get(measure.kind))
    if bound is not None and len(measure.many) > bound:
        message = f"{len(measure.many)} statements, and {bound} are allowed"
        result.failures.append(Failure(OVER, operation.label, message, (shown,), trial.subject.seed))


async def _list(trial: Trial, resource: Resource, operation: Operation) -> tuple[Measure, Exchange]:
    ways = pages_of(operation)
    if ways.limit is None:
        raise Untested("the number of rows of a page cannot be chosen")
    here = await listing(trial, resource, operation, 1)
    for _ in range(MANY):
        await _one_more(trial, here)
    most = min(MANY, ways.most or MANY)
    await _page(trial, here, 2)
    await _one_more(trial, here)  # which empties what the program itself has cached of the list
    few = await _page(trial, here, 1)
    await _one_more(trial, here)
    many = await _page(trial, here, most)
    kind = "list by cursor" if ways.cursor is not None else "list by page"
    return Measure(operation.label, kind, few.answer.statements, many.answer.statements, most), many


async def _one_more(trial: Trial, here: Listing) -> None:
    """A row with parents of its own, lest rows share what is loaded along with them."""
    shared = {name: value for name, value in here.path.items() if name in here.made[0].values}
    maker = here.made[0].maker
    parents = {}
    for field_name, name in trial.subject.world.references(here.resource).items():
        if field_name not in shared and name != here.resource.name:
            if not trial.settable(here.resource, field_name):
                continue
            parents[field_name] = (await trial.make(trial.contract.resource(name))).id
    await trial.make(here.resource, maker, **shared, **parents)


async def _page(trial: Trial, here: Listing, limit: int) -> Exchange:
    ways = pages_of(here.operation)
    assert ways.limit is not None
    answer = await trial.ask(here.operation, here.reader, path=here.path, query={ways.limit.name: limit})
    return _good(trial, answer)


async def _item(trial: Trial, resource: Resource, kind: str, operation: Operation) -> tuple[Measure, Exchange]:
    if kind == "delete":
        trial.spare(resource)
    children = [
        (other, name)
        for other in trial.contract.resources
        for name, target in trial.subject.world.references(other).items()
        if target == resource.name and other.name != resource.name
    ]
    await _once(trial, kind, operation, await trial.make(resource))
    try:
        few = await _once(trial, kind, operation, await _parent(trial, resource, children, 1))
    except Untested:
        if kind != "delete":
            raise
        children = []  # rows that others refer to may not be deleted
        few = await _once(trial, kind, operation, await _parent(trial, resource, children, 1))
    many = await _once(trial, kind, operation, await _parent(trial, resource, children, MANY))
    return Measure(operation.label, kind, few.answer.statements, many.answer.statements, MANY), many


async def _parent(trial: Trial, resource: Resource, children: list[tuple[Resource, str]], count: int) -> Made:
    made = await trial.make(resource)
    for other, name in children:
        for _ in range(count):
            await trial.make(other, **{name: made.id})
    return made


async def _once(trial: Trial, kind: str, operation: Operation, made: Made) -> Exchange:
    body = await body_of_update(trial, operation, made) if kind == "update" else NOTHING
    return _good(trial, await trial.act(operation, made, body=body))


async def _create(trial: Trial, resource: Resource) -> tuple[Measure, Exchange]:
    wanted, create = trial.wanted(resource), resource.create
    assert create is not None
    if wanted is not None and wanted.owner == "self":
        raise Untested("a caller has one such row, and has it already")
    made = await trial.make(resource)
    shown = _good(trial, await trial.send(await trial.request(resource, create, made.maker)))
    return Measure(create.label, "create", shown.answer.statements, shown.answer.statements, 1), shown


def _good(trial: Trial, answer: Answer) -> Exchange:
    if answer.status >= 300:
        raise Untested(f"the request is answered with {answer.status}")
    return trial.last


def shape(statement: str) -> str:
    """A statement without its values, so that the same one for other rows is equal."""
    return LISTS.sub("(?)", re.sub(r"\s+", " ", LITERALS.sub("?", statement)).strip())
