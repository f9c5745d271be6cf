"""A feature in words, taken apart: ``list a user's posts, newest first, filter by status``.

A small grammar, not a guess at English: one clause says what is done with which rows, the others how. What is not
understood is refused with what would be, so nothing that was asked for is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from knowledge.design.singulars import is_plural, singular

VERBS: Final = {
    "list": "list", "show": "list", "browse": "list", "search": "list",
    "get": "get", "fetch": "get", "read": "get", "view": "get",
    "create": "create", "add": "create", "post": "create", "make": "create", "submit": "create",
    "update": "update", "edit": "update", "change": "update", "rename": "update",
    "delete": "delete", "remove": "delete",
}  # fmt: skip
UNDERSTOOD: Final = (
    "newest first; sort by a, b; filter by a, b; search a, b; with its author (embed); page by cursor; with totals; "
    "public; signed in; owner only; role admin; idempotent; cached for 60 s; at most 30 per minute; soft delete; "
    "locked (ETag, If-Match); fields title string, body text, status open|done; unique slug"
)

_HEAD = re.compile(
    r"(?P<verb>[a-z]+) (?:(?:an?|the|all(?: of)?|one(?: of)?|some|new|every|each) )*"
    r"(?:(?P<owner>[a-z][a-z _-]*?)(?:'s|(?<=s)') )?(?P<noun>[a-z][a-z _-]*?)"
    r"(?: (?:of|for|within|in|on|under) (?:(?:an?|the|one|each|all) )*(?P<parent>[a-z][a-z _-]*))?"
)
_POLITE = re.compile(
    r"^(?:please |(?:i|we) (?:want|need|would like) to |(?:a )?users? can |let users "
    r"|(?:add |design )?an endpoint (?:that |to ))+"
)
_NO_NAMES: Final = frozenset(
    "a an and are as at by each for from has have having his her if in into is it its no not of on one or per so that "
    "the their then this to under via was when where which who whose with within without".split()
)
"""Words that join parts of a sentence: a name that has one was not cut where its author meant it to end."""
LONGEST: Final = 20_000
"""Characters of a description."""
LONGEST_NAME: Final = 100
SHOWN: Final = 80
"""Characters of a part that a message repeats."""
_ARTICLE = re.compile(r"^(?:a|an|the|its|their|his|her|all) ")
_LIMIT = re.compile(r"(?:at most |max |limit )?(\d+)(?: requests?)? (?:per|a|an|each|/) ?(second|minute|hour|day)")
_CACHED = re.compile(r"cached?(?: for)? (\d+) ?(s|seconds?|m|min|minutes?|h|hours?)")
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "s": 1, "m": 60, "h": 3600}


class FeatureError(ValueError):
    """A description that is not understood; the text says what would be."""


@dataclass(frozen=True)
class Clause:
    """One thing said about the operation. ``names`` are fields or relations, ``number`` a size or a time in seconds."""

    kind: str
    names: tuple[str, ...] = ()
    number: int = 0
    seconds: int = 0


@dataclass(frozen=True)
class Sentence:
    """One operation as it was described."""

    verb: str
    """``list``, ``get``, ``create``, ``update`` or ``delete``."""
    noun: str
    """The resource in the singular, snake_case."""
    parent: str = ""
    """Whose rows: the resource they are nested in."""
    clauses: tuple[Clause, ...] = ()
    many: bool = False
    """Whether the noun stood in the plural."""


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """Every operation a text describes: one a line, or several with semicolons between.

    Raises:
        FeatureError: a part is not understood.
    """
    if len(text) > LONGEST:
        raise FeatureError(
            f"the description has {len(text):,} characters, more than {LONGEST:,}: write a blueprint instead"
        )
    parts = [part.strip(" .\t\r") for part in re.split(r"[;\n]|\.\s", text)]
    found = tuple(_sentence(part) for part in parts if part)
    if not found:
        raise FeatureError("nothing is described; write for example: list a user's posts, newest first")
    return found


def _sentence(text: str) -> Sentence:
    text = _POLITE.sub("", re.sub(r"\s+", " ", text.lower().replace("\u2019", "'")))
    first, *others = _split(text)
    head = _HEAD.fullmatch(first)
    if head is None or head["verb"] not in VERBS:
        raise FeatureError(
            f"{shown(first)} does not say what is done: begin with one of {', '.join(sorted(VERBS))} and the resource, "
            "as in: list a user's posts, newest first, filter by status"
        )
    noun, parent = _name(first, head["noun"]), _name(first, head["owner"] or head["parent"] or "")
    clauses = tuple(_clause(each) for each in others)
    many = is_plural(_snake(head["noun"]))
    verb = _verb(head["verb"], many, text)
    if head["verb"] == "search" and not any(clause.kind == "search" for clause in clauses):
        raise FeatureError(
            f"{shown(first)} does not say in what: name the fields, as in: search posts, search title, body"
        )
    return Sentence(verb, noun, parent, clauses, many)


def _verb(word: str, many: bool, text: str) -> str:
    """What is done: ``get posts`` asks for many, ``show a post`` for one."""
    verb = VERBS[word]
    if verb == "get" and many:
        return "list"
    return "get" if word == "show" and not many and re.match(r"show (?:a|an|one|the) ", text) else verb


def _split(text: str) -> list[str]:
    """At commas that begin a clause, and at an ``and`` that does: one within a list of names does not."""
    parts: list[str] = []
    for part in (each for piece in text.split(",") for each in _joined(piece.strip())):
        if parts and part and _continues(parts[-1], part):
            parts[-1] = f"{parts[-1]}, {part}"
        elif part:
            parts.append(part)
    return parts or [""]


def _joined(part: str) -> list[str]:
    """``filter by status and newest first`` says two things, ``filter by status and title`` one."""
    before, also, after = part.rpartition(" and ")
    return [*_joined(before), after] if also and next(_known(after), None) is not None else [part]


def _continues(before: str, part: str) -> bool:
    listed = re.match(r"(filter|sort|order|search|fields?|with fields|embed|unique)", before)
    return listed is not None and next(_known(part), None) is None


def _clause(text: str) -> Clause:
    found = next(_known(text), None)
    if found is None:
        raise FeatureError(f"{shown(text)} is not understood; after the operation these are: {UNDERSTOOD}")
    return found


def _known(text: str) -> Iterator[Clause]:
    """What a clause says; nothing where it is not understood."""
    text = re.sub(r"^(?:and|which is|that is|it is) ", "", text)
    if text in ("newest first", "latest first", "most recent first", "newest"):
        yield Clause("newest")
    for pattern, kind in (
        (r"filter(?:ed|able)?(?: by| on)? (.+)", "filter"),
        (r"(?:sort(?:ed|able)?|order(?:ed)?)(?: by)? (.+)", "sort"),
        (r"search(?:ed|able)?(?: in| by| over)? (.+)", "search"),
        (r"(?:embed|include|along with)(?: (?:the|its|their))? (.+)", "embed"),
        (r"with (?:its|the|their) (.+)", "embed"),
        (r"unique(?: by)? (.+)", "unique"),
    ):
        if match := re.fullmatch(pattern, text):
            yield Clause(kind, _names(match[1]))
    if match := re.fullmatch(r"(?:with )?fields? (.+)", text):
        yield Clause("fields", tuple(part.strip() for part in re.split(r",| and ", match[1]) if part.strip()))
    yield from _flag(text)


def _flag(text: str) -> Iterator[Clause]:
    for pattern, kind in (
        (r"(?:page[ds]? |paginated |walk(?:ed)? )?(?:by|with) (?:a )?(?:cursor|keyset)s?|infinite scroll", "cursor"),
        (r"(?:page[ds]?|paginated) (?:by|with) (?:page|offset|number)s?|with totals?|numbered pages", "offset"),
        (r"public|for (?:everybody|everyone|anyone)|without (?:signing|login).*", "public"),
        (r"(?:for )?(?:signed[ -]in|authenticated|logged[ -]in)(?: users?)?(?: only)?", "authenticated"),
        (r"(?:only|for)(?: by| for)? (?:the |their |its )?(?:owner|own|author)s?(?:'s)?(?: rows)?(?: only)?", "owner"),
        (r"(?:the |their |its )?(?:owner|own|author)s?(?:'s)?(?: rows)? only", "owner"),
        (r"idempotent(?: required)?|(?:with )?idempotency[ -]key(?: required)?", "idempotent"),
        (r"soft[ -]deletes?|softly", "soft_delete"),
        (r"(?:with )?(?:optimistic locking|locked|etag|if-match|versioned)", "locking"),
        (r"(?:per|by|within) tenant|multi[ -]tenant", "tenant"),
        (r"with events?|emits? events?|events?", "events"),
    ):
        if re.fullmatch(pattern, text):
            yield Clause(kind)
    if match := re.fullmatch(r"(?:only |for )?roles? ([a-z][a-z0-9_-]*)(?: only)?", text):
        yield Clause("role", (match[1],))
    if match := _LIMIT.fullmatch(text):
        yield Clause("limit", number=int(match[1]), seconds=_SECONDS[match[2]])
    if match := _CACHED.fullmatch(text):
        yield Clause("cache", seconds=int(match[1]) * _SECONDS[match[2][0]])
    if match := re.fullmatch(r"(\d+) (?:rows )?(?:a|per) page", text):
        yield Clause("page_size", number=int(match[1]))


def _names(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r",| and | or ", text))
    return tuple(_snake(_ARTICLE.sub("", part)) for part in parts if part)


def _name(sentence: str, text: str) -> str:
    """``order lines`` -> ``order_line``.

    Raises:
        FeatureError: it is no name but the half of another clause.
    """
    name = _snake(text)
    stray = next((word for word in name.split("_") if word in _NO_NAMES), "")
    if stray or len(name) > LONGEST_NAME:
        why = f"{stray!r} is no part of a name" if stray else "the name is too long"
        raise FeatureError(
            f"{shown(sentence)}: {why}. Say the rows and whose they are, as in: list a user's posts; all else follows "
            f"behind a comma: {UNDERSTOOD}"
        )
    return singular(name)


def shown(text: str) -> str:
    """A piece of the caller's text, short and on one line."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def _snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.strip()).strip("_")
