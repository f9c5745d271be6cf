"""The SQL texts behind a name: a view's query, a function's body, a policy, a domain's check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.query.facts import FunctionFact, RelationFact, TypeFact
from knowledge.query.names import Name, names_of, words_of

ACTING_WORDS = frozenset(
    """
    execute insert update delete merge call commit rollback savepoint truncate copy create drop alter lock listen
    notify set reset do grant revoke analyze vacuum refresh import load discard prepare deallocate checkpoint
    security comment cluster reindex reassign share
    """.split()
)
"""Words that a body in PL/pgSQL must not have outside of strings: statements that act, and dynamic SQL."""


@dataclass(frozen=True)
class Text:
    """A text that runs when a thing is used. ``problem`` says why it must not run, or cannot be read."""

    origin: str
    names: tuple[Name, ...] = ()
    problem: str = ""


def names_in(sql: str) -> tuple[Name, ...] | None:
    """The names in a text of one or more statements; ``None`` where it cannot be read."""
    try:
        return names_of(postgast.parse(sql), sql)
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return None


def texts_of(fact: Any) -> Iterator[Text]:
    """The texts behind one fact."""
    if isinstance(fact, RelationFact):
        if fact.view:
            yield _query(fact.view, f"view {fact.schema}.{fact.name}")
        for expression in fact.expressions:
            yield _query(f"SELECT {expression}", f"a policy or computed column of {fact.schema}.{fact.name}")
    elif isinstance(fact, TypeFact):
        for check in fact.checks:
            yield _query(f"SELECT {check}", f"a check of domain {fact.schema}.{fact.name}")
    elif isinstance(fact, FunctionFact) and not fact.own:
        origin = f"function {fact.schema}.{fact.name}"
        if fact.defaults:
            yield anywhere(_query(f"SELECT {fact.defaults}", f"a default of {origin}"))
        if fact.kind != "a" and fact.language == "sql":
            yield anywhere(_query(fact.definition or fact.source, origin, defined=bool(fact.definition)))
        elif fact.kind != "a" and fact.language == "plpgsql":
            yield _procedural(fact.source, origin)


def anywhere(text: Text) -> Text:
    """The same with unqualified names looked for in every schema: a function may have a path of its own."""
    return replace(text, names=tuple(replace(name, schema=name.schema or "*") for name in text.names))


def _query(sql: str, origin: str, *, defined: bool = False) -> Text:
    try:
        tree: Any = postgast.parse(sql)
    except (postgast.PgQueryError, DecodeError, UnicodeError, ValueError):
        return Text(origin, problem=f"{origin} cannot be read")
    if defined:
        tree = tree.stmts[0].stmt.create_function_stmt.sql_body
    return Text(origin, names_of(tree, sql), acting(tree, origin))


def acting(tree: Any, origin: str) -> str:
    """Why a tree of statements does more than read; ``""`` where it does not."""
    for _, node in postgast.walk(tree):
        kind = node.DESCRIPTOR.name
        if kind.endswith("Stmt") and kind not in ("SelectStmt", "RawStmt", "ReturnStmt"):
            return f"{origin} has {_statement(kind)} in it"
        if kind == "SelectStmt" and node.HasField("into_clause"):
            return f"{origin} has SELECT INTO in it, which creates a table"
        if kind == "LockingClause":
            return f"{origin} locks rows (FOR UPDATE or FOR SHARE)"
    return ""


def _statement(kind: str) -> str:
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in kind.removesuffix("Stmt"))
    return f"a statement of the kind{words.upper()}"


def _procedural(body: str, origin: str) -> Text:
    """A PL/pgSQL body by its words alone: each may be a function, a relation and a type."""
    try:
        words = list(words_of(body))
    except (postgast.PgQueryError, UnicodeError, ValueError):
        return Text(origin, problem=f"{origin} cannot be read")
    names = []
    for word, before, after, byte in words:
        if word in ACTING_WORDS:
            return Text(origin, problem=f"{origin} has {word.upper()} in it")
        if word.startswith(("u&", "U&")) or "\\" in word:
            return Text(origin, problem=f"{origin} has names with escapes in it")
        if not (word[:1].isalpha() or word[:1] == "_" or not word.isascii()):
            names.append(Name("operator", word, "*", byte, certain=False))
            continue
        names += [Name(kind, word, "*", byte, certain=False) for kind in ("relation", "type")]
        if after == "(" or before == ".":
            names.append(Name("function", word, "*", byte, certain=False))
    return Text(origin, tuple(dict.fromkeys(names)))
