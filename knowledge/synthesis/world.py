"""Follow a script and collect everything it uses that nothing in it creates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from knowledge.ddl import enum_name, strings
from knowledge.derivation import SchemaBuilder
from knowledge.statement import Statement
from knowledge.synthesis.tables import AssumedTable
from knowledge.synthesis.uses import Name, Scope, Use, hinted, uses

SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_CREATES_TYPE = frozenset({"CreateEnumStmt", "CompositeTypeStmt", "CreateRangeStmt", "CreateDomainStmt"})


@dataclass
class World:
    """What the script made so far, and what had to be there before it."""

    builder: SchemaBuilder = field(default_factory=SchemaBuilder)
    tables: dict[str, AssumedTable] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Assumed tables under the names the script gave them later."""
    later: set[str] = field(default_factory=set)
    """Tables that the script creates at some point: using them earlier is the script's own mistake."""
    types: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    schemas: dict[str, None] = field(default_factory=dict)
    enums: dict[str, dict[str, None]] = field(default_factory=dict)
    domains: dict[str, None] = field(default_factory=dict)
    extensions: dict[str, None] = field(default_factory=dict)
    roles: dict[str, None] = field(default_factory=dict)
    triggers: dict[str, None] = field(default_factory=dict)
    links: list[tuple[tuple[str, str], tuple[str, str]]] = field(default_factory=list)
    """Columns that a foreign key joins, as (table, column) pairs."""

    def foresee(self, statements: Iterable[Statement]) -> None:
        """Look ahead: which tables, types and functions the script creates itself."""
        for statement in statements:
            node, kind = statement.node, statement.kind
            if node is None:
                continue
            if kind == "CreateStmt":
                self.later.add(self.builder.name_of(node.relation))
            elif kind == "CreateTableAsStmt":
                self.later.add(self.builder.name_of(node.into.rel))
            elif kind == "ViewStmt":
                self.later.add(self.builder.name_of(node.view))
            elif kind in _CREATES_TYPE:
                names = node.domainname if kind == "CreateDomainStmt" else None
                if kind == "CompositeTypeStmt":
                    self.types.add(node.typevar.relname)
                else:
                    self.types.add(strings(names if names is not None else node.type_name)[-1])
            elif kind == "DefineStmt":
                self.types.add(strings(node.defnames)[-1])
            elif kind == "CreateFunctionStmt":
                self.functions.add(strings(node.funcname)[-1])
            elif kind == "CreateRoleStmt":
                self.roles.pop(node.role, None)
                self.functions.add(f"role {node.role}")

    def knows(self, name: str) -> bool:
        """Whether the script made a relation of that name, or will."""
        return name in self.builder.tables or name in self.builder.views or name in self.later

    def table(self, name: Name, *, force: bool = False) -> AssumedTable | None:
        """The assumed table a name means; ``None`` for what the script creates or the system has.

        ``force`` assumes it even though the script creates a table of that name later on.
        """
        schema, bare = name[0] or self.builder.default_schema, name[1]
        if schema in SYSTEM_SCHEMAS or (not name[0] and bare.startswith("pg_")):
            return None
        key = f"{schema}.{bare}"
        key = self.aliases.get(key, key)
        if key not in self.tables:
            made = key in self.builder.tables or key in self.builder.views
            if made or (key in self.later and not force):
                return None
            self.need_schema(schema)
            self.tables[key] = AssumedTable(schema, bare)
        return self.tables[key]

    def need_schema(self, schema: str) -> None:
        """Assume a schema that the script did not create."""
        if schema and schema not in self.builder.schemas and not schema.startswith("pg_"):
            self.schemas.setdefault(schema)

    def use(self, use: Use) -> None:
        """Take in one use of a table or column."""
        owner = self._owner(use)
        table = self.table(owner)
        if table is not None and use.column:
            column = table.need(use.column)
            if column is not None:
                column.note(use.kind, use.literals)

    def _owner(self, use: Use) -> Name:
        """Of several tables in scope, the one that has the column; else the first nobody created."""
        if len(use.among) < 2:
            return use.table
        for name in use.among:
            key = f"{name[0] or self.builder.default_schema}.{name[1]}"
            known = self.builder.tables.get(key)
            assumed = self.tables.get(self.aliases.get(key, key))
            if known is not None and use.column in known.columns:
                return name
            if assumed is not None and use.column in assumed.columns.keys() | assumed.added:
                return name
        return next((name for name in use.among if self.table(name) is not None), use.table)

    def scan(self, node: Any, scope: Scope | None = None) -> None:
        """Take in every use inside an expression or query."""
        for use in uses(node, scope or Scope()):
            self.use(use)

    def scan_condition(self, node: Any, scope: Scope) -> None:
        """Like :meth:`scan`, where a bare column is a condition and so boolean."""
        for use in hinted(node, scope, "boolean"):
            self.use(use)

    def link(self, own: tuple[str, str], other: tuple[str, str]) -> None:
        """Note that a foreign key joins two columns."""
        self.links.append((own, other))

    def role(self, node: Any) -> None:
        """Assume the role a RoleSpec names."""
        name = node.rolename
        if enum_name(node, "roletype") == "ROLESPEC_CSTRING" and f"role {name}" not in self.functions:
            self.roles.setdefault(name)
