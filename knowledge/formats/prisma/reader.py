"""An existing Prisma schema as tables: what Prisma would make of it on PostgreSQL, names and defaults included."""

from __future__ import annotations

from knowledge.formats.models.reading import Reading, ReadModels
from knowledge.formats.prisma.relations import implicit_links, references
from knowledge.formats.prisma.syntax import Block, Member, blocks
from knowledge.formats.prisma.tables import Named, table_of
from knowledge.formats.text_position import Lines, unreadable


def read_prisma(text: str, path: str = "") -> ReadModels:
    """Tables, enums and views of a ``schema.prisma``; what is not understood is a problem and costs its line alone."""
    reading = Reading()
    refused = unreadable(text, path, 1)
    if refused:
        reading.problems.append(refused)
        return reading.build()
    lines = Lines(text, path, 1)
    written = blocks(text, lambda offset, message: reading.problem(lines.at(offset), message))
    by_name: dict[tuple[bool, str], Block] = {}
    for block in written:
        settings = block.kind in ("datasource", "generator")
        if by_name.setdefault((settings, block.name), block) is not block:
            reading.problem(lines.at(block.offset), f"{block.name} is declared twice; the first declaration counts")
    found = list(by_name.values())
    named = Named(
        models={block.name: block for block in found if block.kind == "model"},
        enums={block.name: block for block in found if block.kind == "enum"},
        others={block.name for block in found if block.kind in ("type", "view")},
    )
    for block in named.enums.values():
        reading.enums[_mapped(block)] = tuple(_value(member) for member in block.members)
    for block in found:
        if block.kind == "view":
            reading.views[f"public.{_mapped(block)}"] = None
    drafts = {name: table_of(block, named, reading, lines) for name, block in named.models.items()}
    for name, block in named.models.items():
        references(block, drafts[name], drafts, named, reading, lines)
    implicit_links(named, drafts, reading, lines)
    return reading.build()


def _mapped(block: Block) -> str:
    mapped = block.attribute("map")
    value = mapped.named("name", 0) if mapped else None
    return value.text if value else block.name


def _value(member: Member) -> str:
    mapped = member.attribute("map")
    value = mapped.named("name", 0) if mapped else None
    return value.text if value else member.name
