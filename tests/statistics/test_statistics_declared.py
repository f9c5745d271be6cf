"""Statistics from a schema and row counts: sizes near real ones, every assumption named, and plans made of them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_shop import SCHEMA

from backend.engines.catalog import read_schema
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.statistics_export import read_statistics
from knowledge.formats.statistics.array_literal import elements
from knowledge.formats.statistics.declared import declared
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.row_counts import row_count, row_counts
from knowledge.schema import Column, Constraint, Relation, Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics

TODAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
async def known(shop: Scratch) -> tuple[Schema, DatabaseStatistics]:
    """The shop's schema, and what its server knows."""
    session = await shop.connect(admin=True)
    schema, statistics = await read_schema(session), await read_statistics(session)
    await session.close()
    return schema, statistics


def _column(statistics: DatabaseStatistics, table: str, column: str) -> ColumnStatistics:
    return next(each for each in statistics.by_name[table].columns if each.name == column)


async def test_pages_of_declared_rows_are_near_those_of_real_rows(
    known: tuple[Schema, DatabaseStatistics],
) -> None:
    schema, real = known
    found = declared(schema, {"customers": 5000, "orders": 40000, "events": 20000}, today=TODAY)
    for table in ("customers", "orders", "events_old"):
        ratio = found.by_name[f"public.{table}"].pages / real.by_name[f"public.{table}"].pages
        assert 0.7 < ratio < 1.5, (table, ratio)


async def test_what_the_schema_says_is_taken_from_it(known: tuple[Schema, DatabaseStatistics]) -> None:
    found = declared(known[0], {"customers": 200_000, "orders": 2_000_000}, today=TODAY)
    assert _column(found, "public.orders", "id").n_distinct == -1
    assert _column(found, "public.customers", "email").n_distinct == -1
    assert _column(found, "public.orders", "customer_id").n_distinct == pytest.approx(200_000, rel=0.001)
    assert elements(_column(found, "public.orders", "customer_id").histogram_bounds)[-1] == "200000"
    assert elements(_column(found, "public.orders", "state").most_common_vals) == ("open", "paid", "sent")
    assert _column(found, "public.customers", "active").most_common_freqs == (0.5, 0.5)
    placed = _column(found, "public.orders", "placed_at")
    assert (elements(placed.histogram_bounds)[-1], placed.correlation) == ("2026-03-01", 1.0)
    assert found.by_name["public.untouched"].tuples == 10_000


async def test_every_assumption_is_named(known: tuple[Schema, DatabaseStatistics]) -> None:
    found = declared(known[0], {"orders": 2_000_000}, today=TODAY)
    orders = next(note for note in found.notes if note.startswith("assumed for public.orders "))
    assert orders.startswith("assumed for public.orders (2,000,000 rows, declared): ")
    assert "customer_id refers evenly to the 10,000 rows of public.customers" in orders
    assert "total has 200,000 different values" in orders
    customers = next(note for note in found.notes if note.startswith("assumed for public.customers "))
    assert "(10,000 rows, no count was given: a default)" in customers
    assert found.notes[-1].startswith("assumed everywhere")


async def test_rows_of_a_partitioned_table_are_spread_over_its_partitions(
    known: tuple[Schema, DatabaseStatistics],
) -> None:
    found = declared(known[0], {"events": 1_000_001}, today=TODAY)
    assert [found.by_name[f"public.events_{part}"].tuples for part in ("old", "new")] == [500_001, 500_000]
    assert found.by_name["public.events"].kind == "p" and found.by_name["public.events"].pages == 0
    assert all(column.inherited for column in found.by_name["public.events"].columns)
    found = declared(known[0], {"events": 1_000, "events_old": 900}, today=TODAY)
    assert [found.by_name[f"public.events{part}"].tuples for part in ("_old", "_new", "")] == [900, 100, 1000]


