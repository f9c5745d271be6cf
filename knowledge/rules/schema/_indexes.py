"""What several schema rules ask of an index: its key parts, and whether it can serve a lookup."""

from __future__ import annotations

import re

from knowledge.schema import Index

# Access methods that answer "column = value"; BRIN and GIN do not help a foreign-key lookup.
EQUALITY_METHODS = frozenset({"btree", "hash", "gist", "spgist"})


def body(index: Index) -> str:
    """The definition without name and table: ``btree (a, b DESC) INCLUDE (c) WHERE (d > 0)``."""
    _, found, tail = index.definition.partition(" USING ")
    return tail if found else index.definition


def key_parts(index: Index) -> tuple[str, ...]:
    """The key parts as PostgreSQL writes them, with collation, operator class and direction."""
    text = body(index)
    start = text.find("(")
    if start < 0:
        return ()
    parts, depth, quote, current = [], 0, "", ""
    for character in text[start:]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
            if depth == 1:
                continue
        elif character == ")":
            depth -= 1
            if depth == 0:
                break
        elif character == "," and depth == 1:
            parts.append(current.strip())
            current = ""
            continue
        current += character
    return (*parts, current.strip())


def serves_lookup(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether ``index`` finds rows by equality on all of ``columns``.

    Its leading columns must be those columns in any order. A partial index counts only where its
    predicate follows from the lookup itself: ``column IS NOT NULL`` on one of them.
    """
    if not index.valid or index.method not in EQUALITY_METHODS:
        return False
    if index.method == "hash" and len(columns) > 1:
        return False
    if set(index.columns[: len(columns)]) != set(columns):
        return False
    return not index.partial or _only_excludes_null(index.partial, columns)


def _only_excludes_null(predicate: str, columns: tuple[str, ...]) -> bool:
    found = re.fullmatch(r'\(*\s*"?([^"()]+?)"?\s+IS\s+NOT\s+NULL\s*\)*', predicate, re.IGNORECASE)
    return found is not None and found.group(1) in columns
