"""A SQLite statement in words that a PostgreSQL grammar reads: to see what it asks for, never to run it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from knowledge.identifiers import quoted

KEYWORDS = frozenset(
    """
    abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade
    case cast check collate column commit conflict constraint create cross current current_date current_time
    current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape
    except exclude exclusive exists explain fail filter first following for foreign from full generated glob group
    groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join
    key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others
    outer over partition plan pragma preceding primary query raise range recursive references regexp reindex release
    rename replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to
    transaction trigger unbounded union unique update using vacuum values view virtual when where window with without
    """.split()
)
"""SQLite's keywords (https://sqlite.org/lang_keywords.html)."""

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*+ | /\*(?:[^*]++|\*(?!/))*+(?:\*/)?)
    | (?P<text>'(?:[^']|'')*+')
    | (?P<name>"(?:[^"]|"")*+" | `[^`]*+` | \[[^\]]*+\])
    | (?P<parameter>\?\d* | [:@$][A-Za-z_][A-Za-z0-9_]*)
    | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*+)
    | (?P<space>\s++)
    | (?P<other>==|->>|->|\d[\w.]*|.)""",
    re.VERBOSE | re.DOTALL,
)
_CONFLICTS = frozenset({"abort", "fail", "ignore", "replace", "rollback"})


MAX_VIEWS = 20
"""Mentions of views that are replaced by their definitions."""
_BODY = re.compile(r"\bAS\s+(?=(?:SELECT|WITH|VALUES)\b)", re.IGNORECASE)

Token = tuple[str, str]
"""Kind and text."""


def postgres_words(sql: str, names: Collection[str], views: Mapping[str, str]) -> str:
    """The statement with PostgreSQL's quotes, parameters and operators, its views replaced by what they select.

    Args:
        sql: one statement as SQLite reads it.
        names: tables and columns of the schema in lower case: those that are PostgreSQL's keywords get quotes.
        views: CREATE VIEW statements by name in lower case.
    """
    return " ".join(_limited(_spoken(_plain(_without_views(_tokens(sql), views)), names)))


def sqlite_quoted(name: str) -> str:
    """One identifier as SQLite needs it."""
    return '"' + name.replace('"', '""') + '"' if name.lower() in KEYWORDS or not name.isidentifier() else name


def _tokens(sql: str) -> list[Token]:
    tokens = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(sql)]
    return [token for token in tokens if token[0] not in ("comment", "space")]


def _without_views(tokens: list[Token], views: Mapping[str, str]) -> list[Token]:
    """The statement with subqueries for the views it reads; those of views inside views as well."""
    for _ in range(MAX_VIEWS):
        place = next((place for place in range(len(tokens)) if _reads_view(tokens, place, views)), None)
        if place is None:
            break
        name = _bare(tokens[place])
        body = _BODY.split(views[name], maxsplit=1)[1]
        follows = tokens[place + 1 : place + 2]
        named = any(kind == "name" or (kind == "word" and _may_be_alias(text)) for kind, text in follows)
        alias = [] if named else [("word", "as"), ("name", f'"{name}"')]
        tokens = [*tokens[:place], ("other", "("), *_tokens(body), ("other", ")"), *alias, *tokens[place + 1 :]]
    return tokens


def _reads_view(tokens: list[Token], place: int, views: Mapping[str, str]) -> bool:
    name = _bare(tokens[place])
    if not place or name not in views or not _BODY.search(views[name]):
        return False
    return tokens[place - 1][1].lower() in ("from", "join", ",") and tokens[place + 1 : place + 2] != [("other", ".")]


def _bare(token: Token) -> str:
    kind, text = token
    return text[1:-1].lower() if kind == "name" else text.lower() if kind == "word" else ""


def _may_be_alias(word: str) -> bool:
    return word.lower() == "as" or word.lower() not in KEYWORDS


def _plain(tokens: list[Token]) -> Iterator[Token]:
    """Without what only SQLite has and what does not change what is asked for."""
    place = 0
    words = [text.lower() for _, text in tokens]
    while place < len(tokens):
        if words[place : place + 2] == ["indexed", "by"]:
            place += 3
        elif words[place : place + 2] == ["not", "indexed"] or _is_conflict_clause(words, place):
            place += 2
        elif not place and words[0] == "replace":
            yield "word", "insert"
            place += 1
        elif words[place] == "glob" and place + 1 < len(tokens) and tokens[place + 1][0] == "text":
            yield "word", "like"
            yield "text", tokens[place + 1][1].replace("%", "_").replace("*", "%").replace("?", "_")
            place += 2
        elif words[place] == "is" and _is_value(tokens, place + 1):
            yield "other", "="
            place += 1
        elif words[place : place + 2] == ["is", "not"] and _is_value(tokens, place + 2):
            yield "other", "<>"
            place += 2
        else:
            yield tokens[place]
            place += 1


def _is_value(tokens: list[Token], place: int) -> bool:
    """Whether a literal or parameter stands here: SQLite's IS compares any two values."""
    kind, text = tokens[place] if place < len(tokens) else ("", "")
    return kind in ("text", "parameter") or text[:1].isdigit()


def _is_conflict_clause(words: list[str], place: int) -> bool:
    """Whether ``OR IGNORE`` or the like of an INSERT or UPDATE stands here."""
    if not place or words[place] != "or" or words[place - 1] not in ("insert", "update"):
        return False
    return place + 1 < len(words) and words[place + 1] in _CONFLICTS


def _spoken(tokens: Iterator[Token], names: Collection[str]) -> Iterator[str]:
    numbers: dict[str, int] = {}
    before = ""
    for kind, text in tokens:
        match kind:
            case "name":
                inner = text[1:-1].replace('""', '"') if text[0] == '"' else text[1:-1]
                yield '"' + inner.lower().replace('"', '""') + '"'
            case "parameter":
                known = text if len(text) > 1 else f"?{len(numbers) + 1}"
                yield f"${numbers.setdefault(known, len(numbers) + 1)}"
            case "word" if text.lower() in names and text.lower() not in KEYWORDS:
                yield quoted(text.lower())
            case "word" if before == "." and text.lower() in names:
                yield quoted(text.lower())
            case "other" if text == "==":
                yield "="
            case _:
                yield text
        before = text


def _limited(words: Iterator[str]) -> list[str]:
    """``LIMIT skipped, count`` in the standard's words."""
    found = list(words)
    for place in range(len(found) - 3):
        if found[place].lower() == "limit" and found[place + 2] == ",":
            found[place + 1 : place + 4] = [found[place + 3], "OFFSET", found[place + 1]]
    return found