async def test_the_lab_takes_all_of_it_and_plans_by_it(
    postgres: PostgresHost, known: tuple[Schema, DatabaseStatistics]
) -> None:
    found = declared(known[0], row_counts(["customers=200k", "orders=2M", "events=1M"]), today=TODAY)
    async with open_lab(postgres, SCHEMA, found) as lab:
        assert [note for note in lab.differences if "restored" in note or "left out" in note] == []
        whole = await lab.explain("SELECT * FROM orders")
        assert whole.root.estimated_rows == 2_000_000
        one = await lab.explain("SELECT * FROM orders WHERE customer_id = 5")
        assert "orders_customer" in {node.index for node in one.nodes}
        assert one.root.estimated_rows == 10
        recent = await lab.explain("SELECT * FROM orders WHERE placed_at > '2026-02-01' AND state = 'paid'")
        assert recent.root.estimated_rows == pytest.approx(2_000_000 * 28 / 730 / 3, rel=0.02)


async def test_without_the_row_count_the_lab_plans_otherwise(
    postgres: PostgresHost, known: tuple[Schema, DatabaseStatistics]
) -> None:
    """The twin: were the counts ignored, the plans would not differ."""
    large, small = (declared(known[0], {"orders": rows}, today=TODAY) for rows in (2_000_000, 3))
    nodes = []
    for statistics in (large, small):
        async with open_lab(postgres, SCHEMA, statistics) as lab:
            nodes.append((await lab.explain("SELECT * FROM orders WHERE id = 5")).root.kind)
    assert nodes == ["Index Scan", "Seq Scan"]


def test_a_table_that_is_not_there_is_an_error() -> None:
    schema = Schema((Relation("public", "t", (Column("a", "integer"),)),))
    with pytest.raises(StatisticsError, match="no table 'u'"):
        declared(schema, {"u": 5}, today=TODAY)
    with pytest.raises(StatisticsError, match="negative"):
        declared(schema, {"t": -5}, today=TODAY)


def test_a_check_that_lists_values_gives_them() -> None:
    check = Constraint("c", "check", ("a",), "CHECK ((a = ANY (ARRAY['x'::text, 'it''s'::text])))")
    schema = Schema((Relation("public", "t", (Column("a", "text"),), (check,)),))
    (column,) = declared(schema, {"t": 9}, today=TODAY).relations[0].columns
    assert elements(column.most_common_vals) == ("x", "it's")
    unchecked = replace(schema.tables[0], constraints=())
    (column,) = declared(Schema((unchecked,)), {"t": 9}, today=TODAY).relations[0].columns
    assert column.most_common_vals == ""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("2000000", 2_000_000),
        ("2M", 2_000_000),
        ("1.5k", 1_500),
        ("2,000,000", 2_000_000),
        ("1_000", 1000),
        ("1.25 B", 1_250_000_000),
    ],
)
def test_row_counts_are_read_as_people_write_them(text: str, rows: int) -> None:
    assert row_count(text) == rows
    assert row_counts([f"app.t={text}"]) == {"app.t": rows}


@pytest.mark.parametrize("text", ["", "many", "-5", "1e99", "2X", "9999999999999", "t=", "=5", "t"])
def test_what_is_no_row_count_is_refused(text: str) -> None:
    with pytest.raises(StatisticsError):
        row_counts([text if "=" in text or text == "t" else f"t={text}"])


@given(st.text(max_size=12))
def test_any_text_is_a_row_count_or_refused(text: str) -> None:
    with contextlib.suppress(StatisticsError):
        assert row_count(text) >= 0


KINDS = st.sampled_from(
    "smallint;integer;bigint;text;character varying(9);character(2);numeric(12,2);numeric;boolean;date;uuid;jsonb"
    ";timestamp with time zone;timestamp(3) without time zone;text[];int4range;mood".split(";")
)


@given(st.lists(KINDS, min_size=1, max_size=6), st.integers(0, 10**12))
def test_statistics_are_sound_for_any_table(kinds: list[str], rows: int) -> None:
    columns = tuple(Column(f"c{place}", kind) for place, kind in enumerate(kinds))
    found = declared(Schema((Relation("public", "t", columns),), {"mood": ("a", "b")}), {"t": rows}, today=TODAY)
    (relation,) = found.relations
    assert relation.pages >= rows * len(kinds) // 8192 // 60 and (relation.pages > 0) == (rows > 0)
    for column in relation.columns:
        assert -1 <= column.n_distinct <= max(rows, 0) and column.avg_width > 0
        assert len(elements(column.most_common_vals or "{}")) == len(column.most_common_freqs)
        assert sum(column.most_common_freqs) <= 1.000001
