"""What is written is read back as the same schema: of the examples and of random blueprints, in every format."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from data_formats_catalog import EXAMPLES, example
from hypothesis import given, settings

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.tables import tables
from knowledge.blueprint_from_schema import to_blueprint
from knowledge.blueprint_schema import schema_of
from knowledge.formats.drizzle import read_drizzle, write_drizzle
from knowledge.formats.models.reading import ReadModels
from knowledge.formats.mongodb import read_mongodb, write_mongodb
from knowledge.formats.mongodb.validator import ids_name
from knowledge.formats.prisma import read_prisma, write_prisma
from knowledge.formats.sqlalchemy_models import read_sqlalchemy, write_sqlalchemy
from knowledge.report import Location
from knowledge.schema import Column, Relation, Schema

sys.path.insert(0, str(Path(__file__).parents[1] / "blueprint"))
from blueprint_strategies import DRAWN, blueprints


def plain(schema: Schema) -> Schema:
    """The schema without places, in an order that does not depend on who wrote it."""
    return replace(schema, tables=tuple(_plain(table) for table in schema.tables))


def _plain(table: Relation) -> Relation:
    return replace(
        table,
        location=Location(),
        constraints=tuple(sorted(table.constraints, key=lambda each: each.name)),
        indexes=tuple(sorted(table.indexes, key=lambda each: each.name)),
    )


def without_checks(schema: Schema) -> Schema:
    """What Prisma has words for."""
    kept = [
        replace(table, constraints=tuple(each for each in table.constraints if each.kind != "check"))
        for table in schema.tables
    ]
    return replace(schema, tables=tuple(kept))


def understood(found: ReadModels) -> Schema:
    """The schema, when all of it was understood and every table and column has a place."""
    assert found.problems == ()
    for table in found.schema.tables:
        assert found.places[table.qualified].line > 0
        assert all(found.places[f"{table.qualified}.{column.name}"].line > 0 for column in table.columns)
    return plain(found.schema)


def returns(blueprint: Blueprint) -> None:
    """Write and read in every format."""
    schema = plain(schema_of(tables(blueprint)))
    prisma = understood(read_prisma(write_prisma(blueprint)["prisma/schema.prisma"], "schema.prisma"))
    assert prisma == without_checks(schema)
    drizzle = write_drizzle(blueprint)
    assert understood(read_drizzle(drizzle["postgres/schema.ts"], "schema.ts")) == schema
    lite = understood(read_drizzle(drizzle["sqlite/schema.ts"], "schema.ts"))
    assert untyped(lite) == untyped(schema)
    assert understood(read_sqlalchemy(write_sqlalchemy(blueprint)["database/models.py"], "models.py")) == schema
    mongodb = read_mongodb(write_mongodb(blueprint)["mongodb/collections.js"], "collections.js")
    assert mongodb.problems == ()
    assert documents(mongodb.schema) == expected_documents(blueprint, schema)


def untyped(schema: Schema) -> Schema:
    """The schema without the types of its columns: SQLite has four."""
    tables = [
        replace(table, columns=tuple(replace(column, type="") for column in table.columns)) for table in schema.tables
    ]
    return replace(schema, tables=tuple(tables))


Documents = dict[str, tuple[frozenset[Column], frozenset[tuple[str, str]], frozenset[tuple[object, ...]]]]


def documents(schema: Schema) -> Documents:
    """Of each collection: columns, references, indexes."""
    return {
        table.name: (
            frozenset(table.columns),
            frozenset((each.columns[0], each.target) for each in table.constraints_of("foreign")),
            frozenset((each.name, each.columns, each.unique) for each in table.indexes if not each.primary),
        )
        for table in schema.tables
    }


def expected_documents(blueprint: Blueprint, schema: Schema) -> Documents:
    """The tables as collections: ``_id``, decimals without digits, and ids in place of tables of pairs."""
    made: Documents = {}
    for table, relation in zip(tables(blueprint), schema.tables, strict=True):
        if not table.resource:
            continue
        resource = blueprint.resources[table.resource]
        columns = {_document(column, resource.fields.get(column.name) is not None) for column in relation.columns}
        listed = [column for column in relation.columns if (spec := resource.fields.get(column.name)) and spec.values]
        columns -= {_document(column, True) for column in listed}
        columns |= {replace(column, type="text") for column in listed}
        columns |= {Column(ids_name(link), "jsonb", nullable=False) for link in resource.many_to_many}
        indexes = {
            (each.name, tuple("_id" if name == "id" else name for name in each.columns), each.unique)
            for each in relation.indexes
            if not each.primary
        }
        indexes |= {(f"ix_{table.name}_{ids_name(link)}", (ids_name(link),), False) for link in resource.many_to_many}
        keys = {(each.columns[0], each.target) for each in relation.constraints_of("foreign")}
        made[table.name] = (frozenset(columns), frozenset(keys), frozenset(indexes))
    return made


def _document(column: Column, field: bool) -> Column:
    kind = "numeric" if column.type.startswith("numeric") else column.type
    return replace(column, name="_id" if column.name == "id" and not field else column.name, type=kind)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_read_as_they_were_written(name: str) -> None:
    returns(example(name))


@settings(DRAWN, max_examples=40)
@given(blueprints())
def test_random_blueprints_are_read_as_they_were_written(blueprint: Blueprint) -> None:
    returns(blueprint)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_read_becomes_a_blueprint_with_the_same_tables(name: str) -> None:
    read = read_drizzle(write_drizzle(example(name))["postgres/schema.ts"]).schema
    found, notes = to_blueprint(read, [table.qualified for table in read.tables])
    assert notes == ()
    assert [table.columns for table in tables(found)] == [table.columns for table in tables(example(name))]
