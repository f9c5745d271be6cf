"""Valid requests that the cards of a deck change."""

from __future__ import annotations

from random import Random
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING, id_of
from backend.exercise.contract import Contract, Operation
from backend.exercise.exchange import Answer
from backend.exercise.fuzz.case import Case
from backend.exercise.fuzz.deck import opaque
from backend.exercise.subject import Subject
from backend.exercise.values.valid import NotMade, Values
from backend.exercise.world import WorldError

REFUSED = (401, 403, 404)
"""404 as well: that a row exists is not told to those who may not read it."""


class Drafter:
    """Makes the valid requests of one operation, as a caller who may send them."""

    def __init__(self, subject: Subject, operation: Operation) -> None:
        self._subject, self._operation = subject, operation
        self._contract: Contract = subject.contract
        self._fresh = operation.method == "DELETE"
        self.caller = subject.everyday
        self.unreached = ""
        """Why no request of this operation could be made that should succeed; empty if one could."""

    async def prepare(self) -> None:
        """Find a caller who may, and see that the rows of the path can be made."""
        callers = [self._subject.everyday, self._subject.callers.helper(self._subject.everyday)]
        for caller in dict.fromkeys(each.name for each in callers):
            self.caller = next(each for each in callers if each.name == caller)
            self.unreached = await self._try(self.caller)
            if not self.unreached:
                return
        self.caller = callers[0]

    async def draft(self, random: Random, *, odd: bool) -> Case:
        """A valid request; ``odd`` values come with bounds, rare branches and texts that need care."""
        operation, world = self._operation, self._subject.world
        case = Case(operation, self.caller, headers=world.headers(operation))
        values = Values(self._contract.schemas, random, plain=not odd)
        path: dict[str, Any] = {}
        try:
            path = await world.path_values(operation, self.caller, fresh=self._fresh)
        except WorldError:
            path = {each.name: values.value(each.schema, each.name) for each in operation.of("path")}
        query = {
            each.name: values.value(each.schema, each.name)
            for each in operation.of("query")
            if each.required or (odd and not opaque(each) and random.random() < 0.3)
        }
        query = {name: value for name, value in query.items() if value is not None}
        return Case(
            operation, self.caller, path=path, query=query, headers=case.headers, body=await self._body(values, random)
        )

    async def _body(self, values: Values, random: Random) -> Any:
        if self._operation.body is None:
            return NOTHING
        try:
            body = values.value(self._operation.body, "body")
        except NotMade:
            return {}
        world = self._subject.world
        resource = world.resource_of(self._operation)
        if not isinstance(body, dict) or resource is None:
            return body
        body = world.fitted(resource, body, random)
        for field, name in world.references(resource).items():
            if body.get(field) is not None:
                try:
                    other = self._contract.resource(name)
                    body[field] = id_of(other, await world.known(other, self.caller))
                except WorldError:
                    continue  # the made-up id is well-formed, and its refusal is excused
        return body

    async def _try(self, caller: Caller) -> str:
        try:
            call = await self._subject.world.request(self._operation, caller, fresh=self._fresh)
        except (WorldError, NotMade) as error:
            return str(error)
        answer: Answer = await self._subject.target.call(call)
        self._subject.world.remember(call, answer)
        return f"{caller.name} is answered {answer.status}" if answer.status in REFUSED else ""
