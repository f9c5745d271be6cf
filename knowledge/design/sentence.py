"""A feature in words, taken apart: ``list a user's posts, newest first, filter by status``.

A small grammar, not a guess at English: one clause says what is done with which rows, the others how. What is not
understood is refused with what would be, so nothing that was asked for is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from knowledge.blueprint.plurals import plural_of

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
    r"(?P<verb>[a-z]+) (?:(?:a|an|the|all|one|some|new|every) )*"
    r"(?:(?P<owner>[a-z][a-z _-]*?)(?:'s|s') )?(?P<noun>[a-z][a-z _-]*?)"
    r"(?: (?:of|for|within|in|on|under) (?:(?:a|an|the|one|each) )?(?P<parent>[a-z][a-z _-]*))?"
)
_ARTICLE = re.compile(r"^(?:a|an|the|its|their|his|her|all) ")
_KINDS: Final = frozenset("string text integer decimal boolean datetime date uuid json".split())
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


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """Every operation a text describes: one a line, or several with semicolons between.

    Raises:
        FeatureError: a part is not understood.
    """
    parts = [part.strip(" .\t") for part in re.split(r"[;\n]|\.\s", text)]
    found = tuple(_sentence(part) for part in parts if part)
    if not found:
        raise FeatureError("nothing is described; write for example: list a user's posts, newest first")
    return found


def singular(noun: str) -> str:
    """The singular of a word in snake_case: the word whose plural it is, else itself."""
    shorter = (f"{noun[:-3]}y", noun[:-2], noun[:-1]) if noun.endswith("s") else ()
    for candidate in shorter:
        if candidate and plural_of(candidate) == noun:
            return candidate
    return {"people": "person", "children": "child", "men": "man", "women": "woman"}.get(noun, noun)


def _sentence(text: str) -> Sentence:
    first, *others = _split(re.sub(r"\s+", " ", text.lower().replace("\u2019", "'")))
    head = _HEAD.fullmatch(first)
    if head is None or head["verb"] not in VERBS:
        raise FeatureError(
            f"{first!r} does not say what is done: begin with one of {', '.join(sorted(VERBS))} and the resource, "
            "as in: list a user's posts, newest first, filter by status"
        )
    noun, plural_first = _name(head["noun"]), head["noun"]
    verb = VERBS[head["verb"]]
    if verb == "get" and _name(plural_first) != _snake(plural_first):
        verb = "list"  # "get posts" asks for many
    parent = _name(head["owner"] or head["parent"] or "")
    return Sentence(verb, noun, parent, tuple(_clause(each) for each in others))


def _split(text: str) -> list[str]:
    """At commas that begin a clause: a comma within a list of names does not."""
    parts: list[str] = []
    for part in (each.strip() for each in text.split(",")):
        if parts and part and _continues(parts[-1], part):
            parts[-1] = f"{parts[-1]}, {part}"
        elif part:
            parts.append(part)
    return parts or [""]


def _continues(before: str, part: str) -> bool:
    listed = re.match(r"(filter|sort|order|search|fields?|with fields|embed|unique)", before)
    return listed is not None and next(_known(part), None) is None


def _clause(text: str) -> Clause:
    found = next(_known(text), None)
    if found is None:
        raise FeatureError(f"{text!r} is not understood; after the operation these are: {UNDERSTOOD}")
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
        (r"(?:only |for )?(?:the |their |its )?(?:owner|own|author)(?:'s)?(?: rows)?(?: only)?|only own", "owner"),
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


def _name(text: str) -> str:
    """``order lines`` -> ``order_line``."""
    before, _, word = _snake(text).rpartition("_")
    return f"{before}_{singular(word)}" if before else singular(word)


def _snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.strip()).strip("_")
