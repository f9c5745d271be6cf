"""Models of a Prisma schema as tables: columns, keys and indexes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knowledge import schema_parts
from knowledge.formats.models.reading import Reading, TableDraft, cut
from knowledge.formats.prisma.syntax import Block, Member, Value
from knowledge.formats.prisma.types import SCALARS, native_type
from knowledge.formats.text_position import Lines
from knowledge.schema import Column

_METHODS = {"Hash": "hash", "Gin": "gin", "Gist": "gist", "SpGist": "spgist", "Brin": "brin"}
_BY_CLIENT = ("uuid", "cuid", "nanoid", "ulid", "auto")
"""Defaults that the client makes; the table has none."""


@dataclass(frozen=True)
class Named:
    """The blocks of a schema by name."""

    models: dict[str, Block]
    enums: dict[str, Block]
    others: set[str]

    @cached_property
    def columns(self) -> dict[str, dict[str, str]]:
        """The columns by model and field."""
        return {
            name: {member.name: mapped(member.attribute("map"), member.name) for member in block.members}
            for name, block in self.models.items()
        }

    @cached_property
    def labels(self) -> dict[str, str]:
        """The values of all enums by the names the schema calls them."""
        members = [member for block in self.enums.values() for member in block.members]
        return {member.name: mapped(member.attribute("map"), member.name) for member in reversed(members)}


def mapped(value: Value | None, name: str) -> str:
    """The name that ``@map`` or ``@@map`` gives, or the block's or field's own."""
    found = value.named("name", 0) if value else None
    return found.text if found else name


def table_name(block: Block) -> tuple[str, str]:
    """Schema and table of a model."""
    schema = block.attribute("schema")
    where = schema.named("name", 0) if schema else None
    return (where.text if where else "public"), mapped(block.attribute("map"), block.name)


def table_of(block: Block, named: Named, reading: Reading, lines: Lines) -> TableDraft | None:
    """The table of a model, without its references."""
    schema, name = table_name(block)
    table = reading.table(schema, name, lines.at(block.offset))
    if table is None:
        return None
    for member in block.members:
        kind = member.type.text if member.type else ""
        if kind not in named.models:
            _column(table, member, named, reading, lines)
    columns = named.columns[block.name]
    for member in block.members:
        if (key := member.attribute("id")) is not None:
            table.key(_map(key) or cut(name, "_pkey"), (columns[member.name],))
        if (unique := member.attribute("unique")) is not None:
            _index(table, Value("call", "unique", ()), unique, [(columns[member.name], "")])
    for attribute in block.attributes:
        if attribute.name in ("id", "unique", "index", "fulltext"):
            keys = _keys(attribute.call, columns)
            missing = [key for key, _ in keys if key not in table.columns]
            if missing or not keys:
                told = f"@@{attribute.name} names {', '.join(missing) or 'nothing'}, which is no column of {name}"
                reading.problem(lines.at(attribute.offset), told)
            elif attribute.name == "id":
                table.key(_map(attribute.call) or cut(name, "_pkey"), [key for key, _ in keys])
            else:
                _index(table, attribute.call, attribute.call, keys)
    return table


def _column(table: TableDraft, member: Member, named: Named, reading: Reading, lines: Lines) -> None:
    location = lines.at(member.offset)
    kind = _type(member, named)
    if not kind:
        shown = member.type.text if member.type else ""
        reading.problem(location, f"the type {shown} of {table.name}.{member.name} is not known")
        kind = "text"
    native = next((each.call for each in member.attributes if each.name.startswith("db.")), None)
    if native is not None:
        found = native_type(native)
        if not found:
            reading.problem(location, f"the native type @{native.text} is not known")
        kind = found or kind
    name = mapped(member.attribute("map"), member.name)
    default, counted = _default(member.attribute("default"), named)
    sequence = f"{table.schema}.{cut(f'{table.name}_{name}', '_seq')}" if counted else ""
    column = Column(
        name,
        f"{kind}[]" if member.many else kind,
        nullable=member.optional or member.many,  # lists are never null to Prisma, but its columns may be
        default=default,
        sequence=sequence,
    )
    reading.column(table, column, location)


def _type(member: Member, named: Named) -> str:
    if member.type is None:
        return ""
    word = member.type.text
    if word == "Unsupported":
        said = member.type.named("", 0)
        return said.text if said else ""
    if word in named.enums:
        return mapped(named.enums[word].attribute("map"), word)
    if word in named.others:
        return "jsonb"  # a composite type, of documents alone
    return SCALARS.get(word, "")


def _default(attribute: Value | None, named: Named) -> tuple[str, bool]:
    """The default as SQL, and whether the database counts up."""
    value = attribute.named("value", 0) if attribute else None
    if value is None:
        return "", False
    if value.kind == "call":
        first = value.named("", 0)
        if value.text in ("autoincrement", "sequence"):
            return "", True
        if value.text == "dbgenerated":
            return (first.text if first else ""), False
        if value.text == "now":
            return "CURRENT_TIMESTAMP", False
        return ("" if value.text in _BY_CLIENT else f"{value.text}(...)"), False
    if value.kind == "list":
        inner = ", ".join(_literal(item.value, named) for item in value.items)
        return f"ARRAY[{inner}]", False
    return _literal(value, named), False


def _literal(value: Value, named: Named) -> str:
    if value.kind == "number" or value.text in ("true", "false"):
        return value.text
    text = value.text
    if value.kind == "name":  # a value of an enum
        text = named.labels.get(text, text)
    return "'" + text.replace("'", "''") + "'"


def _map(call: Value) -> str:
    found = call.named("map")
    return found.text if found else ""


def _keys(call: Value, columns: dict[str, str]) -> list[tuple[str, str]]:
    """The columns of an index, each with what stands behind it."""
    fields = call.named("fields", 0)
    found = []
    for item in fields.items if fields else ():
        sort = item.value.named("sort")
        descending = sort is not None and sort.text == "Desc"
        found.append((columns.get(item.value.text, item.value.text), "DESC" if descending else ""))
    return found


def _index(table: TableDraft, kind: Value, call: Value, keys: list[tuple[str, str]]) -> None:
    """Prisma makes an index of ``@@unique`` too, not a constraint."""
    unique = kind.text == "unique"
    method = call.named("type")
    sort = call.named("sort")
    if sort is not None and sort.text == "Desc":
        keys = [(column, "DESC") for column, _ in keys]
    suffix = "_key" if unique else "_idx"
    name = _map(call) or cut("_".join((table.name, *(column for column, _ in keys))), suffix)
    table.indexes.append(
        schema_parts.index(
            name,
            table.qualified,
            keys,
            unique=unique,
            where=_where(call),
            method=_METHODS.get(method.text if method else "", "btree"),
        )
    )


def _where(call: Value) -> str:
    """The predicate of a partial index, given as ``raw("...")``."""
    where = call.named("where")
    raw = where.named("", 0) if where is not None and where.text == "raw" else None
    return raw.text if raw else ""
