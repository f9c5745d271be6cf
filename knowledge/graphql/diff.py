"""Two versions of a schema compared, with what each change means for clients.

Every kind of change that graphql-core and graphql-inspector tell apart has its equal here. It is the text that is
compared, definitions and extensions put together, so that a schema that is not valid can be compared all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import DirectiveDefinitionNode, SchemaDefinitionNode

from knowledge.formats.graphql.document import OPERATIONS, SdlDocument, arguments
from knowledge.formats.graphql.read import read_sdl
from knowledge.graphql.change import Change, Level, change
from knowledge.graphql.inputs import DIRECTIVE_ARGUMENT, inputs
from knowledge.graphql.remarks import descriptions, remarks, usages
from knowledge.graphql.type_diff import compare_type

SPECIFIED = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})
"""Directives every schema has, whether it defines them or not (GraphQL specification, section 3.13)."""
EXECUTABLE = frozenset(
    "QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION".split()
)
"""Where clients can write a directive."""


def compare_sdl(old: str, new: str) -> tuple[Change, ...]:
    """What changed from one text to another; see :func:`compare`.

    Raises:
        SdlTooLarge: one of them is longer or deeper than is read.
    """
    return compare(read_sdl(old), read_sdl(new))


def compare(old: SdlDocument, new: SdlDocument) -> tuple[Change, ...]:
    """What changed, the breaking first, then in the order of the old schema."""
    found = [*_roots(old, new), *_schema(old, new), *_types(old, new), *_directives(old, new)]
    order = list(Level)
    return tuple(sorted(found, key=lambda one: order.index(one.level)))


def _roots(old: SdlDocument, new: SdlDocument) -> Iterator[Change]:
    for operation in OPERATIONS:
        before, after = old.roots.get(operation, ""), new.roots.get(operation, "")
        if before == after:
            continue
        path, kind = f"schema.{operation}", f"{operation}-root"
        was = old.types[before].node if before in old.types else None
        now = new.types[after].node if after in new.types else None
        if not before:
            yield change(f"{kind}-added", path, Level.SAFE, f"There are {operation} operations now.", was, now)
        elif not after:
            said = f"There are no {operation} operations any more."
            yield change(f"{kind}-removed", path, Level.BREAKING, said, was, now)
        else:
            said = f"The type of {operation} operations is {after}, not {before}: fragments on {before} are refused."
            yield change(f"{kind}-changed", path, Level.BREAKING, said, was, now)


def _schema(old: SdlDocument, new: SdlDocument) -> Iterator[Change]:
    nothing = SchemaDefinitionNode(operation_types=())
    before = old.schema_nodes[0] if old.schema_nodes else nothing
    after = new.schema_nodes[0] if new.schema_nodes else nothing
    yield from descriptions("schema", "schema", before, after)
    used = [tuple(one for node in document.schema_nodes for one in node.directives or ()) for document in (old, new)]
    yield from usages("schema", "schema", before, after, *used)


def _types(old: SdlDocument, new: SdlDocument) -> Iterator[Change]:
    given = {name for kind in old.types.values() for name in kind.given}
    answered = {name for document in (old, new) for kind in document.types.values() for name in kind.answered}
    for name, kind in old.types.items():
        if name in new.types:
            yield from compare_type(kind, new.types[name], given_only=name in given - answered)
        else:
            said = f"The {kind.kind} {name} is gone: what names it is refused."
            yield change("type-removed", name, Level.BREAKING, said, old=kind.node)
    for name, kind in new.types.items():
        if name not in old.types:
            yield change("type-added", name, Level.SAFE, f"There is a new {kind.kind}, {name}.", new=kind.node)


def _directives(old: SdlDocument, new: SdlDocument) -> Iterator[Change]:
    for name, node in old.directives.items():
        if name in SPECIFIED:
            continue
        if name in new.directives:
            yield from _directive(f"@{name}", node, new.directives[name])
        else:
            level = _level(node)
            said = f"Requests that use @{name} are refused." if level is Level.BREAKING else f"@{name} is gone."
            yield change("directive-removed", f"@{name}", level, said, old=node)
    for name, node in new.directives.items():
        if name not in old.directives and name not in SPECIFIED:
            yield change("directive-added", f"@{name}", Level.SAFE, f"There is a new directive, @{name}.", new=node)


def _level(node: DirectiveDefinitionNode) -> Level:
    """Breaking where clients can write the directive; only tools that read schemas see the others."""
    return Level.BREAKING if any(one.value in EXECUTABLE for one in node.locations) else Level.DANGEROUS


def _directive(path: str, old: DirectiveDefinitionNode, new: DirectiveDefinitionNode) -> Iterator[Change]:
    before, after = {one.value: one for one in old.locations}, {one.value: one for one in new.locations}
    for location, node in before.items():
        if location not in after:
            level = Level.BREAKING if location in EXECUTABLE else Level.DANGEROUS
            said = f"{path} can no longer stand on {location}."
            yield change("directive-location-removed", f"{path}.{location}", level, said, node, new)
    for location, node in after.items():
        if location not in before:
            said = f"{path} can stand on {location}."
            yield change("directive-location-added", f"{path}.{location}", Level.SAFE, said, old, node)
    if old.repeatable and not new.repeatable:
        level, said = _level(old), f"{path} can be used only once on a part."
        yield change("directive-repeatable-removed", path, level, said, old, new)
    elif new.repeatable and not old.repeatable:
        said = f"{path} can be used several times on a part."
        yield change("directive-repeatable-added", path, Level.SAFE, said, old, new)
    yield from inputs(DIRECTIVE_ARGUMENT, path, arguments(old), arguments(new))
    yield from remarks("directive", "directive", path, old, new)
