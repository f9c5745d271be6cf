"""Fields as annotations: what clients may send, what they get back, what they may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.scaffold.rendering.literals import default_literal, text_literal
from knowledge.blueprint.fields import FieldSpec, FieldType, StringFormat
from knowledge.blueprint.model import Resource

IMPORTED = frozenset(
    "Annotated Any BaseModel ConfigDict CursorText Decimal Field JsonValue Literal PageNumber SearchText "
    "SkipJsonSchema TypedDict UTC UUID".split()
)
"""Names the module of the schemas imports."""

SCHEMAS = ("Create", "Update", "Read", "ListItem", "ListQuery", "Fields")
"""How the names of schemas end."""

_READ = {
    FieldType.STRING: "str",
    FieldType.TEXT: "str",
    FieldType.INTEGER: "int",
    FieldType.DECIMAL: "Decimal",
    FieldType.BOOLEAN: "bool",
    FieldType.DATETIME: "datetime",
    FieldType.DATE: "date",
    FieldType.UUID: "UUID",
    FieldType.JSON: "JsonValue",
}
_SENT = {
    FieldType.INTEGER: "values.Integer",
    FieldType.BOOLEAN: "values.Boolean",
    FieldType.DATETIME: "values.Moment",
    FieldType.DATE: "values.Day",
    FieldType.UUID: "UUID",
    FieldType.JSON: "values.Json",
}
_ASKED = {
    FieldType.STRING: "values.Text",
    FieldType.INTEGER: "values.IntegerText",
    FieldType.BOOLEAN: "bool",
    FieldType.DATETIME: "values.Moment",
    FieldType.DATE: "values.Day",
    FieldType.UUID: "UUID",
}
_FORMATS = {
    StringFormat.ANY: "values.Text",
    StringFormat.EMAIL: "values.Email",
    StringFormat.URL: "values.Url",
    StringFormat.SLUG: "values.Slug",
}


@dataclass(frozen=True)
class Field:
    """A field or relation of a resource as the schemas say it."""

    name: str
    sent: str
    """Annotation of a value in a body, null not included."""
    read: str
    """The same in an answer."""
    asked: str
    """The same in a query string."""
    nullable: bool
    default: str
    """Of a value left out on create, as an expression; empty where it must be there."""
    description: str = ""
    alias: str = ""
    """The definition behind the name that ``sent`` gives; empty where there is none."""

    @property
    def described(self) -> str:
        """Its description as an argument."""
        return f"description={text_literal(self.description)}" if self.description else ""

    def in_body(self, *, optional: bool) -> str:
        """``name: annotation = default`` of a create, or of an update, where nothing has a default."""
        kind = f"{self.sent} | None" if self.nullable else self.sent
        kind = f"Annotated[{kind}, Field({self.described})]" if self.described else kind
        return f"{self.name}: {kind}" + (f" = {self.default}" if self.default and not optional else "")

    def in_answer(self) -> str:
        """``name: annotation`` of a row."""
        kind = f"{self.read} | None" if self.nullable else self.read
        return f"{self.name}: " + (f"Annotated[{kind}, Field({self.described})]" if self.described else kind)


def schema_fields(resource: Resource) -> dict[str, Field]:
    """Relations and fields by name, relations first."""
    taken = set(IMPORTED)
    found = {name: _relation(resource, name) for name in resource.belongs_to}
    for name, spec in resource.fields.items():
        found[name] = _field(name, spec, taken)
    return found


def _relation(resource: Resource, name: str) -> Field:
    relation = resource.belongs_to[name]
    return Field(
        name=f"{name}_id",
        sent="UUID",
        read="UUID",
        asked="UUID",
        nullable=not relation.required,
        default="" if relation.required else "None",
        description=relation.description,
    )


def _field(name: str, spec: FieldSpec, taken: set[str]) -> Field:
    alias = _annotation(spec)
    named = _alias(name, taken) if "[" in alias else ""
    enum = spec.type is FieldType.ENUM
    return Field(
        name=name,
        sent=named or alias,
        read=named if enum else _READ[spec.type],
        asked=named if enum else _asked(spec),
        nullable=not spec.required,
        default="" if spec.required and spec.default is None else default_literal(spec),
        description=spec.description,
        alias=f"{named} = {alias}" if named else "",
    )


def _alias(name: str, taken: set[str]) -> str:
    """A name for a field's type: of no other one, and of no schema."""
    plain = "".join(part.capitalize() for part in name.split("_"))
    found = unused(f"{plain}Value" if plain.endswith(SCHEMAS) else plain, taken)
    taken.add(found)
    return found


def _annotation(spec: FieldSpec) -> str:
    if spec.type is FieldType.ENUM:
        return f"Literal[{', '.join(text_literal(value) for value in spec.values)}]"
    if spec.type in (FieldType.STRING, FieldType.TEXT):
        least = [f"min_length={spec.min_length}"] if spec.min_length else []
        return _constrained(_FORMATS[spec.format], [*least, f"max_length={spec.longest}"])
    if spec.type is FieldType.DECIMAL:
        digits = f"max_digits={spec.precision}", f"decimal_places={spec.scale}"
        return f"Annotated[values.Number, Field({', '.join([*digits, *_bounds(spec)])}), {_digits(spec)}]"
    if spec.type is FieldType.INTEGER:
        return _constrained("values.Integer", list(_bounds(spec)))
    return _SENT[spec.type]


def _constrained(kind: str, constraints: Iterable[str]) -> str:
    listed = ", ".join(constraints)
    return f"Annotated[{kind}, Field({listed})]" if listed else kind


def _digits(spec: FieldSpec) -> str:
    return f"values.Digits({spec.precision}, {spec.scale})"


def _bounds(spec: FieldSpec) -> Iterator[str]:
    for option, value in (("ge", spec.minimum), ("le", spec.maximum)):
        if value is None:
            continue
        whole = value.is_integer()
        yield f"{option}={int(value)}" if whole else f'{option}=Decimal("{value!r}")'


def _asked(spec: FieldSpec) -> str:
    if spec.type is FieldType.DECIMAL:
        return f"Annotated[values.Number, {_digits(spec)}]"
    return _ASKED.get(spec.type, "values.Text")


def unused(name: str, taken: Iterable[str], ending: str = "Value") -> str:
    """The name, lengthened until nothing else is called so."""
    known = set(taken)
    while name in known:
        name += ending
    return name
