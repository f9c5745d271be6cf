"""The rows a request needs, made by calling the API itself, parents first."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from backend.exercise.callers import Caller, Callers
from backend.exercise.calls import NOTHING, build, id_of, row
from backend.exercise.contract import Contract, Operation, Parameter, Resource
from backend.exercise.derivation import properties
from backend.exercise.exchange import Answer, Call, Exchange, Target
from backend.exercise.values.strings import token
from backend.exercise.values.valid import NotMade, Values

if TYPE_CHECKING:
    from knowledge.blueprint.model import Blueprint
    from knowledge.blueprint.model import Resource as Wanted

TRIES = 3
REFUSED = (401, 403, 404)
SEARCHED = 100_000
IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SAID = 300
"""Characters of an answer that an error quotes."""


class WorldError(RuntimeError):
    """A row could not be made; the text has the request and the answer. ``call`` and ``answer`` are the evidence."""

    def __init__(self, text: str, call: Call | None = None, answer: Answer | None = None) -> None:
        super().__init__(text)
        self.call, self.answer = call, answer


class World:
    """Makes rows and the requests that need them.

    Args:
        target: the running backend.
        contract: its contract, from which everything is known that no blueprint says.
        callers: who may be asked to make what a caller only refers to.
        blueprint: of a scaffolded backend.
        seed: of all values.
    """

    def __init__(
        self, target: Target, contract: Contract, callers: Callers, *, blueprint: Blueprint | None = None, seed: int = 1
    ) -> None:
        self._target, self._contract, self._callers, self._blueprint = target, contract, callers, blueprint
        self._random = Random(f"world {seed}")
        self._values = Values(contract.schemas, self._random, plain=True)
        self._kept: dict[tuple[str, str], dict[str, Any]] = {}
        self._origins: dict[str, Exchange] = {}

    async def make(self, resource: Resource | str, caller: Caller, **overrides: Any) -> dict[str, Any]:
        """Create a row as ``caller`` and return it. A row that is the caller's own self is made once and given again.

        Args:
            resource: or its name.
            caller: who creates it.
            overrides: fields of the body.

        Raises:
            WorldError: the API did not create it.
        """
        wanted = self._named(resource)
        if self._is_self(wanted):
            return await self._own_self(wanted, caller, overrides)
        call, answer = await self._create(wanted, caller, overrides)
        if answer.status == 409:  # a group of fields is unique together: other references make another group
            for _ in range(TRIES - 1):
                call, answer = await self._create(wanted, caller, overrides, fresh=True)
                if answer.status != 409:
                    break
        return self._made(wanted, caller, call, answer)

    async def known(self, resource: Resource | str, caller: Caller) -> dict[str, Any]:
        """A row that ``caller`` can refer to, made on first use: by the caller, else by somebody who may.

        Raises:
            WorldError: nobody could make it.
        """
        wanted = self._named(resource)
        key = (wanted.name, caller.name)
        if key not in self._kept:
            self._kept[key] = await self._by_anybody(wanted, caller)
        return self._kept[key]

    def forget(self) -> None:
        """Forget every kept row, as after a restart that emptied the database."""
        self._kept.clear()

    def remember(self, call: Call, answer: Answer) -> None:
        """Note a row that somebody else has made, so that :meth:`history` knows of it."""
        key = str(row(answer).get("id", "")) if answer.status == 201 else ""
        if IDS.fullmatch(key):
            self._origins.setdefault(key, Exchange(call, answer))

    def history(self, call: Call, answer: Answer | None = None) -> tuple[Exchange, ...]:
        """The exchanges that made the rows whose ids are in a request, and the rows those needed, in order.

        Args:
            call: the request.
            answer: of a list; the row it shows first has to be there as well.
        """
        found: dict[str, Exchange] = {}
        seen: set[str] = set()  # a row that was there already has its own read as its origin

        def add(request: Call) -> None:
            for key in IDS.findall(request.path + " " + request.body[:SEARCHED].decode(errors="replace")):
                origin = self._origins.get(key)
                if origin is not None and key not in seen:
                    seen.add(key)
                    add(origin.call)
                    found[key] = origin

        add(call)
        if answer is not None and call.method == "GET":
            shown = IDS.findall(answer.body[:SEARCHED].decode(errors="replace"))
            for key in [each for each in shown if each in self._origins and each not in found][:1]:
                add(replace(call, path=key))
        return tuple(found.values())

    async def valid_body(self, resource: Resource | str, caller: Caller, **overrides: Any) -> dict[str, Any]:
        """A body that creates a row: ordinary, unique values, and ids of rows that exist.

        Raises:
            WorldError: the resource cannot be created, or a row it refers to could not be made.
        """
        wanted = self._named(resource)
        create = _creates(wanted)
        return await self._body(wanted, create, caller, overrides, fresh=False)

    async def path_values(self, operation: Operation, caller: Caller, *, fresh: bool = False) -> dict[str, Any]:
        """Values of the path's parameters: ids of rows that ``caller`` has made or can refer to.

        Args:
            operation: whose path.
            caller: who will send the request.
            fresh: the row that the last parameter identifies is made anew, so that it can be changed or deleted.

        Raises:
            WorldError: a row could not be made.
        """
        names = [parameter.name for parameter in operation.of("path")]
        values = {}
        for name in names:
            resource = self._contract.item_of(operation.path, name)
            if resource is None or not _can_be_made(resource):
                values[name] = self._made_up(operation.parameter("path", name))
                continue
            anew = fresh and name == names[-1]
            found = await (self._by_anybody(resource, caller) if anew else self.known(resource, caller))
            values[name] = id_of(resource, found)
            if anew:
                values.update(_owners_in_path(resource, found, names, values))
        return values

    async def request(self, operation: Operation, caller: Caller, *, fresh: bool = False, **overrides: Any) -> Call:
        """A request that should succeed: existing rows in its path, a valid body, the headers it demands.

        Raises:
            WorldError: a row could not be made.
        """
        path = await self.path_values(operation, caller, fresh=fresh)
        body = NOTHING
        if operation.body is not None:
            body = await self._body(self.resource_of(operation), operation, caller, overrides, fresh=False)
        query = {each.name: self._value(each) for each in operation.of("query") if each.required}
        return build(operation, caller, path=path, query=query, headers=self.headers(operation), body=body)

    def headers(self, operation: Operation) -> dict[str, str]:
        """The headers an operation demands; a fresh idempotency key, and ``If-Match: *`` for whatever version."""
        found = {}
        for parameter in operation.of("header"):
            lower = parameter.name.lower()
            if parameter.required and lower not in ("authorization", "content-type", "accept"):
                found[parameter.name] = "*" if lower == "if-match" else str(self._value(parameter))
        wanted = self._wanted(self.resource_of(operation))
        if wanted is not None and wanted.optimistic_locking and operation.method in ("PATCH", "PUT", "DELETE"):
            found.setdefault("If-Match", "*")
        create = wanted.operations.create if wanted is not None and operation.method == "POST" else None
        if create is not None and create.idempotency == "required":
            found.setdefault("Idempotency-Key", token(self._random, 24))
        return found

    def fitted(self, resource: Resource | None, body: dict[str, Any], random: Random) -> dict[str, Any]:
        """``body`` with decimals inside the bounds that the blueprint gives and no schema of a string can say."""
        wanted = self._wanted(resource)
        changed = dict(body)
        for name, spec in wanted.fields.items() if wanted is not None else ():
            if spec.type != "decimal" or not isinstance(body.get(name), str):
                continue
            low = spec.minimum if spec.minimum is not None else -math.inf
            high = spec.maximum if spec.maximum is not None else math.inf
            if not low <= float(body[name]) <= high:
                top = high if math.isfinite(high) else max(low, 0) + 100
                bottom = low if math.isfinite(low) else min(top, 0)
                changed[name] = f"{random.uniform(bottom, top):.{spec.scale}f}"
        return changed

    def resource_of(self, operation: Operation) -> Resource | None:
        """The resource an operation belongs to, nested lists included."""
        for resource in self._contract.resources:
            within = [each for nested in resource.nested for each in (nested.list, nested.create)]
            if operation in resource.operations or operation in within:
                return resource
        return None

    def references(self, resource: Resource) -> dict[str, str]:
        """Body fields that hold ids, with the resource each refers to; the blueprint knows those the names hide."""
        found = dict(resource.references)
        wanted = self._wanted(resource)
        if wanted is not None:
            names = {each.name for each in self._contract.resources}
            relations = {f"{name}_id": relation.resource for name, relation in wanted.belongs_to.items()}
            found.update({field: name for field, name in relations.items() if name in names})
        return found

    async def _create(
        self, resource: Resource, caller: Caller, overrides: Mapping[str, Any], *, fresh: bool = False
    ) -> tuple[Call, Answer]:
        await self._owner_exists(resource, caller)
        operation = _creates(resource)
        path = await self.path_values(operation, caller)
        body = await self._body(resource, operation, caller, overrides, fresh=fresh)
        call = build(operation, caller, path=path, headers=self.headers(operation), body=body)
        return call, await self._target.call(call)

    async def _body(
        self,
        resource: Resource | None,
        operation: Operation,
        caller: Caller,
        overrides: Mapping[str, Any],
        *,
        fresh: bool,
    ) -> dict[str, Any]:
        body = self._value(Parameter("body", "body", True, operation.body or {}))
        if not isinstance(body, dict):
            raise WorldError(f"{operation.label} takes no object")
        references = self.references(resource) if resource is not None else {}
        for field, name in references.items():
            if body.get(field) is None or field in overrides:
                continue
            other = self._contract.resource(name)
            found = await (self._by_anybody(other, caller) if fresh else self.known(other, caller))
            body[field] = id_of(other, found)
        if operation.method == "PATCH" and not body and operation.body is not None:
            body = self._one_field(operation)
        return {**self.fitted(resource, body, self._random), **overrides}

    def _one_field(self, operation: Operation) -> dict[str, Any]:
        """For updates all of whose fields may be left out: the first that is no reference and no null."""
        for name, schema in properties(self._contract.schemas, operation.body or {}).items():
            if not name.endswith("_id"):
                return {name: self._value(Parameter(name, "body", True, schema))}
        return {}

    async def _by_anybody(self, resource: Resource, caller: Caller) -> dict[str, Any]:
        try:
            return await self.make(resource, caller)
        except WorldError as error:
            helper = self._callers.helper(caller)
            if error.answer is None or error.answer.status not in REFUSED or helper.name == caller.name:
                raise
            return await self.make(resource, helper)

    async def _owner_exists(self, resource: Resource, caller: Caller) -> None:
        """Where the owner is a relation to the caller's own row, that row must be there first."""
        wanted = self._wanted(resource)
        if wanted is None or wanted.owner not in wanted.belongs_to or not caller.subject:
            return
        own = self._contract.resource(wanted.belongs_to[wanted.owner].resource)
        if self._is_self(own) and _can_be_made(own):
            await self.make(own, caller)

    async def _own_self(self, resource: Resource, caller: Caller, overrides: Mapping[str, Any]) -> dict[str, Any]:
        if resource.get is not None and (resource.name, f"self {caller.name}") in self._kept:
            found = await self._target.call(build(resource.get, caller, path={resource.id_parameter: caller.subject}))
            if found.status == 200 and not overrides:
                return row(found)
        call, answer = await self._create(resource, caller, overrides)
        if answer.status == 409 and resource.get is not None:
            read = build(resource.get, caller, path={resource.id_parameter: caller.subject})
            call, answer = read, await self._target.call(read)
            if answer.status == 200 and overrides and resource.update is not None:
                path, headers = {resource.id_parameter: caller.subject}, self.headers(resource.update)
                call = build(resource.update, caller, path=path, headers=headers, body=dict(overrides))
                answer = await self._target.call(call)
        made = self._made(resource, caller, call, answer)
        self._kept[resource.name, f"self {caller.name}"] = made
        return made

    def _made(self, resource: Resource, caller: Caller, call: Call, answer: Answer) -> dict[str, Any]:
        made = row(answer)
        if answer.status not in (200, 201) or not made:
            said = answer.crash or answer.body.decode(errors="replace")
            raise WorldError(
                f"no {resource.name} could be made: {call.method} {call.path} as {caller.name} answered "
                f"{answer.status}: {said[:SAID]}",
                call,
                answer,
            )
        key = str(id_of(resource, made))
        if IDS.fullmatch(key):
            self._origins[key] = Exchange(call, answer)
        return made

    def _value(self, parameter: Parameter) -> Any:
        if parameter.location == "header" and parameter.name.lower() == "idempotency-key":
            return token(self._random, 24)
        try:
            return self._values.value(parameter.schema, "" if parameter.location == "body" else parameter.name)
        except NotMade as error:
            raise WorldError(f"no {parameter.location} {parameter.name}: {error}") from None

    def _made_up(self, parameter: Parameter | None) -> Any:
        return self._value(parameter) if parameter is not None else token(self._random)

    def _named(self, resource: Resource | str) -> Resource:
        return self._contract.resource(resource) if isinstance(resource, str) else resource

    def _wanted(self, resource: Resource | None) -> Wanted | None:
        """The resource in the blueprint."""
        if self._blueprint is None or resource is None:
            return None
        return self._blueprint.resources.get(resource.name)

    def _is_self(self, resource: Resource) -> bool:
        wanted = self._wanted(resource)
        return wanted is not None and wanted.owner == "self"


def _creates(resource: Resource) -> Operation:
    nested = [each.create for each in resource.nested if each.create is not None]
    operation = resource.create or next(iter(nested), None)
    if operation is None:
        raise WorldError(f"the contract has no operation that makes a {resource.name}")
    return operation


def _can_be_made(resource: Resource) -> bool:
    return resource.create is not None or any(each.create is not None for each in resource.nested)


def _owners_in_path(
    resource: Resource, made: Mapping[str, Any], names: list[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Of a row made anew: the ids of those it belongs to, so that the path is its own."""
    return {name: made[name] for name in names if name in values and name != resource.id_parameter and name in made}
