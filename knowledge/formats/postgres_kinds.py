"""The kind of a statement by its first words, for statements whose tree cannot be read."""

from __future__ import annotations

import re

from knowledge.formats.sql_lexer import skip_space

WORDS = 6
"""How many words are looked at."""

_KINDS = (
    ("create table", "CreateStmt"),
    ("create index", "IndexStmt"),
    ("create view", "ViewStmt"),
    ("create materialized view", "CreateTableAsStmt"),
    ("create function", "CreateFunctionStmt"),
    ("create procedure", "CreateFunctionStmt"),
    ("create trigger", "CreateTrigStmt"),
    ("create policy", "CreatePolicyStmt"),
    ("create rule", "RuleStmt"),
    ("alter table", "AlterTableStmt"),
    ("select", "SelectStmt"),
    ("with", "SelectStmt"),
    ("values", "SelectStmt"),
    ("table", "SelectStmt"),
    ("insert", "InsertStmt"),
    ("update", "UpdateStmt"),
    ("delete", "DeleteStmt"),
    ("merge", "MergeStmt"),
    ("copy", "CopyStmt"),
    ("explain", "ExplainStmt"),
    ("prepare", "PrepareStmt"),
    ("execute", "ExecuteStmt"),
    ("call", "CallStmt"),
    ("do", "DoStmt"),
)
_FILLERS = frozenset(
    {"or", "replace", "unique", "temp", "temporary", "local", "global", "unlogged", "recursive", "constraint"}
)
_WORD = re.compile(r"[A-Za-z]+")


def kind_by_words(sql: str) -> str:
    """The grammar node that ``sql`` would give, as far as its first words tell; ``""`` if they tell nothing.

    ``WITH ... INSERT`` passes for a ``SelectStmt``.
    """
    words: list[str] = []
    position = skip_space(sql, 0)
    while sql.startswith("(", position):  # (SELECT ...) UNION ...
        position = skip_space(sql, position + 1)
    while len(words) < WORDS and (match := _WORD.match(sql, position)):
        word = match[0].lower()
        if not words or word not in _FILLERS:
            words.append(word)
        position = skip_space(sql, match.end())
    start = " ".join(words) + " "
    return next((kind for known, kind in _KINDS if start.startswith(known + " ")), "")
