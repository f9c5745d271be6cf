"""A schema as it was written: every definition together with its extensions, each part with its place in the text.

Nothing here demands a valid schema. Where a name is defined twice the first definition counts, and a reference may
lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from graphql.language import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
)

SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
"""The scalars every schema has (GraphQL specification, section 3.5)."""
OPERATIONS = ("query", "mutation", "subscription")


class TypeKind(StrEnum):
    """What a named type is, in the words of the definition language."""

    SCALAR = "scalar"
    OBJECT = "type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"


_KINDS = {
    "scalar": TypeKind.SCALAR,
    "object": TypeKind.OBJECT,
    "interface": TypeKind.INTERFACE,
    "union": TypeKind.UNION,
    "enum": TypeKind.ENUM,
    "input_object": TypeKind.INPUT,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that makes the text no valid schema, and where; lines and columns count from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True)
class SdlType:
    """A named type: its definition, its extensions, and the parts of all of them by name."""

    name: str
    kind: TypeKind
    nodes: tuple[TypeDefinitionNode | TypeExtensionNode, ...]
    fields: dict[str, FieldDefinitionNode] = field(default_factory=dict)
    """Of an object type or interface."""
    inputs: dict[str, InputValueDefinitionNode] = field(default_factory=dict)
    """Of an input type."""
    values: dict[str, EnumValueDefinitionNode] = field(default_factory=dict)
    """Of an enum."""
    members: dict[str, NamedTypeNode] = field(default_factory=dict)
    """Of a union."""
    interfaces: dict[str, NamedTypeNode] = field(default_factory=dict)
    directives: tuple[ConstDirectiveNode, ...] = ()

    @property
    def node(self) -> TypeDefinitionNode | TypeExtensionNode:
        """Its definition, or where there is none, its first extension."""
        return self.nodes[0]

    @cached_property
    def given(self) -> frozenset[str]:
        """The types that clients give to it: of its arguments and input fields."""
        taken = [part for field in self.fields.values() for part in field.arguments or ()]
        return frozenset(named_type(part.type) for part in (*taken, *self.inputs.values()))

    @cached_property
    def answered(self) -> frozenset[str]:
        """The types that its fields answer."""
        return frozenset(named_type(field.type) for field in self.fields.values())


@dataclass(frozen=True)
class SdlDocument:
    """What was read of one text."""

    path: str
    text: str
    definitions: tuple[DefinitionNode, ...]
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()
    """Names of types whose definitions could not be parsed: they are there, but not known."""

    @cached_property
    def types(self) -> dict[str, SdlType]:
        """The named types, in the order in which they first appear."""
        found: dict[str, list[TypeDefinitionNode | TypeExtensionNode]] = {}
        for node in self.definitions:
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                found.setdefault(node.name.value, []).append(node)
        return {name: _merged(name, nodes) for name, nodes in found.items()}

    @cached_property
    def directives(self) -> dict[str, DirectiveDefinitionNode]:
        """The directives it defines, by name without ``@``."""
        found: dict[str, DirectiveDefinitionNode] = {}
        for node in self.definitions:
            if isinstance(node, DirectiveDefinitionNode):
                found.setdefault(node.name.value, node)
        return found

    @cached_property
    def schema_nodes(self) -> tuple[SchemaDefinitionNode | SchemaExtensionNode, ...]:
        """``schema { ... }`` and its extensions."""
        return tuple(node for node in self.definitions if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode))

    @cached_property
    def roots(self) -> dict[str, str]:
        """The type of each operation; without a ``schema`` definition those called Query, Mutation, Subscription."""
        found: dict[str, str] = {}
        for node in self.schema_nodes:
            for operation in node.operation_types or ():
                found.setdefault(operation.operation.value, operation.type.name.value)
        if not any(isinstance(node, SchemaDefinitionNode) for node in self.schema_nodes):
            names = {operation: operation.capitalize() for operation in OPERATIONS}
            usual = {operation: name for operation, name in names.items() if name in self.types}
            return {**usual, **found}
        return found


def _merged(name: str, nodes: list[TypeDefinitionNode | TypeExtensionNode]) -> SdlType:
    nodes = sorted(nodes, key=lambda node: isinstance(node, TypeExtensionNode))
    kinds = [_kind(node) for node in nodes]
    same = [node for node, kind in zip(nodes, kinds, strict=True) if kind is kinds[0]]
    parts = [part for node in same for part in getattr(node, "fields", None) or ()]
    return SdlType(
        name=name,
        kind=kinds[0],
        nodes=tuple(same),
        fields=_by_name(part for part in parts if isinstance(part, FieldDefinitionNode)),
        inputs=_by_name(part for part in parts if isinstance(part, InputValueDefinitionNode)),
        values=_by_name(value for node in same for value in getattr(node, "values", None) or ()),
        members=_by_name(member for node in same for member in getattr(node, "types", None) or ()),
        interfaces=_by_name(one for node in same for one in getattr(node, "interfaces", None) or ()),
        directives=tuple(used for node in same for used in node.directives or ()),
    )


def _kind(node: Node) -> TypeKind:
    return _KINDS[node.kind.removesuffix("_definition").removesuffix("_extension").removesuffix("_type")]


def _by_name(nodes: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in nodes:
        found.setdefault(node.name.value, node)
    return found


def place(node: Node) -> tuple[int, int]:
    """Line and column at which a node is named, counted from 1; (0, 0) for a node that was never written."""
    named = getattr(node, "name", None) or node
    loc = named.loc if isinstance(named, Node) and named.loc else node.loc
    if loc is None:
        return 0, 0
    return loc.start_token.line + loc.source.location_offset.line - 1, loc.start_token.column


def described(node: Node) -> str:
    """The description of a node, or empty."""
    description = getattr(node, "description", None)
    return description.value if isinstance(description, StringValueNode) else ""


def named_type(node: TypeNode) -> str:
    """The name inside of all lists and exclamation marks."""
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""


def arguments(node: FieldDefinitionNode | DirectiveDefinitionNode) -> dict[str, InputValueDefinitionNode]:
    """The arguments a field or directive takes, by name."""
    return _by_name(node.arguments or ())


def directive(uses: Iterable[ConstDirectiveNode] | None, name: str) -> ConstDirectiveNode | None:
    """The first use of ``@name``."""
    return next((used for used in uses or () if used.name.value == name), None)


def described_parts(kind: SdlType) -> Iterator[tuple[str, Node]]:
    """Every part of a type that can carry a description, with its path: fields, their arguments, inputs, values."""
    for name, node in kind.fields.items():
        yield f"{kind.name}.{name}", node
        for argument, part in arguments(node).items():
            yield f"{kind.name}.{name}.{argument}", part
    for name, input_field in kind.inputs.items():
        yield f"{kind.name}.{name}", input_field
    for name, value in kind.values.items():
        yield f"{kind.name}.{name}", value
