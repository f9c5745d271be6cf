"""The edit in the program that loads a whole relation with one query instead of one for each row."""

from __future__ import annotations

import re

from knowledge.blueprint.plurals import plural_of
from knowledge.query_log.n_plus_one import Run

_FROM = re.compile(r"\bfrom\s+(?:\"?\w+\"?\s*\.\s*)?\"?(?P<table>\w+)\"?", re.IGNORECASE)
KEYS = re.compile(r"^(?:id|uuid|pk)$", re.IGNORECASE)


def orm_edit(run: Run, column: str, notation: str) -> str:
    """What to write in the program, by the names the tables suggest; ``""`` where the log's writer has no such thing.

    Args:
        run: the repeated query.
        column: the column it looks up, as in ``posts.user_id``.
        notation: the log's, which tells the library.
    """
    child = table_of(run.queries[0].sql)
    parent = table_of(run.parent.sql) if run.parent is not None else ""
    if not child or not parent:
        return ""
    to_one = KEYS.match(column.rpartition(".")[2].strip('"`'))
    relation = singular(child) if to_one else plural_of(singular(child))
    if notation == "sqlalchemy":
        return f"select({_class(parent)}).options(selectinload({_class(parent)}.{relation}))"
    if notation == "prisma":
        return f"prisma.{_property(parent)}.findMany({{ include: {{ {_property(relation, one=False)}: true }} }})"
    if notation == "drizzle":
        loaded = _property(relation, one=False)
        return f"db.query.{_property(parent, one=False)}.findMany({{ with: {{ {loaded}: true }} }})"
    return ""


def table_of(sql: str) -> str:
    """The first table a query reads, unquoted and without its schema; ``""`` where there is none."""
    found = _FROM.search(sql)
    return found["table"] if found else ""


def singular(table: str) -> str:
    """The word of which ``table`` is the plural; itself where it is none."""
    candidates = (table[:-3] + "y", table[:-2], table[:-1])
    return next((word for word in candidates if word and plural_of(word) == table), table)


def _class(table: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"_+", singular(table)) if word)


def _property(table: str, *, one: bool = True) -> str:
    name = _class(table) if one else "".join(word[:1].upper() + word[1:] for word in re.split(r"_+", table) if word)
    return name[:1].lower() + name[1:]
