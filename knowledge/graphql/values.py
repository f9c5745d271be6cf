"""Types and constant values of two schemas compared by what they mean, not by how they are written."""

from __future__ import annotations

from graphql.language import (
    ConstValueNode,
    ListTypeNode,
    ListValueNode,
    NonNullTypeNode,
    ObjectValueNode,
    StringValueNode,
    TypeNode,
    ValueNode,
    print_ast,
)


def canonical(value: ValueNode) -> str:
    """A value in one spelling: fields of objects sorted, strings without regard to their quotes."""
    if isinstance(value, ObjectValueNode):
        fields = sorted((field.name.value, canonical(field.value)) for field in value.fields)
        return "{" + ", ".join(f"{name}: {inner}" for name, inner in fields) + "}"
    if isinstance(value, ListValueNode):
        return "[" + ", ".join(canonical(inner) for inner in value.values) + "]"
    if isinstance(value, StringValueNode):
        return print_ast(StringValueNode(value=value.value, block=False))
    return print_ast(value)


def default(value: ConstValueNode | None) -> str:
    """A default in one spelling; empty where there is none."""
    return "" if value is None else canonical(value)


def output_fits(old: TypeNode, new: TypeNode) -> bool:
    """Whether who reads ``old`` can read ``new``: the same, or never null where it could be."""
    if isinstance(new, NonNullTypeNode):
        return output_fits(old.type if isinstance(old, NonNullTypeNode) else old, new.type)
    if isinstance(old, NonNullTypeNode):
        return False
    if isinstance(old, ListTypeNode) or isinstance(new, ListTypeNode):
        return isinstance(old, ListTypeNode) and isinstance(new, ListTypeNode) and output_fits(old.type, new.type)
    return print_ast(old) == print_ast(new)


def input_fits(old: TypeNode, new: TypeNode) -> bool:
    """Whether what was given for ``old`` can be given for ``new``: the same, or nullable where it was not."""
    return output_fits(new, old)
