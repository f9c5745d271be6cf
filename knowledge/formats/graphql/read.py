"""GraphQL schema definition language to a document: what cannot be parsed is told, the rest is read all the same."""

from __future__ import annotations

import re
from bisect import bisect_right

from graphql import GraphQLSyntaxError, Source, SourceLocation, parse
from graphql.language import DefinitionNode, ExecutableDefinitionNode

from knowledge.formats.graphql.document import Problem, SdlDocument, place
from knowledge.formats.graphql.tokens import definition_starts, depth

MAX_CHARACTERS = 8_000_000
MAX_TOKENS = 1_000_000
MAX_DEPTH = 64
MAX_PROBLEMS = 200

_NAME = re.compile(r"\b(?:scalar|type|interface|union|enum|input)\s+([A-Za-z_][A-Za-z_0-9]*)")


class SdlTooLarge(ValueError):
    """The text is longer or nested deeper than is read."""


def read_sdl(text: str, path: str = "") -> SdlDocument:
    """The definitions of a schema.

    Args:
        text: schema definition language (GraphQL specification, September 2025, section 3).
        path: what to put into locations.

    Raises:
        SdlTooLarge: beyond ``MAX_CHARACTERS`` or ``MAX_TOKENS``, or nested deeper than ``MAX_DEPTH``.
    """
    if len(text) > MAX_CHARACTERS:
        raise SdlTooLarge(f"the schema has {len(text)} characters; up to {MAX_CHARACTERS} are read")
    if (deepest := depth(text)) > MAX_DEPTH:
        raise SdlTooLarge(f"brackets are nested {deepest} deep; up to {MAX_DEPTH} are read")
    definitions, problems, unread = _parsed(text)
    executable = [node for node in definitions if isinstance(node, ExecutableDefinitionNode)]
    problems += [Problem(*place(node), "an operation or fragment is no part of a schema") for node in executable]
    kept = tuple(node for node in definitions if not isinstance(node, ExecutableDefinitionNode))
    return SdlDocument(path, text, kept, tuple(problems[:MAX_PROBLEMS]), unread)


_Parsed = tuple[list[DefinitionNode], list[Problem], frozenset[str]]


def _parsed(text: str) -> _Parsed:
    if not text.strip():
        return [], [Problem(1, 1, "the schema is empty")], frozenset()
    try:
        return list(parse(text, max_lexical_tokens=MAX_TOKENS).definitions), [], frozenset()
    except GraphQLSyntaxError as error:
        if "Document contains more than" in error.message:
            raise SdlTooLarge(f"the schema has more than {MAX_TOKENS} tokens") from error
        return _piece_by_piece(text, _problem(error))


def _piece_by_piece(text: str, whole: Problem) -> _Parsed:
    """Every definition parsed alone, so that a fault in one of them hides no other."""
    starts = definition_starts(text)
    if not starts:
        return [], [whole], frozenset()
    lines = [0, *(index + 1 for index, letter in enumerate(text) if letter == "\n")]
    definitions: list[DefinitionNode] = []
    problems: list[Problem] = []
    unread: set[str] = set()
    before = text[: starts[0]]
    pieces = [(0, before)] if before.strip() else []
    pieces += [(start, text[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    for start, piece in pieces:
        line = bisect_right(lines, start)
        padding = " " * (start - lines[line - 1])
        try:
            definitions += parse(Source(padding + piece, location_offset=SourceLocation(line, 1))).definitions
        except GraphQLSyntaxError as error:
            if not _only_comments(piece):
                problems.append(_problem(error))
                unread.update(_NAME.findall(piece))
    return definitions, problems or [whole], frozenset(unread)


def _only_comments(piece: str) -> bool:
    return all(not line.strip(" \t\r,\ufeff") or line.lstrip().startswith("#") for line in piece.split("\n"))


def _problem(error: GraphQLSyntaxError) -> Problem:
    offset = error.source.location_offset.line - 1 if error.source else 0
    (location,) = error.locations or [SourceLocation(1, 1)]
    return Problem(location.line + offset, location.column, error.message.removeprefix("Syntax Error: "))
