"""The tables a blueprint asks for: the one source of the models and of the migrations.

Columns have no defaults in the database: the application sets every value itself. What is unique is always an index,
never a constraint, so that it can be partial (where rows are only marked as deleted) and be built without a lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

from knowledge.blueprint.checks.fields import MAX_VALUE
from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.identifiers import derived_name, link_table
from knowledge.blueprint.indexes import indexes
from knowledge.blueprint.model import Blueprint, OnDelete, Resource
from knowledge.blueprint.table import (
    BIGINT,
    TIMESTAMP,
    UUID,
    Check,
    Column,
    ColumnKind,
    ColumnType,
    ForeignKey,
    Index,
    IndexColumn,
    Table,
    foreign_column,
)
from knowledge.identifiers import quoted

SQLITE_KEYWORDS = frozenset(
    "add alter autoincrement commit delete drop escape index insert nothing raise set transaction update".split()
)
"""Need quotes in SQLite (https://www.sqlite.org/lang_keywords.html), not in PostgreSQL."""


def tables(blueprint: Blueprint) -> tuple[Table, ...]:
    """The tables of a blueprint without problems, in an order in which they can be made; links last.

    The platform's own are in :mod:`knowledge.blueprint.platform_tables`.
    """
    made = [_resource_table(blueprint, resource) for resource in blueprint.resources.values()]
    links = [
        _link_table(blueprint, resource, relation)
        for resource in blueprint.resources.values()
        for relation in resource.many_to_many
    ]
    return tuple(_apart((*_in_order(made), *links)))


def type_of(spec: FieldSpec) -> ColumnType:
    """The type of a field's column. Enums are strings as long as any value may be, so that values come and go."""
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        return ColumnType(ColumnKind.STRING, length=spec.longest)
    if spec.type is FieldType.ENUM:
        return ColumnType(ColumnKind.STRING, length=MAX_VALUE)
    if spec.type is FieldType.DECIMAL:
        return ColumnType(ColumnKind.DECIMAL, precision=spec.precision, scale=spec.scale)
    return ColumnType(
        {
            FieldType.INTEGER: ColumnKind.BIGINT,
            FieldType.BOOLEAN: ColumnKind.BOOLEAN,
            FieldType.DATETIME: ColumnKind.TIMESTAMP,
            FieldType.DATE: ColumnKind.DATE,
            FieldType.UUID: ColumnKind.UUID,
            FieldType.JSON: ColumnKind.JSON,
        }[spec.type]
    )


def _resource_table(blueprint: Blueprint, resource: Resource) -> Table:
    table = resource.table
    keys = tuple(
        ForeignKey(
            derived_name("fk", table, foreign_column(name)),
            foreign_column(name),
            blueprint.resources[relation.resource].table,
            relation.on_delete,
        )
        for name, relation in resource.belongs_to.items()
    )
    checks = tuple(
        Check(derived_name("ck", table, name), name, sql)
        for name, spec in resource.fields.items()
        if (sql := condition(name, spec))
    )
    return Table(
        table,
        resource.name,
        tuple(_columns(resource)),
        foreign_keys=keys,
        checks=checks,
        indexes=indexes(resource),
    )


def _columns(resource: Resource) -> Iterator[Column]:
    yield Column("id", UUID)
    if resource.tenant:
        yield Column("tenant_id", UUID)
    if resource.owner == "owner_id":
        yield Column("owner_id", UUID)
    for name, relation in resource.belongs_to.items():
        yield Column(foreign_column(name), UUID, nullable=not relation.required, field=name)
    for name, spec in resource.fields.items():
        yield Column(name, type_of(spec), nullable=not spec.required, field=name)
    if resource.optimistic_locking:
        yield Column("version", BIGINT)
    yield Column("created_at", TIMESTAMP)
    yield Column("updated_at", TIMESTAMP)
    if resource.soft_delete:
        yield Column("deleted_at", TIMESTAMP, nullable=True)


def condition(name: str, spec: FieldSpec) -> str:
    """What the values of a field's column have to meet, as SQL; empty where the type says it all."""
    column = f'"{name}"' if name in SQLITE_KEYWORDS else quoted(name)
    if spec.type is FieldType.ENUM:
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in spec.values)
        return f"{column} IN ({values})"
    bounds = []
    if spec.minimum is not None:
        bounds.append(f"{column} >= {_number(spec.minimum)}")
    if spec.maximum is not None:
        bounds.append(f"{column} <= {_number(spec.maximum)}")
    return " AND ".join(bounds)


def _number(value: float) -> str:
    """A bound as a SQL literal, never in scientific notation."""
    return str(int(value)) if value.is_integer() else f"{Decimal(str(value)):f}"


def _link_table(blueprint: Blueprint, resource: Resource, relation: str) -> Table:
    """Both keys together are the primary key; an index serves the other direction."""
    other = blueprint.resources[resource.many_to_many[relation].resource]
    table = link_table(resource, relation)
    near, far = foreign_column(resource.name), foreign_column(other.name)
    return Table(
        table,
        "",
        (Column(near, UUID), Column(far, UUID)),
        primary_key=(near, far),
        foreign_keys=tuple(
            ForeignKey(derived_name("fk", table, column), column, target, OnDelete.CASCADE)
            for column, target in ((near, resource.table), (far, other.table))
        ),
        indexes=(Index(derived_name("ix", table, far, near), (IndexColumn(far), IndexColumn(near))),),
    )


def _in_order(made: list[Table]) -> Iterator[Table]:
    """Each table after those it points to; keys that close a cycle are deferred."""
    left, done = list(made), set[str]()
    while left:
        table = min(left, key=lambda table: len(_missing(table, done)))
        left.remove(table)
        missing = _missing(table, done)
        yield replace(
            table,
            foreign_keys=tuple(replace(key, deferred=key.table in missing) for key in table.foreign_keys),
        )
        done.add(table.name)


def _missing(table: Table, done: set[str]) -> set[str]:
    return {key.table for key in table.foreign_keys} - done - {table.name}


def _apart(made: tuple[Table, ...]) -> Iterator[Table]:
    """Index names told apart: a database has one name for all of its tables' indexes, and joined words may meet."""
    taken: set[str] = set()
    for table in made:
        named = []
        for index in table.indexes:
            name = index.name
            if name in taken:
                parts = "/".join((table.name, *(column.name for column in index.columns)))
                name = f"{name[:54]}_{sha256(parts.encode()).hexdigest()[:8]}"
            taken.add(name)
            named.append(replace(index, name=name))
        yield replace(table, indexes=tuple(named))
