"""What changed about what clients give: arguments of fields and directives, and fields of input types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql.language import InputValueDefinitionNode, NonNullTypeNode, print_ast

from knowledge.graphql.change import Change, Level, change
from knowledge.graphql.remarks import remarks
from knowledge.graphql.values import default, input_fits

Inputs = Mapping[str, InputValueDefinitionNode]


@dataclass(frozen=True, slots=True)
class Role:
    """What a list of inputs is a part of; ``optional`` is the level of one that may be left out and is added."""

    part: str
    place: str
    word: str
    optional: Level


ARGUMENT = Role("field-argument", "argument", "the argument", Level.DANGEROUS)
INPUT_FIELD = Role("input-field", "input-field", "the input field", Level.DANGEROUS)
DIRECTIVE_ARGUMENT = Role("directive-argument", "argument", "the argument", Level.SAFE)


def inputs(role: Role, owner: str, old: Inputs, new: Inputs) -> Iterator[Change]:
    """Inputs that came, went or changed."""
    for name, node in old.items():
        path = f"{owner}.{name}"
        if name not in new:
            said = f"Requests that give {role.word} {path} are refused."
            yield change(f"{role.part}-removed", path, Level.BREAKING, said, old=node)
        else:
            yield from _changed(role, path, node, new[name])
    for name, node in new.items():
        if name not in old:
            yield _added(role, f"{owner}.{name}", node)


def required(node: InputValueDefinitionNode) -> bool:
    """Whether it must be given."""
    return isinstance(node.type, NonNullTypeNode) and node.default_value is None


def _added(role: Role, path: str, node: InputValueDefinitionNode) -> Change:
    kind = f"{role.part}-added"
    if required(node):
        said = f"Requests that do not give {role.word} {path} are refused: it is required from the start."
        return change(kind, path, Level.BREAKING, said, new=node)
    return change(kind, path, role.optional, f"{role.word.capitalize()} {path} may be given.", new=node)


def _changed(role: Role, path: str, old: InputValueDefinitionNode, new: InputValueDefinitionNode) -> Iterator[Change]:
    before, after = print_ast(old.type), print_ast(new.type)
    if before != after:
        fits = input_fits(old.type, new.type)
        level = Level.SAFE if fits else Level.BREAKING
        said = f"{role.word.capitalize()} {path} takes {after} where it took {before}"
        said += "." if fits else f": variables of type {before} are refused."
        yield change(f"{role.part}-type-changed", path, level, said, old, new)
    yield from _default(role, path, old, new)
    yield from remarks(role.part, role.place, path, old, new)


def _default(role: Role, path: str, old: InputValueDefinitionNode, new: InputValueDefinitionNode) -> Iterator[Change]:
    before, after = default(old.default_value), default(new.default_value)
    if before == after:
        return
    if not before:
        level = Level.SAFE if required(old) else Level.DANGEROUS
        said = f"Without {role.word} {path} it is now {after}."
        yield change(f"{role.part}-default-added", path, level, said, old, new)
    elif not after:
        level = Level.BREAKING if required(new) else Level.DANGEROUS
        said = f"{role.word.capitalize()} {path} is no longer {before} by itself"
        said += ": requests that leave it out are refused." if required(new) else "."
        yield change(f"{role.part}-default-removed", path, level, said, old, new)
    else:
        said = f"Without {role.word} {path} it is now {after}, where it was {before}."
        yield change(f"{role.part}-default-changed", path, Level.DANGEROUS, said, old, new)
