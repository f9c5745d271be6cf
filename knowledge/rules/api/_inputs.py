"""What limits a value that a request sends."""

from __future__ import annotations

from knowledge.api.node import Kind, Node

PARTS = ("allOf", "not", "if", "then", "else", "dependentSchemas", "propertyNames", "contains")
"""Where a schema is a condition, or one of several that all hold: it need not say everything."""
MOST_TYPES = 3
"""A schema of more types takes any JSON: that is a choice, not an oversight."""
BY_SERVERS = ("header", "cookie")
"""Where every server has a limit of its own, and most names and values are given by standards."""
ALTERNATIVES = ("anyOf", "oneOf")


def limited_by(node: Node, *names: str) -> bool:
    """Whether a schema has one of the keywords, or need not: it is only answered, or others speak with it."""
    value = node.value
    for name in names:
        if name in value:
            return True
    kind = value.get("type")
    if value.get("readOnly") is True or node.role in PARTS or (isinstance(kind, list) and len(kind) > MOST_TYPES):
        return True
    holder = node.parent
    if holder is not None and holder.kind is Kind.PARAMETER:
        return holder.value.get("in") in BY_SERVERS
    if node.role not in ALTERNATIVES or holder is None or holder.kind is not Kind.SCHEMA:
        return False
    return any(name in holder.value for name in names) or holder.value.get("readOnly") is True
