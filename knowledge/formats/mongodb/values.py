"""Values of JavaScript and JSON as plain data: what scripts for mongosh and exported validators are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tree_sitter import Node

from knowledge.formats.models.ecmascript import chain, members, string, text_of, unwrapped

MAX_DEPTH = 60
"""Documents within documents; MongoDB itself takes 100."""
_NUMBERS = ("NumberLong", "NumberInt", "NumberDecimal", "Long", "Int32", "Double", "Decimal128", "fromString", "Number")


class Unreadable(Exception):
    """A value that is made when the script runs; ``node`` is the place."""

    def __init__(self, node: Node) -> None:
        super().__init__(text_of(node)[:80])
        self.node = node


def value_of(node: Node, known: Mapping[str, Node], depth: int = 0) -> Any:
    """The value of an expression. ``known`` are the constants of the module.

    Raises:
        Unreadable: it is no literal, or nested too deeply.
    """
    node = unwrapped(node)
    if depth > MAX_DEPTH:
        raise Unreadable(node)
    match node.type:
        case "object":
            return _object(node, known, depth)
        case "array":
            return [value_of(each, known, depth + 1) for each in node.named_children if each.type != "comment"]
        case "string" | "template_string":
            return string(node)
        case "true" | "false":
            return node.type == "true"
        case "null" | "undefined":
            return None
        case "number" | "unary_expression":
            return _number(node)
        case "regex":
            return text_of(node.child_by_field_name("pattern"))
        case "identifier" if text_of(node) in known:
            return value_of(known[text_of(node)], known, depth + 1)
    _, calls = chain(node)
    if calls and calls[-1].name in _NUMBERS and calls[-1].arguments:
        inner = calls[-1].arguments[0]
        return _digits(string(inner) or text_of(inner), node)
    raise Unreadable(node)


def _object(node: Node, known: Mapping[str, Node], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in members(node):
        if key == "...":
            inner = value_of(value, known, depth + 1)
            if isinstance(inner, dict):
                found |= inner
        elif value.type == "shorthand_property_identifier":
            if key not in known:
                raise Unreadable(value)
            found[key] = value_of(known[key], known, depth + 1)
        else:
            found[key] = value_of(value, known, depth + 1)
    return found


def _number(node: Node) -> int | float:
    return _digits(text_of(node).replace(" ", ""), node)


def _digits(text: str, node: Node) -> int | float:
    try:
        return int(text) if text.lstrip("+-").isdigit() and len(text) < 400 else float(text.replace("_", ""))
    except ValueError:
        raise Unreadable(node) from None
