"""Statistics in the text of a real pg_dump."""

from __future__ import annotations

import asyncio
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.statistics_export import read_statistics
from knowledge.formats.statistics.array_literal import elements
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.pg_dump import read_dump, with_index_columns
from knowledge.schema import Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics


@pytest.fixture(scope="module")
async def dumped(postgres: PostgresHost, shop: Scratch) -> tuple[str, DatabaseStatistics, Schema]:
    """The shop's dump, its live statistics and its schema."""
    psql, environment, _ = postgres.psql_env(shop, admin=True)
    program = await asyncio.create_subprocess_exec(
        psql.parent / "pg_dump", "--statistics-only", env=environment, stdout=asyncio.subprocess.PIPE
    )
    text = (await program.communicate())[0].decode()
    session = await shop.connect(admin=True)
    live, schema = await read_statistics(session), await read_schema(session)
    await session.close()
    return text, live, schema


def _comparable(column: ColumnStatistics) -> tuple[object, ...]:
    return (
        column.name,
        column.inherited,
        f"{column.null_frac:.4g}",
        column.avg_width,
        f"{column.n_distinct:.4g}",
        column.most_common_vals,
        [f"{share:.4g}" for share in column.most_common_freqs],
        column.histogram_bounds,
        column.most_common_elems,
        elements(column.range_length_histogram or "{}"),
        column.range_bounds_histogram,
    )


async def test_a_dump_says_what_the_server_says(dumped: tuple[str, DatabaseStatistics, Schema]) -> None:
    text, live, schema = dumped
    found = with_index_columns(read_dump(text, schema), {"public.customers_lower": ["lower"]})
    assert (found.origin, found.version) == ("dump", 18)
    compared = 0
    for relation in found.relations:
        real = live.by_name[relation.qualified]
        assert (relation.kind, relation.table) == (real.kind.replace("I", "i"), real.table)
        assert (relation.relpages, relation.all_visible) == (real.relpages, real.all_visible)
        assert relation.tuples == pytest.approx(real.tuples)
        mine = sorted(relation.columns, key=lambda column: (column.name, column.inherited))
        theirs = sorted(real.columns, key=lambda column: (column.name, column.inherited))
        assert [_comparable(column) for column in mine] == [_comparable(column) for column in theirs]
        compared += len(mine)
    assert compared > 20
    assert len(found.notes) == 2


async def test_without_a_schema_indexes_are_told_by_their_lack_of_columns(
    dumped: tuple[str, DatabaseStatistics, Schema],
) -> None:
    text, live, _ = dumped
    found = read_dump(text)
    wrong = [
        relation.name
        for relation in found.relations
        if relation.pages and (relation.kind == "i") != (live.by_name[relation.qualified].kind in "iI")
    ]
    assert wrong == []
    assert any("indexes" in note for note in found.notes)


async def test_options_nobody_knows_are_named_and_the_rest_is_kept(
    dumped: tuple[str, DatabaseStatistics, Schema],
) -> None:
    text, _, schema = dumped
    odd = text.replace("'avg_width', '1'::integer,", "'avg_width', '1'::integer,\n\t'colour', 'red'::text,", 1)
    odd = "ALTER TABLE t ALTER COLUMN a SET (n_distinct=7);\n" + odd
    found = read_dump(odd, schema)
    assert found.relations == read_dump(text, schema).relations
    assert re.search(r"line \d+: colour of customers.active is unknown and was left out", found.notes[-1])


def test_a_spoilt_call_costs_only_itself() -> None:
    good = (
        "SELECT pg_restore_relation_stats('schemaname','public','relname','t{}','relpages',3,'reltuples',E'\\x37');\n"
    )
    text = (
        good.format(1)
        + "SELECT pg_restore_relation_stats('schemaname', now());\n"
        + "SELECT pg_restore_relation_stats('schemaname','public','relname','u','relpages','many');\n"
        + "SELECT pg_restore_attribute_stats('schemaname','public','relname','t1','attname','a','null_frac','9');\n"
        + good.format(2)
        + "SELECT pg_restore_attribute_stats('schemaname','public','relname','t2','attname','b','correlation',NULL);\n"
        + "SELECT pg_restore_relation_stats('schemaname',"
    )
    found = read_dump(text)
    assert [(each.name, each.tuples, len(each.columns)) for each in found.relations] == [("t1", 7, 0), ("t2", 7, 1)]
    assert [note.partition(":")[0] for note in found.notes[3:]] == ["line 2", "line 3", "line 4", "line 7"]


def test_a_text_without_statistics_is_refused() -> None:
    with pytest.raises(StatisticsError, match="--statistics-only"):
        read_dump("CREATE TABLE t (a int);")


@given(st.text(string.printable + "'\\", max_size=60))
def test_any_text_after_a_call_is_read_or_named(rest: str) -> None:
    good = "SELECT pg_restore_relation_stats('schemaname','public','relname','t','relpages',3,'reltuples','7');\n"
    found = read_dump(good + "SELECT pg_restore_attribute_stats(" + rest)
    assert found.by_name["public.t"].pages == 3
