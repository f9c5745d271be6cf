"""What drizzle-kit keeps beside the migrations of PostgreSQL, so that it knows the tables they come to.

``drizzle-kit generate`` compares the declared tables with the latest snapshot and appends to the journal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.scaffold.migrations.code import on_delete
from backend.scaffold.migrations.sql import type_sql
from knowledge.blueprint.table import Column, Index, Table

META = "drizzle/postgres/meta/"
JOURNAL = f"{META}_journal.json"
NOTHING = "00000000-0000-0000-0000-000000000000"
"""What comes before the first snapshot."""
START = 1_767_225_600_000
"""Milliseconds: the first entry's time. It is no real one, so that the same blueprint renders the same text."""
_SNAPSHOT = re.compile(rf"{META}(\d+)_snapshot\.json\Z")


def meta_files(tables: Sequence[Table], scripts: Sequence[str], existing: Mapping[str, str]) -> dict[str, str]:
    """The journal with the new ``scripts`` (names without ending), and the snapshot after the last of them."""
    entries = list(json.loads(existing[JOURNAL])["entries"]) if JOURNAL in existing else []
    for name in scripts:
        number = int(name.partition("_")[0])
        when = START + 1000 * number
        entries.append({"idx": number, "version": "7", "when": when, "tag": name, "breakpoints": True})
    journal = {"version": "7", "dialect": "postgresql", "entries": entries}
    last = scripts[-1].partition("_")[0]
    return {JOURNAL: _json(journal), f"{META}{last}_snapshot.json": _json(_snapshot(tables, _latest(existing)))}


def _latest(existing: Mapping[str, str]) -> str:
    """The id of the snapshot that the next one follows."""
    numbered = {int(match[1]): path for path in existing if (match := _SNAPSHOT.match(path))}
    return str(json.loads(existing[numbered[max(numbered)]])["id"]) if numbered else NOTHING


def _snapshot(tables: Sequence[Table], before: str) -> dict[str, Any]:
    made = {f"public.{table.name}": _table(table) for table in sorted(tables, key=lambda table: table.name)}
    return {
        "id": str(uuid5(NAMESPACE_URL, json.dumps([before, made]))),
        "prevId": before,
        "version": "7",
        "dialect": "postgresql",
        "tables": made,
        "enums": {},
        "schemas": {},
        "sequences": {},
        "roles": {},
        "policies": {},
        "views": {},
        "_meta": {"columns": {}, "schemas": {}, "tables": {}},
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "schema": "",
        "columns": {column.name: _column(column) for column in table.columns},
        "indexes": {index.name: _index(index) for index in table.indexes},
        "foreignKeys": {
            key.name: {
                "name": key.name,
                "tableFrom": table.name,
                "tableTo": key.table,
                "columnsFrom": [key.column],
                "columnsTo": ["id"],
                "onDelete": on_delete(key.on_delete).lower(),
                "onUpdate": "no action",
            }
            for key in table.foreign_keys
        },
        "compositePrimaryKeys": {
            table.primary_key_name: {"name": table.primary_key_name, "columns": list(table.primary_key)}
        },
        "uniqueConstraints": {},
        "policies": {},
        "checkConstraints": {check.name: {"name": check.name, "value": check.sql} for check in table.checks},
        "isRLSEnabled": False,
    }


def _column(column: Column) -> dict[str, Any]:
    kind = type_sql(column.type).replace("timestamptz", "timestamp with time zone")
    return {"name": column.name, "type": kind, "primaryKey": False, "notNull": not column.nullable}


def _index(index: Index) -> dict[str, Any]:
    return {
        "name": index.name,
        "columns": [
            {
                "expression": part.name,
                "isExpression": False,
                "asc": not part.descending,
                "nulls": "first" if part.descending else "last",
            }
            for part in index.columns
        ],
        "isUnique": index.unique,
        **({"where": index.where} if index.where else {}),
        "concurrently": False,
        "method": "btree",
        "with": {},
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
