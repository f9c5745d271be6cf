"""The schemas of a resource: a row, a row in a list, what a create and an update take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.table import foreign_column
from knowledge.formats.openapi.values import JsonSchema, sent, shown, uuid

MOMENT: JsonSchema = {"type": "string", "format": "date-time"}


def reference(name: str) -> JsonSchema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas_of(blueprint: Blueprint, resource: Resource) -> Iterator[tuple[str, JsonSchema]]:
    """Name and schema of all that the operations of a resource speak of."""
    name, offered = resource.class_name, resource.operations
    yield name, row(resource)
    if embedded(resource):
        yield f"{name}ListItem", list_item(blueprint, resource)
    if offered.create:
        yield f"{name}Create", create(resource)
        for relation in split(resource):
            parent = blueprint.resources[resource.belongs_to[relation].resource]
            yield f"{parent.class_name}{name}Create", create(resource, without=relation)
    if offered.update:
        yield f"{name}Update", update(resource)


def row(resource: Resource) -> JsonSchema:
    """A row as answers show it; everything in it is always there."""
    fields: JsonSchema = {"id": uuid()}
    if resource.owner == "owner_id":
        fields["owner_id"] = uuid()
    fields |= {foreign_column(name): _key(resource, name) for name in resource.belongs_to}
    fields |= {name: shown(spec) for name, spec in resource.fields.items() if not spec.write_only}
    if resource.optimistic_locking:
        fields["version"] = {"type": "integer"}
    fields |= {"created_at": dict(MOMENT), "updated_at": dict(MOMENT)}
    what = resource.description or f"{resource.spoken_with_article}.".capitalize()
    return {"type": "object", "description": what, "properties": fields, "required": list(fields)}


def list_item(blueprint: Blueprint, resource: Resource) -> JsonSchema:
    """A row in a list, with the rows it belongs to beside it."""
    whole = row(resource)
    for name in embedded(resource):
        relation = resource.belongs_to[name]
        other = reference(blueprint.resources[relation.resource].class_name)
        whole["properties"][name] = other if relation.required else {"anyOf": [other, {"type": "null"}]}
    return {
        **whole,
        "description": f"{resource.spoken_with_article.capitalize()} in a list, with what it belongs to.",
        "required": list(whole["properties"]),
    }


def create(resource: Resource, without: str = "") -> JsonSchema:
    """The body of a create; ``without`` names the relation that the path gives."""
    names = [name for name in resource.belongs_to if name not in (resource.owner, without)]
    fields: JsonSchema = {foreign_column(name): _key(resource, name) for name in names}
    required = [foreign_column(name) for name in names if resource.belongs_to[name].required]
    for name, spec in resource.fields.items():
        if spec.read_only:
            continue
        fields[name] = sent(spec)
        if spec.default is not None:  # decimals travel as text
            as_text = spec.type is FieldType.DECIMAL
            fields[name]["default"] = str(spec.default) if as_text else spec.default
        if spec.required and spec.default is None:
            required.append(name)
    return _body(fields, f"A new {resource.spoken}.", required)


def update(resource: Resource) -> JsonSchema:
    """The body of an update; what is left out stays as it is."""
    names = [
        name for name, relation in resource.belongs_to.items() if name != resource.owner and not relation.immutable
    ]
    fields: JsonSchema = {foreign_column(name): _key(resource, name) for name in names}
    fields |= {name: sent(spec) for name, spec in resource.fields.items() if not spec.read_only and not spec.immutable}
    return _body(fields, f"Changes of {resource.spoken_with_article}; what is left out stays as it is.", [])


def embedded(resource: Resource) -> tuple[str, ...]:
    """The relations whose rows come along in lists."""
    return resource.operations.list.embed if resource.operations.list else ()


def split(resource: Resource) -> tuple[str, ...]:
    """The relations that the path of a nested create gives instead of the body."""
    return tuple(name for name, relation in resource.belongs_to.items() if relation.nested and name != resource.owner)


def _body(fields: JsonSchema, description: str, required: list[str]) -> JsonSchema:
    demanded: dict[str, Any] = {"required": required} if required else {}
    return {
        "type": "object",
        "description": description,
        "properties": fields,
        **demanded,
        "additionalProperties": False,
    }


def _key(resource: Resource, name: str) -> JsonSchema:
    relation = resource.belongs_to[name]
    schema = uuid() if relation.required else {"anyOf": [uuid(), {"type": "null"}]}
    return {**schema, "description": relation.description} if relation.description else schema
