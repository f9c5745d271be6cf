"""Fields as schemas of zod: what clients may send, what they get back, what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from backend.scaffold.typescript.literals import default_literal, text_literal
from knowledge.blueprint.fields import INTEGER_LIMIT, FieldSpec, FieldType, StringFormat
from knowledge.blueprint.model import Resource

_FORMATS = {
    StringFormat.ANY: "text",
    StringFormat.EMAIL: "email",
    StringFormat.URL: "url",
    StringFormat.SLUG: "slug",
}
_READ = {
    FieldType.STRING: "z.string()",
    FieldType.TEXT: "z.string()",
    FieldType.INTEGER: "z.int()",
    FieldType.DECIMAL: "z.string()",
    FieldType.BOOLEAN: "z.boolean()",
    FieldType.DATETIME: "z.iso.datetime()",
    FieldType.DATE: "z.iso.date()",
    FieldType.UUID: "z.uuid()",
    FieldType.JSON: "values.json()",
}
JSON_TYPES = ("object", "array", "string", "number", "boolean", "null")
"""Documented of a field that may hold any JSON value or none."""


@dataclass(frozen=True)
class ZodField:
    """A field or relation of a resource as the schemas say it."""

    name: str
    kind: str
    """What a value in a body has to be, null not included."""
    read: str
    """The same in an answer."""
    asked: str
    """The same in a query string."""
    wanted: str
    """The same in the input of a procedure."""
    nullable: bool
    default: str
    """Of a value left out on create, as an expression; empty where it must be there."""
    description: str = ""
    shared: bool = False
    """Whether ``kind`` stands in the object of kinds that create and update share."""

    @property
    def sent(self) -> str:
        """What a value in a body has to be, by its name where it has one."""
        return f"fields.{self.name}" if self.shared else self.kind

    def in_body(self, *, optional: bool) -> str:
        """The property of a create, or of an update, where everything may be left out."""
        kind = self.sent + self._null()
        if optional:
            return f"{self.name}: {kind}.optional(){self._described()}"
        return f"{self.name}: {kind}" + (f".default({self.default})" if self.default else "") + self._described()

    def in_answer(self) -> str:
        """The property of a row."""
        return f"{self.name}: {self.read}{self._null()}{self._described()}"

    def _null(self) -> str:
        if self.nullable and self.read == _READ[FieldType.JSON]:
            return f".nullable().openapi({{ type: [{', '.join(map(text_literal, JSON_TYPES))}] }})"
        return ".nullable()" if self.nullable else ""

    def _described(self) -> str:
        return f".openapi({{ description: {text_literal(self.description)} }})" if self.description else ""


def zod_fields(resource: Resource) -> dict[str, ZodField]:
    """Relations and fields by name, relations first."""
    found = {name: _relation(resource, name) for name in resource.belongs_to}
    return found | {name: _field(name, spec) for name, spec in resource.fields.items()}


def _relation(resource: Resource, name: str) -> ZodField:
    relation = resource.belongs_to[name]
    return ZodField(
        name=f"{name}_id",
        kind="values.uuid()",
        read="z.uuid()",
        asked="values.uuid()",
        wanted="values.uuid()",
        nullable=not relation.required,
        default="" if relation.required else "null",
        description=relation.description,
    )


def _field(name: str, spec: FieldSpec) -> ZodField:
    kind = _kind(spec)
    return ZodField(
        name=name,
        kind=kind,
        read=kind if spec.type is FieldType.ENUM else _READ[spec.type],
        asked=_asked(spec),
        wanted=_wanted(spec),
        nullable=not spec.required,
        default="" if spec.required and spec.default is None else default_literal(spec),
        description=spec.description,
        shared=True,
    )


def _kind(spec: FieldSpec) -> str:
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            return f"values.{_FORMATS[spec.format]}({spec.min_length}, {spec.longest})"
        case FieldType.ENUM:
            return f"values.choice([{', '.join(map(text_literal, spec.values))}])"
        case FieldType.DECIMAL:
            return f"values.decimal({{ {_digits(spec)}{_bounds(spec)} }})"
        case FieldType.INTEGER:
            return f"values.integer({_integers(spec)})"
        case _:
            return f"values.{_PLAIN[spec.type]}()"


_PLAIN = {
    FieldType.BOOLEAN: "boolean",
    FieldType.DATETIME: "moment",
    FieldType.DATE: "day",
    FieldType.UUID: "uuid",
    FieldType.JSON: "json",
}


def _asked(spec: FieldSpec) -> str:
    match spec.type:
        case FieldType.ENUM | FieldType.DATETIME | FieldType.DATE | FieldType.UUID:
            return _kind(spec)
        case FieldType.INTEGER:
            return "values.integerText()"
        case FieldType.BOOLEAN:
            return "values.booleanText()"
        case FieldType.DECIMAL:
            return f"values.decimal({{ {_digits(spec)} }})"
        case _:
            return f"values.text(0, {spec.longest})"


def _wanted(spec: FieldSpec) -> str:
    if spec.type in (FieldType.INTEGER, FieldType.BOOLEAN):
        return _asked(spec).replace("Text()", "()")
    return _asked(spec)


def _digits(spec: FieldSpec) -> str:
    return f"precision: {spec.precision}, scale: {spec.scale}"


def _bounds(spec: FieldSpec) -> str:
    named = (("minimum", spec.minimum), ("maximum", spec.maximum))
    return "".join(f", {name}: {_number(value)}" for name, value in named if value is not None)


def _integers(spec: FieldSpec) -> str:
    if spec.minimum is None and spec.maximum is None:
        return ""
    least = spec.minimum if spec.minimum is not None else -INTEGER_LIMIT
    most = spec.maximum if spec.maximum is not None else INTEGER_LIMIT
    return _number(least) if spec.maximum is None else f"{_number(least)}, {_number(most)}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)
