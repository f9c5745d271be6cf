"""Mutations: their inputs and payloads as classes, and resolvers that call the services as the routes do."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.graphql_loaders import rate
from backend.scaffold.rendering.graphql_types import (
    INFO,
    RowTypes,
    annotation,
    attribute,
    shown,
    told,
    without_unused_caller,
)
from backend.scaffold.rendering.handled import CREATES, Handled
from knowledge.blueprint.operations import Idempotency
from knowledge.blueprint.routes import RouteKind
from knowledge.formats.graphql.parts import Answered, Definition, Given, RootField

APART = "_"
"""How attributes end that are no part of the body of the route."""


def input_classes(types: RowTypes) -> Iterator[str]:
    """Inputs and payloads."""
    for one in types.contract.definitions:
        if one.inputs:
            yield f"@strawberry.input({told(one.description)})\nclass {one.name}:"
            for given in one.inputs:
                python, named = input_attribute(given)
                default = "" if given.type.endswith("!") else "default=strawberry.UNSET, "
                field = f"strawberry.field({default}{told(given.description)}{named})"
                yield f"    {python}: {annotation(given.type)} = {field}"
            yield ""
        elif one.role.endswith("_payload"):
            yield from _payload(one)


def input_attribute(given: Given) -> tuple[str, str]:
    """The attribute of a part of an input; what is no part of the body ends in an underscore."""
    body = given.key.startswith("body.")
    python = given.key.removeprefix("body.") if body else given.key + APART
    if not body:
        return python, f', name="{given.name}"'
    return attribute(given.name, python)


def _payload(one: Definition) -> Iterator[str]:
    yield f"@strawberry.type({told(one.description)})\nclass {one.name}:"
    for field in one.fields:
        if field.key == "query":
            yield f"\n    @strawberry.field({told(field.description)})"
            yield "    def query(self) -> Query | None:"
            yield "        return Query()"
        else:
            python, named = payload_attribute(field)
            yield f"    {python}: {annotation(field.type)} = strawberry.field({told(field.description)}{named})"
    yield ""


def payload_attribute(field: Answered) -> tuple[str, str]:
    """The attribute of what a mutation answers."""
    return f"{field.key}{APART}", f', name="{field.name}"'


def adapters(types: RowTypes) -> Iterator[str]:
    """What checks the bodies of writes."""
    seen = set()
    for one in types.contract.mutations:
        name = _schema(Handled(types.view(one.route.resource), one.route))
        if name and name not in seen:
            seen.add(name)
            yield f"{_constant(name)} = TypeAdapter({name})"


def _schema(handled: Handled) -> str:
    if handled.kind in CREATES:
        return handled.create_schema()
    return f"{handled.view.cls}Update" if handled.kind is RouteKind.UPDATE else ""


def _constant(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() and index else letter for index, letter in enumerate(name)).upper()


def mutation_fields(types: RowTypes) -> Iterator[str]:
    """The resolvers."""
    inputs = {one.name: one for one in types.contract.definitions if one.inputs}
    for one in types.contract.mutations:
        python, named = attribute(one.field.name, one.route.operation_id)
        yield f"    @strawberry.mutation({shown(one.field)}{named})"
        argument = f"Annotated[{one.input}, strawberry.argument({told('What is given.')})]"
        yield f"    async def {python}(self, {INFO}, input: {argument}) -> {one.payload} | None:"
        body = [f"        {line}" for line in _Writer(types, one, inputs[one.input]).statements()]
        yield from without_unused_caller(body)
        yield ""


class _Writer(Handled):
    """The resolver of a mutation."""

    def __init__(self, types: RowTypes, one: RootField, given: Definition) -> None:
        super().__init__(types.view(one.route.resource), one.route)
        self.one, self.given = one, given

    def statements(self) -> Iterator[str]:
        """Line by line."""
        operation = self.route.operation
        if limit := rate(self.view, operation):
            yield f"await info.context.count(rates.{limit})"
        yield "caller = info.context.caller" if operation.public else "caller = info.context.signed_in()"
        yield from self._create() if self.kind in CREATES else self._change()

    def _create(self) -> Iterator[str]:
        view, create = self.view, self.create
        if self.parent:
            yield f'parent = identified(input.parent_, "{self.given.inputs[0].name}")'
        yield "sent = body_of(input)"
        yield f"data = checked({_constant(self.create_schema())}, sent)"
        if self.only_roles():
            yield f"caller.require_role({role_arguments(self.route.operation.roles)})"
        if self.parent:
            yield f"await find_{self.parent.name}(info.context.database{self.parent.asks}, parent)"
            if self.route.relation == view.resource.owner:
                yield "if parent != caller.id:"
                yield "    raise ForbiddenError"
        arguments = ["connection", *(["caller"] if view.creator else []), "data"]
        for relation in view.split:
            mine = self.parent is not None and relation.name == self.route.relation
            arguments.append(f"{relation.column}={'parent' if mine else f'data.{relation.column}'}")
        keyed = create is not None and create.idempotency is not Idempotency.NONE
        key = ", key=optional(input.idempotency_key_)" if keyed else ""
        alone = "" if view.relations or view.emits("created") else ", statements=1"
        made = f"lambda connection: {view.plural}_service.create_{view.name}({', '.join(arguments)})"
        location = f'location="{view.blueprint.prefix}/{view.resource.path}"'
        yield f"row = await info.context.create({made}, sent, {location}{key}{alone})"
        yield from self._drop()
        yield f"return {self.one.payload}(row_={view.name}_of(row))"

    def _change(self) -> Iterator[str]:
        view = self.view
        yield f'row_id = identified(input.id_, "{self.given.inputs[0].name}")'
        match = ["match"] if view.locking and self.kind in (RouteKind.UPDATE, RouteKind.DELETE) else []
        if match:
            yield "match = etag_of_version(input.version_)"
        if self.kind is RouteKind.UPDATE:
            name, uses, more = f"update_{view.name}", view.updater, ["changes", *match]
            yield f"changes = checked({_constant(f'{view.cls}Update')}, body_of(input))"
        elif self.kind is RouteKind.DELETE:
            name, uses, more = f"delete_{view.name}", view.remover, match
        else:
            assert self.link is not None
            yield f'other_id = identified(input.other_, "{self.given.inputs[1].name}")'
            name, more = self.route.operation_id, ["other_id"]
            uses = view.linker(self.link) if self.kind is RouteKind.LINK else view.unlinker
        arguments = ", ".join(["connection", *(["caller"] if uses else []), "row_id", *more])
        call = f"await info.context.write(lambda connection: {view.plural}_service.{name}({arguments}))"
        if self.kind is RouteKind.UPDATE:
            yield f"row = {call}"
            yield from self._drop()
            yield f"return {self.one.payload}(row_={view.name}_of(row))"
            return
        yield call
        yield from self._drop()
        yield f"return {self.one.payload}(id_=strawberry.ID(str(row_id)))"

    def _drop(self) -> Iterator[str]:
        if names := self.dropped():
            listed = ", ".join(f'"{name}"' for name in names)
            yield f"await info.context.services.cache.invalidate({listed})"
