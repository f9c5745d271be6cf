"""The GraphQL interface of a blueprint as schema definition language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql.language import StringValueNode, print_ast

from knowledge.blueprint.model import Blueprint
from knowledge.formats.graphql.contract import contract
from knowledge.formats.graphql.document import TypeKind
from knowledge.formats.graphql.parts import Answered, Definition, Given

REPEATING = "# architect: allow gql-naming because the blueprint calls it so"


def write_sdl(blueprint: Blueprint) -> str:
    """The schema that a scaffolded backend serves for this blueprint.

    It passes the project's own review; fields that repeat the name of their type because the blueprint calls them so
    are marked as exceptions.
    """
    made = contract(blueprint)
    queries = [one.field for one in made.queries] or [NOTHING]
    texts = ["".join(_object("type", "Query", "What can be asked for.", queries))]
    if made.mutations:
        fields = [one.field for one in made.mutations]
        texts.append("".join(_object("type", "Mutation", "What can be changed.", fields)))
    texts += ["".join(_definition(one)) for one in made.definitions]
    return "\n".join(texts)


NOTHING = Answered("apiVersion", "Int", "api_version", "The version of the API, which offers nothing to read.")
"""A schema must have a field to ask for (GraphQL specification, section 3.3.1)."""


def _definition(one: Definition) -> Iterator[str]:
    if one.kind is TypeKind.SCALAR:
        yield from _described(one.description, "")
        yield f'scalar {one.name} @specifiedBy(url: "{one.url}")\n'
    elif one.kind is TypeKind.ENUM:
        yield from _described(one.description, "")
        yield f"enum {one.name} {{\n"
        for value in one.values:
            yield from _described(value.description, "  ")
            yield f"  {value.name}\n"
        yield "}\n"
    elif one.kind is TypeKind.INPUT:
        yield from _described(one.description, "")
        yield f"input {one.name} {{\n"
        for given in one.inputs:
            yield from _described(given.description, "  ")
            yield f"  {_given(given)}\n"
        yield "}\n"
    else:
        yield from _object("type", one.name, one.description, one.fields)


def _object(word: str, name: str, description: str, fields: Iterable[Answered]) -> Iterator[str]:
    yield from _described(description, "")
    yield f"{word} {name} {{\n"
    prefix = name[:1].lower() + name[1:]
    for field in fields:
        yield from _described(field.description, "  ")
        root = name in ("Query", "Mutation")
        if not root and field.name.startswith(prefix) and field.name[len(prefix) :][:1].isupper():
            yield f"  {REPEATING}\n"
        yield f"  {field.name}{''.join(_arguments(field.arguments))}: {field.type}{_deprecated(field)}\n"
    yield "}\n"


def _deprecated(field: Answered) -> str:
    return f" @deprecated(reason: {print_ast(StringValueNode(value=field.deprecated))})" if field.deprecated else ""


def _arguments(arguments: tuple[Given, ...]) -> Iterator[str]:
    if not arguments:
        return
    yield "(\n"
    for given in arguments:
        yield from _described(given.description, "    ")
        yield f"    {_given(given)}\n"
    yield "  )"


def _given(given: Given) -> str:
    return f"{given.name}: {given.type}" + (f" = {given.default}" if given.default else "")


def _described(description: str, indent: str) -> Iterator[str]:
    """A block string (GraphQL specification, section 2.9.4); characters it cannot hold as they are, as spaces."""
    text = described(description).replace('"""', '\\"""')
    yield f'{indent}"""\n{indent}{text}\n{indent}"""\n'


def described(description: str) -> str:
    """A description as it is read back from a block string: one paragraph, without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in description).split())
