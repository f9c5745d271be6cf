"""Steps of migrations as statements. They are written once, as calls of the Python stack's ``steps.py``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

BATCH = 1000
"""Rows that one transaction of a backfill changes."""


def statements(lines: Iterable[str]) -> Iterator[str]:
    """What the calls run on PostgreSQL, outside a transaction where one of them commits or builds concurrently."""
    for line in lines:
        call = ast.parse(line, mode="eval").body
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        given = [ast.literal_eval(argument) for argument in call.args]
        options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        unique = bool(options.get("unique"))
        match call.func.id, given:
            case "run", [sql]:
                yield str(sql)
            case "backfill", [table, assignment, condition]:
                yield _backfill(table, assignment, condition)
            case "build_index", [name, definition]:
                yield from _unhurried(*_built(name, definition, unique=unique))
            case "drop_index", [name]:
                yield from _unhurried(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            case "replace_index", [name, definition]:
                new = f"{name[:59]}_new"
                yield from _unhurried(
                    *_built(new, definition, unique=unique),
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"ALTER INDEX {new} RENAME TO {name}",
                )
            case other:
                raise AssertionError(f"no such step: {other}")


def _built(name: str, definition: str, *, unique: bool) -> tuple[str, str]:
    """What an attempt that failed has left is dropped first."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return (
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE {kind} CONCURRENTLY {name} ON {definition}",
    )


def _unhurried(*parts: str) -> Iterator[str]:
    """Waiting for older transactions is all these wait for, so they may take their time."""
    yield "SET lock_timeout = 0"
    yield from parts
    yield "RESET lock_timeout"


def _backfill(table: str, assignment: str, condition: str) -> str:
    return f"""DO $$
DECLARE
  part uuid[];
BEGIN
  LOOP
    SELECT array_agg(id ORDER BY id) INTO part
      FROM (SELECT id FROM {table} WHERE part IS NULL OR id > part[{BATCH}] ORDER BY id LIMIT {BATCH}) AS rows;
    UPDATE {table} SET {assignment} WHERE id = ANY (part) AND {condition};
    COMMIT;
    EXIT WHEN part IS NULL OR cardinality(part) < {BATCH};
  END LOOP;
END
$$"""
