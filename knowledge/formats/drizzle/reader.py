"""An existing Drizzle schema file as tables: what drizzle-kit would make of it, names and defaults included."""

from __future__ import annotations

from knowledge.formats.drizzle.columns import ReadTable, read_columns
from knowledge.formats.drizzle.declarations import declarations
from knowledge.formats.drizzle.extras import read_extras
from knowledge.formats.models.ecmascript import Source
from knowledge.formats.models.reading import Reading, ReadModels
from knowledge.formats.text_position import unreadable


def read_drizzle(text: str, path: str = "") -> ReadModels:
    """Tables, enums and views a module declares; nothing is run, and what is not understood is a problem.

    Tables of PostgreSQL, SQLite and MySQL; types in PostgreSQL's spelling, or the nearest one it has.
    """
    reading = Reading()
    refused = unreadable(text, path, 1)
    if refused:
        reading.problems.append(refused)
        return reading.build()
    source = Source(text, path)
    for node in source.faults():
        reading.problem(source.at(node), "this is not TypeScript")
    found = declarations(source.tree.root_node)
    for name, node in found.doubled:
        reading.problem(source.at(node), f"{name} is declared twice; the first declaration counts")
    for name, values in found.enums.values():
        reading.enums[name] = values
    for name, _ in found.views:
        reading.views[name] = None
    tables: dict[str, ReadTable] = {}
    for call in found.tables:
        draft = reading.table(call.schema, call.name, source.at(call.node)) if call.name else None
        if draft is None:
            reading.problem(source.at(call.node), f"the table {call.variable} has no name of its own here")
            continue
        tables[call.variable] = ReadTable(call, draft)
    for table in tables.values():
        read_columns(table, found, reading, source)
    for table in tables.values():
        read_extras(table, tables, found, reading, source)
    return reading.build()
