"""The names a query uses, each with its place: functions, operators, relations, types.

A superset is wanted. PostgreSQL also calls a function for ``row.name``, and an older server calls one
where a newer grammar has a construct of its own (``json_scalar(x)``), so such names are listed as well,
marked as ones that need not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import postgast

GRAMMAR = postgast.pg_query_pb2

IMPLIED_OPERATORS = ("=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~")
"""What IN, BETWEEN, LIKE, SIMILAR TO, JOIN USING, DISTINCT, GROUP BY and ORDER BY call without naming it."""


@dataclass(frozen=True)
class Name:
    """One name; ``byte`` is where it stands in the text (-1: nowhere in particular).

    ``kind`` is function, operator, relation or type. ``certain`` is false where the name may be something
    else, so that nothing of that name need exist. ``attribute`` marks ``row.name``, which calls only
    functions of one argument.
    """

    kind: str
    name: str
    schema: str = ""
    byte: int = -1
    certain: bool = True
    attribute: bool = False

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def names_of(tree: Any, text: str) -> tuple[Name, ...]:
    """The names in a parsed statement and its text, without repetitions.

    Args:
        tree: what ``postgast.parse`` gave, or a part of it.
        text: the SQL it came from.
    """
    common = {cte.ctename for cte in postgast.find_nodes(tree, GRAMMAR.CommonTableExpr)}
    found: dict[tuple[str, str, str], Name] = {}
    for name in (*_of_tree(tree, common), *called_in(text), *(Name("operator", sign) for sign in IMPLIED_OPERATORS)):
        key = (name.kind, name.schema, name.name)
        before = found.get(key)
        if before is None or (before.attribute, not before.certain) > (name.attribute, not name.certain):
            found[key] = name
    return tuple(sorted(found.values(), key=lambda name: name.byte))


def _of_tree(tree: Any, common: set[str]) -> Iterator[Name]:
    for _, node in postgast.walk(tree):
        match node.DESCRIPTOR.name:
            case "FuncCall":
                yield _named("function", node.funcname, node.location)
            case "RangeTableSample":
                yield _named("function", node.method, node.location)
            case "TypeName":
                yield _named("type", node.names, node.location)
            case "A_Expr" | "SubLink":
                if parts := node.name if node.DESCRIPTOR.name == "A_Expr" else node.oper_name:
                    yield _named("operator", parts, node.location)
            case "SortBy":
                if node.use_op:
                    yield _named("operator", node.use_op, node.location)
            case "RangeVar":
                known = node.schemaname == "" and node.relname in common
                yield Name("relation", node.relname, node.schemaname, node.location, not known)
            case "ColumnRef":
                yield from _attributes(node.fields, 1, node.location)
            case "A_Indirection":
                yield from _attributes(node.indirection, 0, -1)


def _named(kind: str, parts: Any, byte: int) -> Name:
    words = [part.string.sval for part in parts]
    return Name(kind, words[-1], words[-2] if len(words) > 1 else "", byte)


def _attributes(fields: Any, first: int, byte: int) -> Iterator[Name]:
    """``t.name`` calls ``name(t)`` where ``t`` has no such column (manual, "Using Composite Types in Queries")."""
    for field in list(fields)[first:]:
        if field.WhichOneof("node") == "string":
            yield Name("function", field.string.sval, "", byte, certain=False, attribute=True)


def called_in(text: str) -> Iterator[Name]:
    """Every word of the text before an opening parenthesis, as a function that may exist."""
    for word, _, following, byte in words_of(text):
        if following == "(":
            yield Name("function", word, "", byte, certain=False)


def words_of(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Words and operators of an SQL text: itself, what stands before and after it, and its byte position.

    Raises:
        postgast.PgQueryError: not even its words can be told apart.
    """
    raw = text.encode()
    comments = {GRAMMAR.SQL_COMMENT, GRAMMAR.C_COMMENT}
    tokens = [token for token in postgast.scan(text).tokens if token.token not in comments]
    words = [raw[token.start : token.end].decode(errors="replace") for token in tokens]
    for place, (token, word) in enumerate(zip(tokens, words, strict=True)):
        if token.token == GRAMMAR.SCONST:
            continue
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        quoted = word.startswith('"')
        yield word[1:-1].replace('""', '"') if quoted else word.lower(), before, after, token.start


def places(names: Iterable[Name], kind: str) -> tuple[str, ...]:
    """The certain names of one kind, as text."""
    return tuple(str(name) for name in names if name.kind == kind and name.certain)
