"""TypeScript as its syntax tree: places, literals, chains of calls, and SQL in tagged templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from knowledge.formats.models.byte_columns import ByteColumns
from knowledge.identifiers import quoted
from knowledge.report import Location

_WRAPPERS = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


class Source:
    """A module's text and tree."""

    def __init__(self, text: str, path: str) -> None:
        raw = text.encode()
        self._path = path
        self._columns = ByteColumns(raw)
        self.tree = Parser(Language(tree_sitter_typescript.language_typescript())).parse(raw)

    def at(self, node: Node) -> Location:
        """Line and column of a node."""
        row, column = node.start_point
        return Location(path=self._path, line=row + 1, column=self._columns.at(row + 1, column))

    def faults(self) -> Iterator[Node]:
        """Where the text is not TypeScript, outermost first."""
        waiting = [self.tree.root_node]
        while waiting:
            node = waiting.pop()
            if node.is_error or node.is_missing:
                yield node
            elif node.has_error:
                waiting.extend(reversed(node.children))


@dataclass(frozen=True)
class Call:
    """One link of a chain: a function or method, and its arguments."""

    name: str
    arguments: tuple[Node, ...]
    node: Node

    def argument(self, place: int) -> Node | None:
        """An argument by place."""
        return self.arguments[place] if place < len(self.arguments) else None


def text_of(node: Node | None) -> str:
    """The source of a node."""
    return node.text.decode(errors="replace") if node is not None and node.text is not None else ""


def unwrapped(node: Node) -> Node:
    """The expression inside brackets, ``as`` and ``satisfies``."""
    while node.type in _WRAPPERS and node.named_child_count:
        inner = node.named_child(0)
        if inner is None:
            break
        node = inner
    return node


def chain(node: Node) -> tuple[Node | None, list[Call]]:
    """``a.b("x").c()`` as what it starts with (``a``, ``None`` for a plain call) and the calls, first one first."""
    calls: list[Call] = []
    node = unwrapped(node)
    while node.type == "call_expression":
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        values = _values(arguments)
        if function is None:
            break
        if function.type == "member_expression":
            inner = function.child_by_field_name("object")
            calls.append(Call(text_of(function.child_by_field_name("property")), values, node))
            if inner is None:
                break
            node = unwrapped(inner)
        else:
            calls.append(Call(text_of(function), values, node))
            return None, calls[::-1]
    return node, calls[::-1]


def _values(arguments: Node | None) -> tuple[Node, ...]:
    if arguments is None:
        return ()
    if arguments.type == "template_string":  # a tagged template
        return (arguments,)
    return tuple(each for each in arguments.named_children if each.type != "comment")


def body(function: Node) -> Node | None:
    """What an arrow function or function returns, if it does nothing else."""
    function = unwrapped(function)
    if function.type not in ("arrow_function", "function_expression"):
        return None
    inner = function.child_by_field_name("body")
    if inner is not None and inner.type == "statement_block":
        returned = [each for each in inner.named_children if each.type == "return_statement"]
        inner = returned[0].named_child(0) if returned else None
    return unwrapped(inner) if inner is not None else None


def members(value: Node) -> Iterator[tuple[str, Node]]:
    """Keys and values of an object; of a spread the key is ``...``."""
    for each in value.named_children:
        if each.type == "pair":
            key, held = each.child_by_field_name("key"), each.child_by_field_name("value")
            if key is not None and held is not None:
                yield (string(key) if key.type == "string" else text_of(key)), held
        elif each.type == "shorthand_property_identifier":
            yield text_of(each), each
        elif each.type == "spread_element" and each.named_child_count:
            inner = each.named_child(0)
            if inner is not None:
                yield "...", inner


def option(value: Node | None, name: str) -> Node | None:
    """A value of an object by key."""
    if value is None or unwrapped(value).type != "object":
        return None
    return next((held for key, held in members(unwrapped(value)) if key == name), None)


def string(node: Node | None) -> str:
    """The value of a string or plain template; empty for anything else."""
    if node is None:
        return ""
    node = unwrapped(node)
    if node.type not in ("string", "template_string") or any(
        each.type == "template_substitution" for each in node.named_children
    ):
        return ""
    return unescaped(text_of(node)[1:-1])


def unescaped(text: str) -> str:
    """Escapes of JavaScript replaced by what they mean."""
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(match: re.Match[str]) -> str:
    word = match[1]
    if len(word) == 1:
        return _ESCAPED.get(word, word)
    code = int(word.strip("ux{}"), 16)
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def sql(node: Node | None, column: Callable[[Node], str]) -> str | None:
    """The SQL of a tagged template or of ``sql.raw``; ``None`` for anything else. ``column`` names what is put in."""
    if node is None:
        return None
    node = unwrapped(node)
    right = node.child_by_field_name("right")
    if node.type == "binary_expression" and right is not None and text_of(node).startswith("sql<"):
        return _template(right, column) if right.type == "template_string" else None  # sql<string>`...`
    for call in chain(node)[1]:
        if call.name in ("sql", "raw") and call.arguments and call.arguments[0].type == "template_string":
            return _template(call.arguments[0], column)
        if call.name == "raw":
            return string(call.argument(0))
    return None


def _template(node: Node, column: Callable[[Node], str]) -> str:
    parts = []
    for each in node.children:
        if each.type == "template_substitution":
            inner = each.named_child(0)
            name = column(inner) if inner is not None else ""
            parts.append(quoted(name) if name else "?")
        elif each.type not in ("`",):
            parts.append(unescaped(text_of(each)))
    return "".join(parts).strip()
