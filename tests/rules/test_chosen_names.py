"""The names PostgreSQL chooses by itself: a fix that chose others would leave another catalog behind."""

from __future__ import annotations

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from backend.engines.postgres.host import Scratch
from knowledge.ddl import IDENTIFIER_BYTES, chosen_name
from knowledge.identifiers import quoted

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
HARD = [
    ("t", ("n",)),
    ("t", ("a", "b", "c")),
    ("a" * 63, ("b",)),
    ("t", ("b" * 63,)),
    ("a" * 40, ("b" * 40,)),
    ("a" * 41, ("b" * 30,)),
    ("ä" * 31, ("b" * 10,)),
    ("a" * 20, ("ä" * 31,)),
    ("日本" * 10, ("表の名前" * 5,)),
    ("x" + "ä" * 30, ("y" + "ö" * 30,)),
    ("a" * 10, ("b" * 60, "c" * 60, "d" * 60)),
]


@given(NAMES, st.lists(NAMES, max_size=4), st.sampled_from(["key", "fkey", "check", "not_null", "pkey"]))
def test_a_chosen_name_fits_and_ends_in_its_label(table: str, columns: list[str], label: str) -> None:
    name = chosen_name(table, tuple(columns), label)
    assert len(name.encode()) <= IDENTIFIER_BYTES
    assert name.endswith(label)


@given(NAMES, NAMES, st.integers(1, 12))
def test_a_name_in_use_gets_a_number(table: str, column: str, times: int) -> None:
    taken: set[str] = set()
    for _ in range(times):
        name = chosen_name(table, (column,), "check", taken)
        assert name not in taken
        taken.add(name)
    assert len(taken) == times


async def test_postgres_chooses_the_same_names(scratch: Scratch) -> None:
    connection: asyncpg.Connection = await scratch.connect()
    try:
        for table, columns in HARD:
            listed = ", ".join(map(quoted, columns))
            made = ", ".join(f"{quoted(column)} int" for column in columns)
            await connection.execute(
                f"CREATE TABLE {quoted(table)} (key_of_it int PRIMARY KEY, {made}, UNIQUE ({listed}),"
                f" CHECK ({quoted(columns[0])} > 0),"
                f" CHECK ({quoted(columns[0])} > 1))"
            )
            rows = await connection.fetch(
                "SELECT conname::text AS name, contype FROM pg_constraint WHERE conrelid = $1::regclass",
                quoted(table),
            )
            chosen = {row["name"] for row in rows if row["contype"] != b"n"}
            check = chosen_name(table, columns[:1], "check")
            assert chosen == {
                chosen_name(table, columns, "key"),
                chosen_name(table, (), "pkey"),
                check,
                chosen_name(table, columns[:1], "check", {check}),
            }
            await connection.execute(f"DROP TABLE {quoted(table)}")
    finally:
        await connection.close()
