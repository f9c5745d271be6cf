"""One law on trial: its requests are counted, what it finds is kept, what it could not try is said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING, build, id_of, row
from backend.exercise.contract import Contract, Operation, Resource
from backend.exercise.derivation import properties
from backend.exercise.exchange import Answer, Call, Exchange, Failure
from backend.exercise.schemas import Schema
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

if TYPE_CHECKING:
    from knowledge.blueprint.model import Resource as Wanted

MOST_REQUESTS = 2000
"""Of one law; what is left then counts as not tested."""

MOST_EXCHANGES = 6
"""Shown with a failure."""

REFUSED = (401, 403, 404)


class Untested(Exception):
    """The law cannot be held against something here; the text is the reason."""


@dataclass
class Verdict:
    """What came of one law."""

    law: str
    failures: list[Failure] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Operations that kept it."""
    untested: dict[str, str] = field(default_factory=dict)
    """By operation, or by what else it could not be held against: the reason."""
    requests: int = 0
    seconds: float = 0.0

    @property
    def tested(self) -> bool:
        """Whether it was held against anything at all."""
        return bool(self.held or self.failures)


class Trial:
    """What a check works with.

    Args:
        subject: the backend under test.
        law: the id of the law.
        most: requests it may send.
    """

    def __init__(self, subject: Subject, law: str, *, most: int = MOST_REQUESTS) -> None:
        self.subject, self.verdict, self._most = subject, Verdict(law), most
        self._trail: list[Exchange] = []
        self._operation = ""

    @property
    def contract(self) -> Contract:
        """The backend's contract."""
        return self.subject.contract

    @property
    def caller(self) -> Caller:
        """Who asks where it does not matter."""
        return self.subject.everyday

    @property
    def last(self) -> Exchange:
        """The last request with its answer; there must have been one."""
        return self._trail[-1]

    @asynccontextmanager
    async def about(self, operation: Operation | str) -> AsyncIterator[None]:
        """The block is about ``operation``: it holds, fails or remains untested."""
        self._operation = operation if isinstance(operation, str) else operation.label
        self._trail = []
        try:
            yield
        except (WorldError, Untested) as reason:
            self.verdict.untested[self._operation] = str(reason)
        else:
            if self._operation not in self.verdict.held:
                self.verdict.held.append(self._operation)
        broken = {failure.operation for failure in self.verdict.failures}
        self.verdict.held = [label for label in self.verdict.held if label not in broken]

    def fail(self, message: str, *exchanges: Exchange, last: int = 1) -> None:
        """The law is broken: by ``exchanges``, else by the last few. The same is said once of an operation."""
        if any((each.operation, each.message) == (self._operation, message) for each in self.verdict.failures):
            return
        shown = exchanges[-MOST_EXCHANGES:] or tuple(self._trail[-min(last, MOST_EXCHANGES) :])
        found = Failure(self.verdict.law, self._operation, message, shown, self.subject.seed)
        self.verdict.failures.append(found)

    def expect(self, sound: bool, message: str, *, last: int = 1) -> bool:
        """Fail unless ``sound``, with the last exchanges as evidence."""
        if not sound:
            self.fail(message, last=last)
        return sound

    async def send(self, call: Call) -> Answer:
        """Send one request.

        Raises:
            Untested: the rate limit or the number of requests a law may send is used up.
        """
        return (await self._sent([call]))[0]

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        """Send requests so that all are under way at the same time. Raises as :meth:`send`."""
        return await self._sent(calls)

    async def _sent(self, calls: Sequence[Call]) -> list[Answer]:
        self.count(len(calls))
        target = self.subject.target
        answers = await target.together(calls) if len(calls) > 1 else [await target.call(calls[0])]
        self._trail += [Exchange(call, answer) for call, answer in zip(calls, answers, strict=True)]
        if any(answer.status < 300 and self._ends_a_caller(call) for call, answer in zip(calls, answers, strict=True)):
            self.subject.world.forget()  # what belonged to the caller's own row may be gone with it
        if any(answer.status == 429 for answer in answers):
            raise Untested("the backend's rate limit was reached; switch it off for this check")
        return answers

    def count(self, requests: int) -> None:
        """Note requests; raises :class:`Untested` beyond the bound."""
        if self.verdict.requests + requests > self._most:
            raise Untested(f"the {self._most} requests of this law were used up before")
        self.verdict.requests += requests

    async def ask(
        self,
        operation: Operation,
        caller: Caller | None = None,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = NOTHING,
    ) -> Answer:
        """Send the request of an operation with the headers it demands. Raises as :meth:`send`."""
        sent = {**self.subject.world.headers(operation), **(headers or {})}
        call = build(operation, caller or self.caller, path=path, query=query, headers=sent, body=body)
        return await self.send(call)

    async def make(
        self, resource: Resource, caller: Caller | None = None, *, strict: bool = False, **overrides: Any
    ) -> Made:
        """A new row: by ``caller`` (the everyday one), else, unless ``strict``, by who holds every role.

        Overrides that no body takes are left out.

        Raises:
            WorldError: neither may.
        """
        first = caller or self.caller
        overrides = {name: value for name, value in overrides.items() if self.settable(resource, name)}
        self.count(1)
        try:
            return Made(await self.subject.world.make(resource, first, **overrides), first, resource)
        except WorldError as error:
            helper = self.subject.callers.helper(first)
            if strict or error.answer is None or error.answer.status not in REFUSED or helper is first:
                raise
            self.count(1)
            return Made(await self.subject.world.make(resource, helper, **overrides), helper, resource)

    async def request(self, resource: Resource, operation: Operation, caller: Caller, **overrides: Any) -> Call:
        """A create that should succeed; its references are new rows where a group of fields is unique together.

        Raises:
            WorldError: a row it refers to could not be made.
        """
        wanted = self.wanted(resource)
        fresh = wanted is not None and bool(wanted.unique)
        for name, other in self.subject.world.references(resource).items() if fresh else ():
            if name not in overrides and name in writable(self.contract, operation):
                overrides[name] = (await self.make(self.contract.resource(other), caller)).id
        self.count(1)
        return await self.subject.world.request(operation, caller, fresh=fresh, **overrides)

    def settable(self, resource: Resource, name: str) -> bool:
        """Whether a create's body takes a field; the owner's id, for one, may be set from the caller instead."""
        creates = (resource.create, *(each.create for each in resource.nested))
        first = next((each for each in creates if each is not None), None)
        return first is not None and name in writable(self.contract, first)

    async def act(self, operation: Operation, made: Made, *, body: Any = NOTHING, **more: Any) -> Answer:
        """Do something with a row: as who made it, else as who holds every role. Raises as :meth:`send`."""
        path = {**made.path, **more.pop("path", {})}
        answer = await self.ask(operation, made.maker, path=path, body=body, **more)
        helper = self.subject.callers.helper(made.maker)
        if answer.status in (401, 403) and helper.name != made.maker.name:
            answer = await self.ask(operation, helper, path=path, body=body, **more)
        return answer

    async def reader(self, operation: Operation, path: Mapping[str, Any] | None = None) -> Caller:
        """Who may read a list or row: the everyday caller, else who holds every role.

        Raises:
            Untested: neither gets 200.
        """
        helper = self.subject.callers.helper(self.caller)
        for caller in (self.caller, helper):
            answer = await self.ask(operation, caller, path=path)
            if answer.status == 200:
                return caller
        raise Untested(f"nobody at hand may read it: the answer is {answer.status}")

    def spare(self, resource: Resource) -> None:
        """Before a row is deleted: of some resources the rows cannot be made again.

        Raises:
            Untested: it would be the caller's own row, which is kept as deleted for good.
        """
        wanted = self.wanted(resource)
        if wanted is not None and wanted.owner == "self" and wanted.soft_delete:
            raise Untested("the caller's own row would be kept as deleted, and could not be made again")

    def _ends_a_caller(self, call: Call) -> bool:
        if call.method != "DELETE":
            return False
        collection = call.path.rpartition("/")[0]
        owners = {each.collection: wanted.owner for each in self.contract.resources if (wanted := self.wanted(each))}
        return owners.get(collection) == "self"

    def wanted(self, resource: Resource) -> Wanted | None:
        """The resource in the blueprint, where there is one."""
        blueprint = self.subject.blueprint
        return blueprint.resources.get(resource.name) if blueprint is not None else None


@dataclass(frozen=True)
class Made:
    """A row, with who made it."""

    values: Mapping[str, Any]
    maker: Caller
    resource: Resource

    @property
    def id(self) -> Any:
        """Of the row."""
        return id_of(self.resource, self.values)

    @property
    def path(self) -> dict[str, Any]:
        """The path values of its item; those of parents in the path are read from its own columns."""
        names = [part.strip("{}") for part in self.resource.item.split("/") if part.startswith("{")]
        found = {name: self.values[name] for name in names if name in self.values}
        return {**found, self.resource.id_parameter: self.id}


def changed(answer: Answer) -> dict[str, Any]:
    """The row of an answer without what any write changes: its times and its version."""
    return {name: value for name, value in row(answer).items() if name not in ("updated_at", "version")}


def writable(contract: Contract, operation: Operation) -> dict[str, Schema]:
    """The fields of an operation's body with their schemas."""
    if operation.body is None:
        return {}
    found = properties(contract.schemas, operation.body)
    return {name: schema for name, schema in found.items() if not schema.get("readOnly")}
