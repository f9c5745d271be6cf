"""Columns a backend keeps itself: the key, the tenant, the owner, the version, and when a row was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.blueprint_from_schema.field_types import moment
from knowledge.blueprint_from_schema.naming import singular_of, snake
from knowledge.blueprint_from_schema.notes import Notes
from knowledge.schema import Column, Relation

_MOMENTS = {
    "created": ("created_at", "inserted_at", "created_on", "date_created", "created"),
    "updated": ("updated_at", "modified_at", "updated_on", "date_updated", "updated", "modified"),
    "deleted": ("deleted_at", "removed_at", "deleted_on", "date_deleted", "deleted"),
}
_VERSIONS = ("version", "lock_version", "row_version")
_WHOLE = ("smallint", "integer", "int", "bigint")


@dataclass(frozen=True)
class Roles:
    """Names of the columns that become no fields; empty where a table has none of the kind."""

    key: str = ""
    tenant: str = ""
    owner: str = ""
    version: str = ""
    created: str = ""
    updated: str = ""
    deleted: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """All of them."""
        kept = (self.key, self.tenant, self.owner, self.version, self.created, self.updated, self.deleted)
        return frozenset(kept) - {""}


def roles_of(table: Relation, notes: Notes) -> Roles:
    """Who is who among the columns; what the blueprint calls or types otherwise is noted."""
    by_name = {snake(column.name): column for column in reversed(table.columns)}
    moments = {role: _moment(by_name, role) for role in _MOMENTS}
    version = next((by_name[name] for name in _VERSIONS if name in by_name and _is_version(by_name[name])), None)
    found = Roles(
        key=_key(table),
        tenant=by_name["tenant_id"].name if "tenant_id" in by_name else "",
        owner=by_name["owner_id"].name if "owner_id" in by_name else "",
        version=version.name if version else "",
        **moments,
    )
    for subject, text in _differences(table, found):
        notes.add(subject, text)
    return found


def _moment(by_name: dict[str, Column], role: str) -> str:
    for name in _MOMENTS[role]:
        column = by_name.get(name)
        if column is not None and moment(column.type) and (role != "deleted" or column.nullable):
            return column.name
    return ""


def _is_version(column: Column) -> bool:
    return column.type.lower() in _WHOLE and not column.nullable


def _key(table: Relation) -> str:
    """The one column that only tells rows apart, not one that says something of them."""
    key = table.primary_key
    if len(key) != 1 or any(constraint.columns == key for constraint in table.constraints_of("foreign")):
        return ""
    name, own = snake(key[0]), singular_of(snake(table.name))
    column = table.column(key[0])
    counted = column is not None and (column.identity or column.sequence or column.type.lower() == "uuid")
    return key[0] if counted or name in ("id", "uuid", "guid", f"{own}_id", f"{own}_uuid") else ""


def _differences(table: Relation, found: Roles) -> Iterator[tuple[str, str]]:
    key = table.column(found.key)
    if key is None:
        told = f"its key ({', '.join(table.primary_key)})" if table.primary_key else "it has no primary key"
        yield table.qualified, f"{told}; rows get an id, a UUID, of their own"
    elif key.type.lower() != "uuid":
        yield f"{table.qualified}.{key.name}", f"the key is {key.type}; ids of a blueprint are UUIDs"
    names = {
        "id": found.key,
        "tenant_id": found.tenant,
        "owner_id": found.owner,
        "version": found.version,
        "created_at": found.created,
        "updated_at": found.updated,
        "deleted_at": found.deleted,
    }
    for wanted, name in names.items():
        if name and name != wanted:
            yield f"{table.qualified}.{name}", f"is called {wanted} here"
    for wanted in ("created_at", "updated_at"):
        if not names[wanted]:
            yield table.qualified, f"has no {wanted}, which every resource gets"
    for name in (found.tenant, found.owner):
        column = table.column(name)
        if column is not None and column.type.lower() != "uuid":
            yield f"{table.qualified}.{name}", f"is {column.type}; the blueprint takes a UUID from the caller's token"
        if column is not None and column.nullable:
            yield f"{table.qualified}.{name}", "may be null; the blueprint always has a value"
