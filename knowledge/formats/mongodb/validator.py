"""``$jsonSchema`` validators of a blueprint's documents.

Keywords: https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/ (draft 4, with ``bsonType``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.table import Column, ColumnKind, Table
from knowledge.blueprint_from_schema.naming import singular_of
from knowledge.document_model import Decision, DocumentModel, Placement
from knowledge.formats.models.graph import Model
from knowledge.formats.openapi.values import PATTERNS

Document = dict[str, Any]

UUID_TITLE: Final = "UUID"
"""Of ``binData``: subtype 4, which no keyword can demand."""
DATE_PATTERN: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
"""Days are text: BSON has moments only, and a day is another one in another time zone."""


def validators(blueprint: Blueprint, made: Mapping[str, Model], model: DocumentModel) -> dict[str, Document]:
    """The schema of each collection by name; pairs of many-to-many relations included where they need a collection."""
    found: dict[str, Document] = {}
    for table, each in made.items():
        if each.resource is not None and each.resource.name not in model.embedded:
            found[table] = _collection(blueprint, each, each.resource, made, model)
    for each in made.values():
        for link in each.links:
            assert each.resource is not None
            if model.of(each.resource.name, link.name).placement is Placement.PAIRS:
                found[link.through] = _pairs(made[link.through].table)
    return found


def ids_name(relation: str) -> str:
    """What the ids of a many-to-many relation are called: ``tags`` -> ``tag_ids``."""
    return f"{singular_of(relation)}_ids"


def _collection(
    blueprint: Blueprint, model: Model, resource: Resource, made: Mapping[str, Model], decisions: DocumentModel
) -> Document:
    properties, required = _columns(model, resource)
    for link in model.links:
        if decisions.of(resource.name, link.name).placement is Placement.IDS:
            name = ids_name(link.name)
            items = {"bsonType": "binData", "title": UUID_TITLE}
            properties[name] = {
                "bsonType": "array",
                "title": f"{link.far.target}._id",
                "uniqueItems": True,
                "items": items,
            }
            required.append(name)
    for child in model.incoming:
        source = made[child.source]
        if source.resource is None:
            continue
        decision = decisions.of(source.resource.name, child.name)
        if decision.placement is Placement.EMBED:
            properties[child.reverse] = _embedded(source, source.resource, child.key.column, decision)
            if decision.most != 1:
                required.append(child.reverse)
    described = {"description": resource.description} if resource.description else {}
    return {
        "bsonType": "object",
        **described,
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def _embedded(model: Model, resource: Resource, parent: str, decision: Decision) -> Document:
    """Rows of a resource within their parent: a list, or one document where there is one at most."""
    properties, required = _columns(model, resource, without=parent)
    one = {
        "bsonType": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }
    if decision.most == 1:
        return one
    return {"bsonType": "array", "maxItems": decision.most, "items": one}


def _columns(model: Model, resource: Resource, without: str = "") -> tuple[dict[str, Document], list[str]]:
    properties: dict[str, Document] = {}
    required = []
    for column in model.table.columns:
        if column.name == without:
            continue
        name = "_id" if column.name == "id" else column.name
        spec = resource.fields.get(column.field)
        reference = model.reference(column.name)
        properties[name] = value_schema(column, spec)
        if reference is not None:
            properties[name]["title"] = f"{reference.target}._id"
        if spec is not None and spec.description:
            properties[name]["description"] = spec.description
        if not column.nullable or name == "deleted_at":  # the live rows of partial indexes say deleted_at: null
            required.append(name)
    return properties, required


def value_schema(column: Column, spec: FieldSpec | None) -> Document:
    """What a value may be."""
    found = _typed(column, spec)
    if column.nullable:
        if "bsonType" in found:
            found["bsonType"] = (
                [found["bsonType"], "null"] if isinstance(found["bsonType"], str) else [*found["bsonType"], "null"]
            )
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    elif column.type.kind is ColumnKind.JSON:
        found["not"] = {"bsonType": "null"}
    return found


def _typed(column: Column, spec: FieldSpec | None) -> Document:
    match column.type.kind:
        case ColumnKind.UUID:
            return {"bsonType": "binData", "title": UUID_TITLE}
        case ColumnKind.BIGINT:
            return {"bsonType": ["int", "long"], **_bounds(spec)}
        case ColumnKind.DECIMAL:
            return {"bsonType": "decimal", **_bounds(spec)}
        case ColumnKind.BOOLEAN:
            return {"bsonType": "bool"}
        case ColumnKind.TIMESTAMP:
            return {"bsonType": "date"}
        case ColumnKind.DATE:
            return {"bsonType": "string", "pattern": DATE_PATTERN}
        case ColumnKind.JSON:
            return {}
    return {"bsonType": "string", **_text(column, spec)}


def _text(column: Column, spec: FieldSpec | None) -> Document:
    if spec is not None and spec.type is FieldType.ENUM:
        return {"enum": list(spec.values)}
    found: Document = {"maxLength": column.type.length}
    if spec is not None and spec.min_length:
        found["minLength"] = spec.min_length
    if spec is not None:
        found["pattern"] = PATTERNS[spec.format]
    return found


def _bounds(spec: FieldSpec | None) -> Document:
    if spec is None:
        return {}
    bounds = {"minimum": spec.minimum, "maximum": spec.maximum}
    return {name: int(value) if value.is_integer() else value for name, value in bounds.items() if value is not None}


def _pairs(table: Table) -> Document:
    """A collection of pairs: each has an id of its own, and a unique index on both ends."""
    properties: dict[str, Document] = {"_id": {"bsonType": ["objectId", "binData"]}}
    for key in table.foreign_keys:
        properties[key.column] = {"bsonType": "binData", "title": f"{key.table}._id"}
    return {
        "bsonType": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }
