"""Relations of a Prisma schema as foreign keys, and the tables behind implicit many-to-many relations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from knowledge import schema_parts
from knowledge.formats.models.reading import Reading, TableDraft, cut
from knowledge.formats.prisma.syntax import Block, Member, Value
from knowledge.formats.prisma.tables import Named, table_name
from knowledge.formats.text_position import Lines
from knowledge.schema import Column

_ACTIONS = {
    "Cascade": "CASCADE",
    "Restrict": "RESTRICT",
    "NoAction": "",
    "SetNull": "SET NULL",
    "SetDefault": "SET DEFAULT",
}


def references(
    block: Block,
    table: TableDraft | None,
    drafts: Mapping[str, TableDraft | None],
    named: Named,
    reading: Reading,
    lines: Lines,
) -> None:
    """The foreign keys of one model's table."""
    for member in block.members:
        relation = member.attribute("relation")
        target = named.models.get(member.type.text) if member.type else None
        fields = relation.named("fields") if relation else None
        if relation is None or target is None or fields is None or table is None:
            continue
        own, theirs = named.columns[block.name], named.columns[target.name]
        columns = [own.get(name, name) for name in fields.names]
        pointed = relation.named("references")
        ends = [theirs.get(name, name) for name in (pointed.names if pointed else ())]
        if not columns or len(columns) != len(ends) or any(column not in table.columns for column in columns):
            told = f"the relation {block.name}.{member.name} does not name as many columns as it points to"
            reading.problem(lines.at(member.offset), told)
            continue
        schema, name = table_name(target)
        nullable = member.optional or any(table.columns[column].nullable for column in columns)
        table.constraints.append(
            schema_parts.foreign_key(
                _map(relation) or cut("_".join((table.name, *columns)), "_fkey"),
                columns,
                f"{schema}.{name}",
                ends,
                on_delete=_action(relation, "onDelete", "SET NULL" if nullable else "RESTRICT"),
                on_update=_action(relation, "onUpdate", "CASCADE"),
            )
        )


def _map(relation: Value) -> str:
    found = relation.named("map")
    return found.text if found else ""


def _action(relation: Value, event: str, otherwise: str) -> str:
    found = relation.named(event)
    return _ACTIONS.get(found.text, otherwise) if found else otherwise


def implicit_links(named: Named, drafts: Mapping[str, TableDraft | None], reading: Reading, lines: Lines) -> None:
    """Lists on both sides without a model between them: Prisma makes a table ``_AToB`` with columns A and B."""
    sides: dict[tuple[str, str, str], list[Member]] = defaultdict(list)
    owned: set[tuple[str, str, str]] = set()
    for name, block in named.models.items():
        for member in block.members:
            other = member.type.text if member.type else ""
            if other not in named.models:
                continue
            first, second = sorted((name, other))
            if member.many:
                sides[_label(member), first, second].append(member)
            else:
                owned.add((_label(member), first, second))
    for (label, first, second), members in sides.items():
        if len(members) == 2 and (label, first, second) not in owned:
            _link_table(label, first, second, members[0], named, drafts, reading, lines)


def _label(member: Member) -> str:
    relation = member.attribute("relation")
    name = relation.named("name", 0) if relation else None
    return name.text if name and name.kind == "string" else ""


def _link_table(
    label: str,
    first: str,
    second: str,
    member: Member,
    named: Named,
    drafts: Mapping[str, TableDraft | None],
    reading: Reading,
    lines: Lines,
) -> None:
    location = lines.at(member.offset)
    schema, _ = table_name(named.models[first])
    table = reading.table(schema, f"_{label}" if label else f"_{first}To{second}", location)
    ends = [drafts[first], drafts[second]]
    if table is None:
        return
    for name, end in zip("AB", ends, strict=True):
        key = end.primary_key if end is not None else ()
        kind = end.columns[key[0]].type if end is not None and len(key) == 1 and key[0] in end.columns else "text"
        reading.column(table, Column(name, kind, nullable=False), location)
        if end is not None and len(key) == 1:
            table.constraints.append(
                schema_parts.foreign_key(
                    cut(table.name, f"_{name}_fkey"), [name], end.qualified, key, "CASCADE", "CASCADE"
                )
            )
    table.key(cut(table.name, "_AB_pkey"), ("A", "B"))
    table.indexes.append(schema_parts.index(cut(table.name, "_B_index"), table.qualified, [("B", "")]))
