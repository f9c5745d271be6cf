"""Make up what a snippet needs to run: the tables, columns, types and roles that nothing in it creates.

Most SQL that is put up for review alters tables created long ago. From the syntax trees alone follows which
those are, which columns they have and roughly of what types. Functions and operators are not made up (except
for trigger functions, whose signature is always the same): their meaning is in their bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.identifiers import qualified, quoted
from knowledge.places import Places
from knowledge.statement import Statement
from knowledge.synthesis.rows import quote
from knowledge.synthesis.statements import need
from knowledge.synthesis.types import EXTENSION_FUNCTIONS, need_extensions
from knowledge.synthesis.world import World


@dataclass(frozen=True)
class Synthesis:
    """What to create before the text runs.

    ``extensions`` need the administrator, ``sql`` are statements for the guest, in order. ``assumptions`` says
    the same in words. ``tables`` holds the qualified names of the assumed tables.
    """

    extensions: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    tables: frozenset[str] = frozenset()
    places: Places = field(default_factory=Places)
    """Where the text made each object; what was made up has no place."""


def synthesize(statements: Sequence[Statement]) -> Synthesis:
    """Everything the statements use and do not create themselves."""
    world = World()
    world.foresee(statements)
    _follow_search_path(world, statements)
    created_extensions = set()
    for statement in statements:
        if statement.node is None:
            continue
        if statement.kind == "CreateExtensionStmt":
            created_extensions.add(statement.node.extname)
        need(world, statement.kind, statement.node)
        lowered = statement.sql.lower()
        need_extensions(world, [name for name in EXTENSION_FUNCTIONS if f"{name}(" in lowered])
        world.builder.apply(statement)
    for name in created_extensions:
        world.extensions.pop(name, None)
    _spread_types(world)
    return _synthesis(world)


def _follow_search_path(world: World, statements: Sequence[Statement]) -> None:
    """A search path set at the top of a file decides where unqualified names belong."""
    for statement in statements[:20]:
        if statement.kind == "VariableSetStmt" and statement.node is not None:
            world.builder.apply(statement)


def _spread_types(world: World) -> None:
    """Columns joined by a foreign key have one type and the same values."""
    for _ in range(2):
        for (own_table, own), (target_table, target) in world.links:
            ours = world.tables.get(own_table)
            theirs = world.tables.get(target_table)
            mine = ours.columns.get(own) if ours else None
            referenced = theirs.columns.get(target) if theirs else None
            if mine is None or referenced is None:
                continue
            if referenced.kind:
                mine.note(referenced.kind, certain=True)
            elif mine.kind:
                referenced.note(mine.kind, certain=True)
            mine.seeded_as = referenced.seeded_as or referenced.name


def _synthesis(world: World) -> Synthesis:
    sql: list[str] = []
    told: list[str] = []
    for name in world.roles:
        sql.append(_role(name))
        told.append(f"role {name} was assumed")
    for name in world.schemas:
        sql.append(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")
        told.append(f"schema {name} was assumed")
    for name in world.extensions:
        told.append(f"extension {name} was assumed")
    for name, labels in world.enums.items():
        listed = ", ".join(quote(label) for label in labels or {"assumed": None})
        sql.append(f"CREATE TYPE {_sql_name(name)} AS ENUM ({listed})")
        told.append(f"type {name} was assumed to be an enum of {listed}")
    for name in world.domains:
        sql.append(f"CREATE DOMAIN {_sql_name(name)} AS text")
        told.append(f"type {name} was assumed to hold text")
    for name in world.triggers:
        sql.append(
            f"CREATE FUNCTION {_sql_name(name)}() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$"
        )
        told.append(f"trigger function {name}() was assumed to do nothing")
    for table in world.tables.values():
        sql += table.create()
        told.append(table.describe())
    tables = frozenset((*world.tables, *world.aliases))
    return Synthesis(tuple(world.extensions), tuple(sql), tuple(told), tables, world.builder.places)


def _sql_name(name: str) -> str:
    schema, _, bare = name.rpartition(".")
    return qualified(schema, bare)


def _role(name: str) -> str:
    """A role is the cluster's, not the database's: another review may have made it already."""
    return (
        "DO $do$ BEGIN SET LOCAL createrole_self_grant = 'set, inherit';"
        f" CREATE ROLE {quoted(name)}; EXCEPTION WHEN duplicate_object THEN NULL; END $do$"
    )


__all__ = ["Synthesis", "synthesize"]
