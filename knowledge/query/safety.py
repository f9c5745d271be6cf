"""May a query be executed on somebody's database?

Only one statement that reads, all of whose functions are known to be harmless: PostgreSQL's own unless
volatile or listed, and users' functions in SQL or PL/pgSQL that are declared STABLE or IMMUTABLE, run with
the caller's rights, and whose bodies call nothing else. What is not known is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import postgast
from google.protobuf.message import DecodeError

from knowledge.formats.sql_depth import too_deep
from knowledge.formats.text_position import unreadable
from knowledge.query.facts import Facts, FunctionFact, RelationFact
from knowledge.query.harmless import (
    CONSTRUCTORS,
    HARMLESS_EXTENSIONS,
    HARMLESS_VOLATILE,
    READABLE_LANGUAGES,
    is_dangerous,
)
from knowledge.query.names import GRAMMAR, Name, names_of, places
from knowledge.query.reach import Text, acting, names_in, texts_of
from knowledge.report import Location

READABLE_KINDS = frozenset("rpvmSt")
"""Tables, partitioned tables, views, materialized views, sequences, TOAST tables."""


@dataclass(frozen=True)
class Verdict:
    """Whether a query may be executed; if not, why not and where the reason stands in its text."""

    may_execute: bool
    reason: str = ""
    location: Location = Location()


def functions_of(sql: str) -> tuple[str, ...]:
    """The functions a query calls by name, as it spells them (lower case unless quoted); nothing where it
    cannot be read."""
    return places(names_in(sql) or (), "function")


def relations_of(sql: str) -> tuple[str, ...]:
    """The tables and views a query names, without its own WITH queries."""
    return places(names_in(sql) or (), "relation")


def verdict(sql: str, facts: Facts) -> Verdict:
    """Judge a query.

    Args:
        sql: the text exactly as it would be sent, in one protocol message that takes one statement.
        facts: what the database's catalog says about it.
    """
    tree = _one_statement(sql)
    if isinstance(tree, Verdict):
        return tree
    if not facts.complete:
        return Verdict(False, "its views and functions are nested too deeply to be followed")
    if not facts.backslashes_plain and "\\" in sql:
        return Verdict(False, "standard_conforming_strings is off: where its strings end depends on backslashes")
    judge = _Judge(facts)
    for name in names_of(tree, sql):
        if reason := judge.name(name):
            return Verdict(False, reason, _location(sql, name.byte))
    for oid in facts.always:
        if reason := judge.function_number(oid):
            return Verdict(False, f"a cast between types of PostgreSQL: {reason}")
    return Verdict(True)


def _one_statement(sql: str) -> Any:
    """The tree of the one statement, or the verdict against the text as it stands."""
    refused = unreadable(sql, "", 1)
    if refused:
        return Verdict(False, refused.message, refused.location)
    if too_deep(sql):
        return Verdict(False, "it is nested too deeply to be read")
    try:
        tree = postgast.parse(sql)
    except postgast.PgQueryError as error:
        return Verdict(False, f"it cannot be read: {error.message}", _location(sql, max(error.cursorpos - 1, 0)))
    except (DecodeError, UnicodeError):
        return Verdict(False, "it cannot be read")
    if len(tree.stmts) != 1:
        where = tree.stmts[1].stmt_location if len(tree.stmts) > 1 else -1
        return Verdict(False, f"it holds {len(tree.stmts)} statements, not one", _location(sql, where))
    if tree.stmts[0].stmt.WhichOneof("node") != "select_stmt":
        return Verdict(False, "it is not a SELECT, VALUES or TABLE", Location(line=1, column=1))
    if reason := acting(tree.stmts[0].stmt, "it"):
        return Verdict(False, reason)
    if any(True for _ in postgast.find_nodes(tree, GRAMMAR.ParamRef)):
        return Verdict(False, "it has placeholders without values")
    return tree


def _location(sql: str, byte: int) -> Location:
    if byte < 0:
        return Location()
    before = sql.encode()[:byte].decode(errors="ignore")
    return Location(line=before.count("\n") + 1, column=len(before.rpartition("\n")[2]) + 1)


@dataclass
class _Judge:
    """Looks at everything a name may lead to, each thing once."""

    facts: Facts
    _done: set[tuple[str, int]] = field(default_factory=set)

    def name(self, name: Name) -> str:
        """Why what ``name`` stands for must not be used; ``""`` where it may."""
        match name.kind:
            case "function":
                return self._function_name(name)
            case "relation":
                found = _matching(self.facts.relations_by_name, name)
                if not found and name.certain:
                    return f"there is no relation {name} to look into"
                return _first(self._relation(fact) for fact in found)
            case "type":
                return _first(self._type(fact.oid) for fact in _matching(self.facts.types_by_name, name))
        return _first(
            self.function_number(oid)
            for fact in _matching(self.facts.operators_by_name, name)
            for oid in fact.functions
        )

    def _function_name(self, name: Name) -> str:
        found: list[FunctionFact] = _matching(self.facts.functions_by_name, name)
        types = _matching(self.facts.types_by_name, name)
        if not found and not types and name.certain:
            return f"function {name} is not known"
        reachable = (fact for fact in found if fact.unary or not name.attribute)
        return _first(self._function(fact) for fact in reachable) or _first(self._type(fact.oid) for fact in types)

    def function_number(self, oid: int) -> str:
        """The same for a function by its number."""
        fact = self.facts.functions.get(oid)
        return self._function(fact) if fact else f"function number {oid} is not known"

    def _function(self, fact: FunctionFact) -> str:
        if ("function", fact.oid) in self._done:
            return ""
        self._done.add(("function", fact.oid))
        label = f"function {fact.name}" if fact.own else f"function {fact.schema}.{fact.name}"
        if reason := _refused(fact):
            return f"{label} {reason}"
        return (
            _first(self.function_number(oid) for oid in fact.functions)
            or _first(self._type(oid) for oid in fact.types)
            or self._texts(fact)
        )

    def _relation(self, fact: RelationFact) -> str:
        if ("relation", fact.oid) in self._done:
            return ""
        self._done.add(("relation", fact.oid))
        label = f"{fact.schema}.{fact.name}"
        if fact.kind == "f":
            return f"{label} is a foreign table: reading it acts on another server"
        if fact.kind not in READABLE_KINDS:
            return ""  # an index or a composite type: PostgreSQL itself refuses to read it
        return (
            _first(self._child(oid) for oid in fact.children)
            or _first(self._type(oid) for oid in fact.types)
            or self._texts(fact)
        )

    def _child(self, oid: int) -> str:
        fact = self.facts.relations.get(oid)
        return self._relation(fact) if fact else f"relation number {oid} is not known"

    def _type(self, oid: int) -> str:
        if ("type", oid) in self._done:
            return ""
        self._done.add(("type", oid))
        fact = self.facts.types.get(oid)
        if fact is None:
            return f"type number {oid} is not known"
        return (
            _first(self.function_number(number) for number in fact.functions)
            or _first(self._type(number) for number in fact.types)
            or self._texts(fact)
        )

    def _texts(self, fact: Any) -> str:
        return _first(self._text(text) for text in texts_of(fact))

    def _text(self, text: Text) -> str:
        if text.problem:
            return text.problem
        reason = _first(self.name(name) for name in text.names)
        return f"{text.origin} leads to: {reason}" if reason else ""


def _refused(fact: FunctionFact) -> str:
    """Why a function is refused for what it is, its body apart."""
    if (fact.own or fact.extension) and is_dangerous(fact.name):
        return "acts, waits, reads files or runs a query given as text"
    trusted = fact.own or fact.extension in HARMLESS_EXTENSIONS
    if fact.volatility == "v" and not (trusted and fact.name in HARMLESS_VOLATILE):
        return "is VOLATILE: it may change something"
    if fact.security_definer:
        return "is SECURITY DEFINER: it runs with its owner's rights"
    if fact.kind == "p":
        return "is a procedure"
    if trusted or fact.kind == "a" or fact.source in CONSTRUCTORS:
        return ""
    if fact.language not in READABLE_LANGUAGES:
        return f"is written in {fact.language}: what it does cannot be read"
    return ""


def _matching(found: dict[str, list[Any]], name: Name) -> list[Any]:
    return [
        fact
        for fact in found.get(name.name, ())
        if name.schema == "*"
        or (fact.visible if not name.schema else fact.schema == name.schema)
        or (name.schema == "pg_temp" and fact.schema.startswith("pg_temp_"))
    ]


def _first(reasons: Any) -> str:
    return next((reason for reason in reasons if reason), "")
