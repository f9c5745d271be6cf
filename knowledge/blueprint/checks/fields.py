"""Fields: which options fit which type and one another."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from knowledge.blueprint.checks.defaults import fits, unfit
from knowledge.blueprint.fields import INTEGER_LIMIT, FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Path, Problem, quoted

MAX_VALUE: Final = 63
MAX_STRING: Final = 2_000
MAX_TEXT: Final = 100_000

_LENGTHS = frozenset({"min_length", "max_length"})
_BOUNDS = frozenset({"minimum", "maximum"})
_OPTIONS: dict[FieldType, frozenset[str]] = {
    FieldType.STRING: _LENGTHS | {"format", "unique"},
    FieldType.TEXT: _LENGTHS,
    FieldType.INTEGER: _BOUNDS | {"unique"},
    FieldType.DECIMAL: _BOUNDS | {"unique", "precision", "scale"},
    FieldType.BOOLEAN: frozenset(),
    FieldType.DATETIME: frozenset({"unique"}),
    FieldType.DATE: frozenset({"unique"}),
    FieldType.UUID: frozenset({"unique"}),
    FieldType.ENUM: frozenset({"values", "unique"}),
    FieldType.JSON: frozenset(),
}
_OF_SOME_TYPES: Final = frozenset.union(*_OPTIONS.values())


def options_of(kind: FieldType) -> tuple[frozenset[str], frozenset[str]]:
    """The options that belong to a type, and those that belong to other types only."""
    return _OPTIONS[kind], _OF_SOME_TYPES - _OPTIONS[kind]


def check_fields(blueprint: Blueprint) -> Iterator[Problem]:
    """Every field for itself."""
    for key, resource in blueprint.resources.items():
        for name, spec in resource.fields.items():
            path = ("resources", key, "fields", name)
            misplaced = list(_misplaced(path, spec))
            yield from misplaced
            sizes = [] if misplaced else [*_lengths(path, spec), *_numbers(path, spec), *_values(path, spec)]
            yield from sizes
            yield from _writing(path, spec)
            if not misplaced and not sizes:
                yield from _default(path, spec)


def _misplaced(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    """Options of another type."""
    for option in sorted(options_of(spec.type)[1]):
        if getattr(spec, option) == FieldSpec.model_fields[option].default:
            continue
        fitting = ", ".join(kind for kind, options in _OPTIONS.items() if option in options)
        told = f"A field of type {spec.type} has no {option}."
        yield Problem((*path, option), told, f"Delete it; it belongs to fields of type {fitting}.")


def _lengths(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    if spec.type not in (FieldType.STRING, FieldType.TEXT):
        return
    most = MAX_STRING if spec.type is FieldType.STRING else MAX_TEXT
    if spec.max_length > most:
        other = ", or type: text" if spec.type is FieldType.STRING else ""
        told = f"A {spec.type} holds at most {most:,} characters."
        yield Problem((*path, "max_length"), told, f"Write at most {most}{other}.")
    elif spec.min_length > spec.longest:
        told = f"min_length is {spec.min_length:,}, but the longest value has {spec.longest:,} characters."
        yield Problem((*path, "min_length"), told, f"Write at most {spec.longest}, or a larger max_length.")


def _numbers(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    if spec.scale > spec.precision:
        told = f"Of {spec.precision} digits in all, {spec.scale} cannot stand after the point."
        yield Problem((*path, "scale"), told, f"Write at most {spec.precision}, or a larger precision.")
        return
    for option in ("minimum", "maximum"):
        yield from _bound((*path, option), spec, getattr(spec, option))
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        told = f"minimum {spec.minimum:g} is above maximum {spec.maximum:g}."
        yield Problem((*path, "minimum"), told, f"Write at most {spec.maximum:g}, or a larger maximum.")


def _bound(path: Path, spec: FieldSpec, bound: float | None) -> Iterator[Problem]:
    if bound is None:
        return
    if spec.type is FieldType.INTEGER and (not bound.is_integer() or abs(bound) > INTEGER_LIMIT):
        told = f"{bound:g} is no bound of an integer."
        yield Problem(path, told, f"Write a whole number from -{INTEGER_LIMIT} to {INTEGER_LIMIT}.")
    if spec.type is FieldType.DECIMAL and not fits(Decimal(str(bound)), spec):
        told = f"{bound:g} has more digits than {spec.precision} in all with {spec.scale} after the point."
        yield Problem(path, told, "Write a bound with fewer digits, or a larger precision or scale.")


def _values(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    if spec.type is not FieldType.ENUM:
        return
    where = (*path, "values")
    if not spec.values:
        yield Problem(where, "An enum needs its values.", "Write them, as in values: [draft, published].")
    for index, value in enumerate(spec.values):
        place = (*where, str(index))
        if not value or len(value) > MAX_VALUE or not value.isprintable() or value != value.strip():
            told = f"{quoted(value)} cannot be a value of an enum."
            yield Problem(place, told, f"Write 1 to {MAX_VALUE} printable characters without spaces at either end.")
        elif value in spec.values[:index]:
            yield Problem(place, f"{quoted(value)} stands in the list twice.", "Delete one of the two.")


def _writing(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    """Who sets the value when, and whether anybody ever can."""
    if spec.read_only and spec.write_only:
        told = "Nobody could set the field or see it: it is read_only and write_only."
        yield Problem((*path, "write_only"), told, "Delete one of the two.")
    elif spec.read_only and spec.required and spec.default is None:
        told = "The field is read_only and required, but nothing gives it a value."
        yield Problem((*path, "read_only"), told, "Write a default, or required: false.")
    if spec.read_only and spec.immutable:
        told = "A read_only field cannot be changed by anybody, so immutable says nothing more."
        yield Problem((*path, "immutable"), told, "Delete it.")


def _default(path: Path, spec: FieldSpec) -> Iterator[Problem]:
    if spec.default is None:
        return
    if spec.unique:
        told = "A unique field has no default: the second row with it would be refused."
        yield Problem((*path, "default"), told, "Delete the default, or unique.")
    if remedy := unfit(spec):
        told = f"{quoted(spec.default)} is no value of this field."
        yield Problem((*path, "default"), told, remedy)
