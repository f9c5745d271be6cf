"""What changed about one named type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql.language import ConstDirectiveNode, FieldDefinitionNode, Node, StringValueNode, print_ast

from knowledge.formats.graphql.document import SdlType, TypeKind, arguments, directive
from knowledge.graphql.change import Change, Level, change
from knowledge.graphql.inputs import ARGUMENT, INPUT_FIELD, inputs
from knowledge.graphql.remarks import descriptions, reason, remarks, usages
from knowledge.graphql.values import output_fits

_PLACES = {TypeKind.OBJECT: "object"}


def compare_type(old: SdlType, new: SdlType, given_only: bool = False) -> Iterator[Change]:
    """Everything that changed about a type.

    Args:
        old: the type as it was.
        new: the type as it is.
        given_only: clients give it and are never answered it, so that more values of it surprise nobody.
    """
    name = old.name
    if old.kind is not new.kind:
        said = f"{name} is a {new.kind}, where it was a {old.kind}: what uses it is refused."
        yield change("type-kind-changed", name, Level.BREAKING, said, old.node, new.node)
        return
    yield from descriptions("type", name, old.node, new.node)
    yield from usages(_PLACES.get(old.kind, old.kind.value), name, old.node, new.node, old.directives, new.directives)
    yield from _meant(old, new)
    yield from _interfaces(old, new)
    yield from _fields(old, new)
    yield from inputs(INPUT_FIELD, name, old.inputs, new.inputs)
    yield from _members(old, new)
    yield from _values(old, new, given_only)


def _meant(old: SdlType, new: SdlType) -> Iterator[Change]:
    name = old.name
    was, now = (directive(kind.directives, "oneOf") is not None for kind in (old, new))
    if now and not was:
        said = f"Requests must give exactly one field of {name}."
        yield change("one-of-added", name, Level.BREAKING, said, old.node, new.node)
    elif was and not now:
        said = f"Requests may give any number of fields of {name}."
        yield change("one-of-removed", name, Level.SAFE, said, old.node, new.node)
    before, after = (_url(directive(kind.directives, "specifiedBy")) for kind in (old, new))
    if before != after:
        end = "added" if not before else "removed" if not after else "changed"
        level = Level.SAFE if end == "added" else Level.DANGEROUS
        said = f"What {name} looks like is specified by {after or 'nothing'}, where it was by {before or 'nothing'}."
        yield change(f"specified-by-{end}", name, level, said, old.node, new.node)


def _url(used: ConstDirectiveNode | None) -> str:
    for given in used.arguments or () if used else ():
        if given.name.value == "url" and isinstance(given.value, StringValueNode):
            return given.value.value
    return ""


def _interfaces(old: SdlType, new: SdlType) -> Iterator[Change]:
    for interface in old.interfaces:
        if interface not in new.interfaces:
            said = f"{old.name} is no longer a {interface}: fragments on {interface} find none of them."
            yield change("interface-removed", f"{old.name}.{interface}", Level.BREAKING, said, old.node, new.node)
    for interface in new.interfaces:
        if interface not in old.interfaces:
            said = f"Where {interface} is answered, {old.name} can now come."
            yield change("interface-added", f"{old.name}.{interface}", Level.DANGEROUS, said, old.node, new.node)


def _fields(old: SdlType, new: SdlType) -> Iterator[Change]:
    for name, node in old.fields.items():
        path = f"{old.name}.{name}"
        if name in new.fields:
            yield from _field(path, node, new.fields[name])
        else:
            said = f"Requests that ask for {path} are refused{_was_deprecated(node)}."
            yield change("field-removed", path, Level.BREAKING, said, node, new.node)
    for name, node in new.fields.items():
        if name not in old.fields:
            path = f"{old.name}.{name}"
            yield change("field-added", path, Level.SAFE, f"{path} can be asked for.", old.node, node)


def _field(path: str, old: FieldDefinitionNode, new: FieldDefinitionNode) -> Iterator[Change]:
    before, after = print_ast(old.type), print_ast(new.type)
    if before != after:
        fits = output_fits(old.type, new.type)
        said = f"{path} answers {after} where it answered {before}"
        said += "." if fits else ": code that expects the old type meets another."
        yield change("field-type-changed", path, Level.SAFE if fits else Level.BREAKING, said, old, new)
    yield from inputs(ARGUMENT, path, arguments(old), arguments(new))
    yield from remarks("field", "field", path, old, new)


def _members(old: SdlType, new: SdlType) -> Iterator[Change]:
    for member, node in old.members.items():
        if member not in new.members:
            said = f"{old.name} is never a {member} any more: fragments on it are refused."
            yield change("union-member-removed", f"{old.name}.{member}", Level.BREAKING, said, node, new.node)
    for member, node in new.members.items():
        if member not in old.members:
            said = f"Where {old.name} is answered, {member} can now come."
            yield change("union-member-added", f"{old.name}.{member}", Level.DANGEROUS, said, old.node, node)


def _values(old: SdlType, new: SdlType, given_only: bool) -> Iterator[Change]:
    values: Mapping[str, Node] = new.values
    for value, node in old.values.items():
        path = f"{old.name}.{value}"
        if value in values:
            yield from remarks("enum-value", "enum-value", path, node, values[value])
        else:
            said = f"Requests that give {path} are refused, and it is never answered{_was_deprecated(node)}."
            yield change("enum-value-removed", path, Level.BREAKING, said, node, new.node)
    for value, added in values.items():
        if value not in old.values:
            path = f"{old.name}.{value}"
            level = Level.SAFE if given_only else Level.DANGEROUS
            said = f"{path} may be given." if given_only else f"{path} can be answered: code must not fail on it."
            yield change("enum-value-added", path, level, said, old.node, added)


def _was_deprecated(node: Node) -> str:
    why = reason(node)
    return "" if why is None else f"; it was deprecated{': ' + why if why else ''}".rstrip(".")
