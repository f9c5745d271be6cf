"""Whether a schema is one: the rules of the GraphQL specification, told without stopping at the first fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import GraphQLError, build_ast_schema, validate_schema
from graphql.language import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    NameNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
)
from graphql.validation.validate import validate_sdl

from knowledge.formats.graphql.document import (
    SCALARS,
    Problem,
    SdlDocument,
    SdlType,
    TypeKind,
    arguments,
    directive,
    named_type,
    place,
)


def problems(document: SdlDocument) -> Iterator[tuple[str, Problem]]:
    """What the specification forbids, each with the type or directive it stands in.

    First what the parser could not read, then the rules about definition language, then those about the type system,
    the latter on what remains when everything unreadable, doubled or dangling is left out.
    """
    for problem in document.problems:
        yield "", problem
    if not document.definitions:
        return
    owners = _Owners(document)
    seen = set()
    for error in (*_sdl_errors(document), *_schema_errors(document)):
        if any(f"'{name}'" in error.message for name in document.unread):
            continue  # it misses what is there and could not be parsed
        problem = _problem(error)
        if problem not in seen:
            seen.add(problem)
            yield owners.of(problem.line), problem


def _sdl_errors(document: SdlDocument) -> list[GraphQLError]:
    return validate_sdl(DocumentNode(definitions=document.definitions))


def _schema_errors(document: SdlDocument) -> list[GraphQLError]:
    remaining = DocumentNode(definitions=tuple(_sound(document)))
    try:
        found = validate_schema(build_ast_schema(remaining, assume_valid_sdl=True))
    except GraphQLError as error:  # a directive given a value of the wrong type
        return [error]
    except (TypeError, RecursionError):
        return []  # what still hinders building was told by the rules about definition language
    return [error for error in found if "OneOf" not in error.message]  # that is a rule of its own


def _problem(error: GraphQLError) -> Problem:
    nodes = error.nodes or []
    repeated = "only one" in error.message or "only be defined once" in error.message
    line, column = place(nodes[-1 if repeated else 0]) if nodes else (1, 1)
    return Problem(line, column, error.message)


class _Owners:
    """Which definition a line belongs to."""

    def __init__(self, document: SdlDocument) -> None:
        self._lines = sorted(
            (place(node)[0], node.name.value)
            for node in document.definitions
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode | DirectiveDefinitionNode)
        )

    def of(self, line: int) -> str:
        """The name of the last definition that begins at or before ``line``."""
        name = ""
        for start, owner in self._lines:
            if start > line:
                break
            name = owner
        return name


def _sound(document: SdlDocument) -> Iterator[DefinitionNode]:
    """The definitions that a schema can be built of: nothing twice, nothing that leads nowhere."""
    for kind in document.types.values():
        if isinstance(kind.node, TypeDefinitionNode) and kind.name not in SCALARS:
            yield _sound_type(kind, document)
    for definition in document.directives.values():
        yield replace(definition, arguments=tuple(_sound_inputs(arguments(definition))), directives=())
    for name in sorted(_missing(document)):
        yield ScalarTypeDefinitionNode(name=NameNode(value=name))
    for node in document.schema_nodes[:1]:
        known = tuple(one for one in node.operation_types or () if one.type.name.value in document.types)
        yield SchemaDefinitionNode(operation_types=known, loc=node.loc)


def _missing(document: SdlDocument) -> set[str]:
    """Names that stand for a type and are defined nowhere: scalars take their place, which can stand anywhere."""
    used = {name for kind in document.types.values() for name in kind.given | kind.answered}
    used |= {named_type(part.type) for one in document.directives.values() for part in arguments(one).values()}
    return {name for name in used if name not in SCALARS and not _defined(name, document)}


def _defined(name: str, document: SdlDocument) -> bool:
    return name in document.types and isinstance(document.types[name].node, TypeDefinitionNode)


def _sound_type(kind: SdlType, document: SdlDocument) -> DefinitionNode:
    """One definition that holds what its extensions add."""
    parts: dict[str, object] = {"directives": _meaningful(kind.directives)}
    if kind.kind in (TypeKind.OBJECT, TypeKind.INTERFACE):
        parts["fields"] = tuple(_sound_field(node) for node in kind.fields.values())
        parts["interfaces"] = tuple(one for name, one in kind.interfaces.items() if _defined(name, document))
    elif kind.kind is TypeKind.INPUT:
        parts["fields"] = tuple(_sound_inputs(kind.inputs))
    elif kind.kind is TypeKind.UNION:
        parts["types"] = tuple(one for name, one in kind.members.items() if _defined(name, document))
    elif kind.kind is TypeKind.ENUM:
        parts["values"] = tuple(replace(value, directives=()) for value in kind.values.values())
    return replace(kind.node, **parts)  # type: ignore[arg-type]


def _sound_field(node: FieldDefinitionNode) -> FieldDefinitionNode:
    takes = tuple(_sound_inputs(arguments(node)))
    return replace(node, arguments=takes, directives=_meaningful(node.directives))


def _sound_inputs(inputs: dict[str, InputValueDefinitionNode]) -> Iterator[InputValueDefinitionNode]:
    for node in inputs.values():
        yield replace(node, directives=_meaningful(node.directives))


def _meaningful(directives: Iterable[ConstDirectiveNode] | None) -> tuple[ConstDirectiveNode, ...]:
    """Those that change what a type is; the first of each."""
    found = (directive(directives, name) for name in ("oneOf", "deprecated", "specifiedBy"))
    return tuple(one for one in found if one is not None)
