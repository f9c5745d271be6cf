"""The writes of a blueprint as mutations: one input each, and a payload that leads back to the queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.model import BelongsTo, Blueprint, Resource
from knowledge.blueprint.operations import CreateOperation, Idempotency
from knowledge.blueprint.routes import Route, RouteKind
from knowledge.formats.graphql.document import TypeKind
from knowledge.formats.graphql.naming import TypeNames, apart, camel, pascal
from knowledge.formats.graphql.parts import Answered, Definition, Given, RootField
from knowledge.formats.graphql.rows import Types, a, left

_WRITES = {
    RouteKind.CREATE: "create",
    RouteKind.NESTED_CREATE: "create",
    RouteKind.UPDATE: "update",
    RouteKind.DELETE: "delete",
    RouteKind.LINK: "link",
    RouteKind.UNLINK: "link",
}
NOTHING = Given("clientMutationId", "String", "client_mutation_id", "Any text of your own; nothing is done with it.")
"""Of an input that would otherwise have no field, which no input may (GraphQL specification, section 3.10)."""
QUERY = Answered("query", "Query", "query", "Whatever else is to be fetched, after the change.")


@dataclass(frozen=True)
class Mutations:
    """The fields of Mutation, and the types made for them."""

    fields: tuple[RootField, ...]
    definitions: tuple[Definition, ...]


def mutations(blueprint: Blueprint, names: TypeNames, types: Types, all_routes: Iterable[Route]) -> Mutations:
    """Every route that writes, as a mutation."""
    fields, definitions = [], []
    for route in all_routes:
        if route.kind not in _WRITES:
            continue
        resource = blueprint.resources[route.resource]
        base = pascal(route.operation_id)
        taken, answered = names.made(f"{base}Input"), names.made(f"{base}Payload")
        told = _told(blueprint, route)
        inputs = _named(_inputs(blueprint, types, route)) or (NOTHING,)
        role = _WRITES[route.kind]
        said = f"What {camel(route.operation_id)} is given."
        definitions.append(Definition(TypeKind.INPUT, taken, said, f"{role}_input", resource.name, inputs=inputs))
        shown = (*_payload(names, resource, route), QUERY)
        said = f"What {camel(route.operation_id)} answers."
        definitions.append(Definition(TypeKind.OBJECT, answered, said, f"{role}_payload", resource.name, shown))
        argument = Given("input", f"{taken}!", "input", "What is given.")
        field = Answered(camel(route.operation_id), answered, role, told, (argument,), deprecated=left(route.operation))
        fields.append(RootField(field, route, taken, answered))
    return Mutations(tuple(fields), tuple(definitions))


def _told(blueprint: Blueprint, route: Route) -> str:
    resource = blueprint.resources[route.resource]
    one = a(resource)
    if route.kind is RouteKind.CREATE:
        return f"Make {one}."
    if route.kind is RouteKind.NESTED_CREATE:
        return f"Make {one} of {a(blueprint.resources[route.other])}."
    if route.kind is RouteKind.UPDATE:
        return f"Change the given fields of {one}."
    if route.kind is RouteKind.DELETE:
        return f"Delete {one}."
    said = route.relation.replace("_", " ")
    return f"Add to the {said} of {one}." if route.kind is RouteKind.LINK else f"Take away from the {said} of {one}."


def _named(inputs: Iterable[Given]) -> tuple[Given, ...]:
    made = list(inputs)
    names = apart((str(index), one.name) for index, one in enumerate(made))
    return tuple(replace(one, name=names[str(index)]) for index, one in enumerate(made))


def _inputs(blueprint: Blueprint, types: Types, route: Route) -> Iterator[Given]:
    resource = blueprint.resources[route.resource]
    if route.kind in (RouteKind.CREATE, RouteKind.NESTED_CREATE):
        yield from _create(blueprint, types, route, resource)
        return
    if route.kind in (RouteKind.LINK, RouteKind.UNLINK):
        other = blueprint.resources[route.other]
        yield Given(camel(resource.id_parameter), "ID!", "id", f"{a(resource).capitalize()}.")
        yield Given(camel(other.id_parameter), "ID!", "other", f"{a(other).capitalize()}.")
        return
    yield Given("id", "ID!", "id", f"Of the {resource.name.replace('_', ' ')}.")
    if resource.optimistic_locking:
        yield Given("version", "Int!", "version", "The version the change is made to.")
    if route.kind is RouteKind.UPDATE:
        for name, relation in resource.belongs_to.items():
            if not relation.immutable and name != resource.owner:
                yield _relation(name, relation, optional=True)
        for name, spec in resource.fields.items():
            if not spec.read_only and not spec.immutable:
                yield _field(types, resource, name, spec, optional=True)


def _create(blueprint: Blueprint, types: Types, route: Route, resource: Resource) -> Iterator[Given]:
    nested = route.kind is RouteKind.NESTED_CREATE
    if nested:
        parent = blueprint.resources[route.other]
        yield Given(camel(parent.id_parameter), "ID!", "parent", f"{a(parent).capitalize()}.")
    for name, relation in resource.belongs_to.items():
        if name != resource.owner and not (nested and name == route.relation):
            yield _relation(name, relation, optional=False)
    for name, spec in resource.fields.items():
        if not spec.read_only:
            yield _field(types, resource, name, spec, optional=False)
    create = route.operation
    if isinstance(create, CreateOperation) and create.idempotency is not Idempotency.NONE:
        mark = "!" * (create.idempotency is Idempotency.REQUIRED)
        told = "Any text of your own; sent again with the same it is answered as the first time."
        yield Given("idempotencyKey", f"String{mark}", "idempotency_key", told)


def _relation(name: str, relation: BelongsTo, *, optional: bool) -> Given:
    mark = "" if optional or not relation.required else "!"
    told = relation.description or f"The {name.replace('_', ' ')}."
    return Given(camel(f"{name}_id"), f"ID{mark}", f"body.{name}_id", told)


def _field(types: Types, resource: Resource, name: str, spec: FieldSpec, *, optional: bool) -> Given:
    needed = spec.required and spec.default is None and not optional
    told = spec.description or f"The {name.replace('_', ' ')}."
    return Given(camel(name), types.of(resource, name) + "!" * needed, f"body.{name}", told)


def _payload(names: TypeNames, resource: Resource, route: Route) -> Iterator[Answered]:
    if route.kind in (RouteKind.LINK, RouteKind.UNLINK):
        yield Answered("id", "ID", "id", f"{a(resource).capitalize()}.")
    elif route.kind is RouteKind.DELETE:
        yield Answered("id", "ID", "id", f"Of the {resource.name.replace('_', ' ')} that is gone.")
    else:
        yield Answered(camel(resource.name), names.rows[resource.name], "row", f"{a(resource).capitalize()}.")
