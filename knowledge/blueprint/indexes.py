"""The indexes of a resource's table: each serves a statement the API makes, and none is the beginning of another."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.fields import FieldType
from knowledge.blueprint.identifiers import derived_name
from knowledge.blueprint.model import Resource
from knowledge.blueprint.table import LIVE, Index, IndexColumn, column_of, foreign_column

NEWEST_FIRST = (IndexColumn("created_at", descending=True), IndexColumn("id", descending=True))
"""The default order of lists."""


def indexes(resource: Resource) -> tuple[Index, ...]:
    """Unique ones first, then those of lists, relations, filters and orders."""
    unique = list(_unique(resource))
    found = {index.columns: index for index in reversed(list(_plain(resource)))}  # the first of two alike stays
    plain = [index for index in reversed(found.values()) if not _served(index, [*unique, *found.values()])]
    return (*unique, *plain)


def _served(index: Index, others: list[Index]) -> bool:
    """Whether another index begins with all of this one's columns, for the same rows."""
    length = len(index.columns)
    return any(
        other.columns[:length] == index.columns and other.where in ("", index.where)
        for other in others
        if other is not index
    )


def _unique(resource: Resource) -> Iterator[Index]:
    groups = [(name,) for name, spec in resource.fields.items() if spec.unique]
    for group in (*groups, *resource.unique):
        columns = [column_of(resource, name) for name in group]
        name = derived_name("uq", resource.table, *columns)
        parts = tuple(IndexColumn(column) for column in (*_tenant(resource), *columns))
        yield Index(name, parts, unique=True, where=_where(resource))


def _plain(resource: Resource) -> Iterator[Index]:
    listing = resource.operations.list
    for name in resource.belongs_to:
        yield _index(resource, (IndexColumn(foreign_column(name)), *(NEWEST_FIRST if _walked(resource, name) else ())))
    if listing is None:
        return
    if listing.owner and resource.owner == "owner_id":
        yield _index(resource, (IndexColumn("owner_id"), *NEWEST_FIRST), _where(resource))
    if set(listing.access) <= {"owner"}:
        return  # lists are as short as what one caller owns
    first = tuple(IndexColumn(column) for column in _tenant(resource))
    yield _index(resource, (*first, *NEWEST_FIRST), _where(resource))
    for name in listing.filter:
        if name in resource.fields and _selective(resource, name):
            yield _index(resource, (*first, IndexColumn(name), *NEWEST_FIRST), _where(resource))
    for name in listing.sort:
        if not resource.fields[name].unique:
            yield _index(resource, (*first, IndexColumn(name), IndexColumn("id")), _where(resource))


def _walked(resource: Resource, relation: str) -> bool:
    """Whether rows of one parent are listed."""
    listing = resource.operations.list
    if listing is None:
        return False
    owned = listing.owner and resource.owner == relation
    return owned or relation in listing.filter or resource.belongs_to[relation].nested


def _selective(resource: Resource, name: str) -> bool:
    """Whether an index helps to filter: half of all rows are found as fast by walking the list."""
    spec = resource.fields[name]
    return not spec.unique and spec.type is not FieldType.BOOLEAN


def _tenant(resource: Resource) -> tuple[str, ...]:
    return ("tenant_id",) if resource.tenant else ()


def _where(resource: Resource) -> str:
    return LIVE if resource.soft_delete else ""


def _index(resource: Resource, columns: tuple[IndexColumn, ...], where: str = "") -> Index:
    return Index(derived_name("ix", resource.table, *(column.name for column in columns)), columns, where=where)
