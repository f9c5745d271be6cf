"""Indexes of a blueprint's collections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.blueprint.table import Column, ColumnKind, Index, Table
from knowledge.document_model import DocumentModel, Placement
from knowledge.formats.models.graph import Model
from knowledge.formats.mongodb.validator import ids_name

_BSON = {
    ColumnKind.UUID: "binData",
    ColumnKind.BIGINT: "number",
    ColumnKind.DECIMAL: "number",
    ColumnKind.BOOLEAN: "bool",
    ColumnKind.TIMESTAMP: "date",
}


@dataclass(frozen=True)
class CollectionIndex:
    """An index: keys with 1 or -1, and its options."""

    collection: str
    keys: Mapping[str, int]
    options: Mapping[str, Any]


def collection_indexes(made: Mapping[str, Model], model: DocumentModel) -> list[CollectionIndex]:
    """All of them, collection by collection."""
    found: list[CollectionIndex] = []
    for table, each in made.items():
        if each.resource is None:
            continue
        decision = model.embedded.get(each.resource.name)
        if decision is not None:
            parent = next(
                reference for reference in each.references if reference.name == decision.relation.split(".")[1]
            )
            prefix = f"{parent.reverse}."
            found += _within(parent.target, each.table, parent.key.column, prefix)
            continue
        found += [_plain(table, each.table, index) for index in each.table.indexes]
        for link in each.links:
            found.append(_link(each, link.name, made[link.through].table, model))
    return found


def _plain(collection: str, table: Table, index: Index, prefix: str = "") -> CollectionIndex:
    keys = {
        prefix + ("_id" if part.name == "id" else part.name): -1 if part.descending else 1 for part in index.columns
    }
    options: dict[str, Any] = {"name": index.name}
    if index.unique:
        options["unique"] = True
    partial = _partial(table, index)
    return CollectionIndex(collection, keys, {**options, **({"partialFilterExpression": partial} if partial else {})})


def _partial(table: Table, index: Index) -> dict[str, Any]:
    """Rows an index is of: the live ones, and of a unique one those with values, since null is a value here."""
    found: dict[str, Any] = {"deleted_at": None} if index.where else {}
    if index.unique:
        for part in index.columns:
            column = table.column(part.name)
            if column.nullable:
                found[column.name] = {"$type": _type(column)}
    return found


def _type(column: Column) -> str:
    return _BSON.get(column.type.kind, "string")


def _within(collection: str, table: Table, parent: str, prefix: str) -> Iterator[CollectionIndex]:
    """Indexes of embedded rows that do not begin with their parent: its own document is found by its id.

    None of them is unique: an index tells documents apart, not the rows within one.
    """
    for index in table.indexes:
        first = next((part for part in index.columns if part.name != "tenant_id"), None)
        if first is None or index.unique or first.name in (parent, "created_at"):
            continue
        keys = tuple(part for part in index.columns if part.name not in ("tenant_id", "created_at", "id"))
        if keys:
            yield _plain(collection, table, Index(index.name, keys), prefix)


def _link(each: Model, relation: str, through: Table, model: DocumentModel) -> CollectionIndex:
    assert each.resource is not None
    if model.of(each.resource.name, relation).placement is Placement.IDS:
        name = ids_name(relation)
        return CollectionIndex(each.table.name, {name: 1}, {"name": f"ix_{each.table.name}_{name}"})
    keys = dict.fromkeys(through.primary_key, 1)
    return CollectionIndex(through.name, keys, {"name": through.primary_key_name, "unique": True})
