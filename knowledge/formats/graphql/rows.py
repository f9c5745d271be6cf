"""What GraphQL shows of a row, and the scalars and enums its fields are of."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.fields import FieldSpec, FieldType
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Operation
from knowledge.formats.graphql.document import TypeKind
from knowledge.formats.graphql.naming import TypeNames, apart, pascal, upper
from knowledge.formats.graphql.parts import Definition, Value

LARGEST_INT = 2**31 - 1
"""GraphQL's Int has 32 bits (GraphQL specification, section 3.5.1)."""

SCALARS = {
    "BigInt": ("A whole number between -9007199254740991 and 9007199254740991.", "https://www.rfc-editor.org/rfc/rfc8259#section-6"),
    "Date": ("A day of the calendar, as in 2030-01-31.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"),
    "DateTime": ("A moment with its offset, as in 2030-01-31T12:00:00Z.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"),
    "Decimal": ("An exact decimal, written as text, as in 12.50.", "https://www.w3.org/TR/xmlschema-2/#decimal"),
    "JSON": ("Any JSON value but null.", "https://www.rfc-editor.org/rfc/rfc8259"),
    "UUID": ("A universally unique identifier.", "https://www.rfc-editor.org/rfc/rfc9562"),
}  # fmt: skip
"""Scalars of the written schemas: what they hold, and what specifies them."""

_TYPES = {
    FieldType.STRING: "String",
    FieldType.TEXT: "String",
    FieldType.DECIMAL: "Decimal",
    FieldType.BOOLEAN: "Boolean",
    FieldType.DATETIME: "DateTime",
    FieldType.DATE: "Date",
    FieldType.UUID: "UUID",
    FieldType.JSON: "JSON",
}


class Types:
    """The types of fields, with the enums among them."""

    def __init__(self, blueprint: Blueprint, names: TypeNames) -> None:
        self._enums: dict[tuple[str, str], Definition] = {}
        for resource in blueprint.resources.values():
            for name, spec in resource.fields.items():
                if spec.type is FieldType.ENUM:
                    self._enums[resource.name, name] = _enum(resource, name, spec, names)

    @property
    def enums(self) -> Iterator[Definition]:
        """All of them, in the order of the blueprint."""
        yield from self._enums.values()

    def of(self, resource: Resource, name: str) -> str:
        """The type of a field of a blueprint, without an exclamation mark."""
        spec = resource.fields[name]
        if spec.type is FieldType.ENUM:
            return self._enums[resource.name, name].name
        if spec.type is FieldType.INTEGER:
            return "Int" if _fits(spec) else "BigInt"
        return _TYPES[spec.type]


def _fits(spec: FieldSpec) -> bool:
    low, high = spec.minimum, spec.maximum
    return low is not None and high is not None and low >= -LARGEST_INT and high <= LARGEST_INT


def _enum(resource: Resource, name: str, spec: FieldSpec, names: TypeNames) -> Definition:
    spoken = name.replace("_", " ")
    return Definition(
        kind=TypeKind.ENUM,
        name=names.made(f"{names.rows[resource.name]}{pascal(name)}"),
        description=f"What the {spoken} of {a(resource)} may be.",
        role="enum",
        resource=resource.name,
        values=tuple(
            Value(named, value, f"{value}.")
            for value, named in apart((value, upper(value)) for value in spec.values).items()
        ),
    )


def a(resource: Resource) -> str:
    """The resource with its article, as in ``an order line``."""
    spoken = resource.name.replace("_", " ")
    return f"{'an' if spoken[0] in 'aeio' else 'a'} {spoken}"


def spoken(resource: Resource) -> str:
    """The resource in the plural, as in ``order lines``."""
    return resource.plural.replace("_", " ")


def left(operation: Operation) -> str:
    """Why clients are to leave an operation, and until when; empty where they are not."""
    deprecated = operation.deprecated
    if deprecated is None:
        return ""
    gone = f"; it may be gone from {deprecated.sunset} on" if deprecated.sunset else ""
    see = f". See {deprecated.link}" if deprecated.link else "."
    return f"Not for new clients since {deprecated.since}{gone}{see}"
