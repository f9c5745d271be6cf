"""Reading planner statistics from a real server, by a session and by psql."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from backend.engines.postgres.host import PostgresHost, Scratch
from backend.engines.statistics_export import (
    EXPORT_QUERY,
    REDACTED_EXPORT_QUERY,
    export_statement,
    read_statistics,
)
from knowledge.formats.statistics.array_literal import elements
from knowledge.formats.statistics.export_json import read_export
from knowledge.statistics import ColumnStatistics, DatabaseStatistics


async def _statistics(shop: Scratch, *, admin: bool = True) -> DatabaseStatistics:
    session = await shop.connect(admin=admin)
    try:
        return await read_statistics(session)
    finally:
        await session.close()


async def _psql(host: PostgresHost, shop: Scratch, script: str, folder: Path, *, admin: bool = True) -> str:
    file = folder / "export.sql"
    file.write_text(script)
    psql, environment, _ = host.psql_env(shop, admin)
    program = await asyncio.create_subprocess_exec(
        psql, "-XAt", "-f", file, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await program.communicate()
    assert (program.returncode, err.decode()) == (0, "")
    return out.decode()


def _column(statistics: DatabaseStatistics, relation: str, column: str) -> ColumnStatistics:
    return next(each for each in statistics.by_name[relation].columns if each.name == column)


async def test_sizes_are_those_of_the_files_and_of_the_catalog(shop: Scratch) -> None:
    found = await _statistics(shop)
    session = await shop.connect(admin=True)
    rows = await session.fetch(
        "SELECT n.nspname || '.' || relname AS name, relkind::text, pg_relation_size(c.oid) / 8192 AS pages, reltuples"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' AND relkind IN ('r','i')"
    )
    await session.close()
    assert {(each.qualified, each.kind, each.pages, each.tuples) for each in found.relations if each.kind in "ri"} == {
        tuple(row) for row in rows
    }
    assert found.by_name["public.orders"].pages > 300
    assert (found.version, found.origin, found.redacted) == (18, "live", False)
    assert found.by_name["public.orders_customer"].table == "orders"


async def test_every_column_and_expression_index_has_its_row_of_pg_stats(shop: Scratch) -> None:
    found = await _statistics(shop)
    session = await shop.connect(admin=True)
    rows = await session.fetch(
        "SELECT tablename, attname, inherited, null_frac, n_distinct, most_common_vals::text, histogram_bounds::text,"
        " most_common_freqs, correlation, range_bounds_histogram::text AS ranges,"
        " range_length_histogram::text AS lengths, most_common_elems::text, most_common_elem_freqs"
        " FROM pg_stats WHERE schemaname = 'public'"
    )
    await session.close()
    columns = {
        (relation.name, each.name, each.inherited): each for relation in found.relations for each in relation.columns
    }
    assert len(columns) == len(rows) > 20
    for row in rows:
        column = columns[row["tablename"], row["attname"], row["inherited"]]
        assert column.null_frac == pytest.approx(row["null_frac"])
        assert column.n_distinct == pytest.approx(row["n_distinct"])
        assert column.most_common_vals == (row["most_common_vals"] or "")
        assert column.histogram_bounds == (row["histogram_bounds"] or "")
        assert column.most_common_elems == (row["most_common_elems"] or "")
        assert column.range_bounds_histogram == (row["ranges"] or "")
        assert elements(column.range_length_histogram or "{}") == elements(row["lengths"] or "{}")
        assert column.most_common_freqs == pytest.approx(row["most_common_freqs"] or ())
        assert column.most_common_elem_freqs == pytest.approx(row["most_common_elem_freqs"] or ())
    assert columns["customers_lower", "lower", False].histogram_bounds


async def test_heights_and_extended_statistics_are_read_where_the_role_may(shop: Scratch) -> None:
    found = await _statistics(shop)
    assert found.by_name["public.orders_pkey"].height == 1
    assert found.by_name["public.orders"].height == -1
    (extended,) = found.extended
    assert extended.name == "orders_together"
    assert min(len(extended.ndistinct), len(extended.dependencies), len(extended.most_common)) > 20
    assert found.notes == ("public.untouched was never analysed",)


async def test_what_a_role_may_not_see_becomes_a_note(shop: Scratch) -> None:
    session = await shop.connect(admin=True)
    try:
        async with _rolled_back(session):
            await session.execute("CREATE ROLE stranger")
            await session.execute("GRANT SELECT ON orders TO stranger")
            await session.execute("SET LOCAL ROLE stranger")
            found = await read_statistics(session)
            assert await session.fetchval("SELECT current_user") == "stranger"
    finally:
        await session.close()
    assert "the role may not see the column statistics of public.customers" in found.notes
    assert "the role may not see the column statistics of public.customers_lower" in found.notes
    assert not any(note.endswith("public.orders") for note in found.notes)
    assert any("CREATE STATISTICS" in note for note in found.notes)
    assert found.by_name["public.orders"].columns and not found.by_name["public.customers"].columns
    assert found.by_name["public.customers"].pages > 50


@asynccontextmanager
async def _rolled_back(session: asyncpg.Connection) -> AsyncIterator[None]:
    transaction = session.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


async def test_the_session_is_left_as_it_was_and_nothing_is_written(shop: Scratch) -> None:
    session = await shop.connect(admin=True)
    await session.execute("SET DateStyle = 'German'; SET work_mem = '77MB'")
    async with session.transaction():
        found = await read_statistics(session)
        assert await session.fetchval("SHOW DateStyle") == "German, DMY"
        assert await session.fetchval("SELECT pg_current_xact_id_if_assigned()") is None
    await session.close()
    assert found.settings["work_mem"] == "77MB"
    assert "seq_page_cost" not in found.settings
    assert elements(_column(found, "public.customers", "born").histogram_bounds)[0].startswith("19")


async def test_psql_prints_what_a_session_reads(postgres: PostgresHost, shop: Scratch, tmp_path: Path) -> None:
    live = await _statistics(shop)
    exported = read_export(await _psql(postgres, shop, EXPORT_QUERY, tmp_path))
    assert exported.relations == live.relations
    assert (exported.extended, exported.settings, exported.notes) == (live.extended, live.settings, live.notes)
    assert exported.origin == "exported"


async def test_the_script_runs_for_a_role_without_privileges(
    postgres: PostgresHost, shop: Scratch, tmp_path: Path
) -> None:
    exported = read_export(await _psql(postgres, shop, EXPORT_QUERY, tmp_path, admin=False))
    assert exported.relations and not exported.extended
    assert any("CREATE STATISTICS" in note for note in exported.notes)


async def test_the_plain_query_gives_the_same_columns(shop: Scratch) -> None:
    live = await _statistics(shop)
    session = await shop.connect(admin=True)
    plain = read_export(await session.fetchval(export_statement()))
    await session.close()
    assert [each.columns for each in plain.relations if each.name != "customers"] == [
        each.columns for each in live.relations if each.name != "customers"
    ]


SECRET = ("Person", "example.org", "person", "Müller", "Code-", "CODE", "tag", "kind")


async def test_a_redacted_export_holds_no_text_of_a_row(postgres: PostgresHost, shop: Scratch, tmp_path: Path) -> None:
    text = await _psql(postgres, shop, REDACTED_EXPORT_QUERY, tmp_path)
    document = read_export(text)
    told = "".join(
        column.most_common_vals + column.histogram_bounds + column.most_common_elems
        for relation in document.relations
        for column in relation.columns
    )
    assert document.redacted
    assert not [word for word in SECRET if word in told]
    plain = await _psql(postgres, shop, EXPORT_QUERY, tmp_path)
    assert all(word in plain for word in SECRET if word not in ("CODE",))
    assert "public.customers.tags: values of its type cannot be redacted and were left out" in document.notes
    assert document.extended[0].most_common == "" and document.extended[0].ndistinct


async def test_surrogates_keep_frequencies_order_and_lengths(
    postgres: PostgresHost, shop: Scratch, tmp_path: Path
) -> None:
    live = await _statistics(shop)
    redacted = read_export(await _psql(postgres, shop, REDACTED_EXPORT_QUERY, tmp_path))
    for name, column in (
        ("public.customers", "email"),
        ("public.customers", "name"),
        ("public.customers", "country"),
        ("public.customers", "token"),
        ("public.orders", "code"),
        ("public.customers_lower", "lower"),
    ):
        real, told = _column(live, name, column), _column(redacted, name, column)
        assert told.most_common_freqs == real.most_common_freqs
        for one, other in (
            (real.histogram_bounds, told.histogram_bounds),
            (real.most_common_vals, told.most_common_vals),
        ):
            assert len(elements(one or "{}")) == len(elements(other or "{}"))
            if column != "token":
                assert [len(value) for value in elements(one or "{}")] == [len(v) for v in elements(other or "{}")]
        if told.histogram_bounds:
            assert list(elements(told.histogram_bounds)) == sorted(elements(told.histogram_bounds))
    assert _column(redacted, "public.orders", "total") == _column(live, "public.orders", "total")
    assert _column(redacted, "public.orders", "state") == _column(live, "public.orders", "state")
    countries = elements(_column(redacted, "public.customers", "country").most_common_vals)
    assert len(set(countries)) == 5


async def test_a_domain_with_a_check_gets_no_made_up_values(scratch: Scratch) -> None:
    session = await scratch.connect(admin=True)
    await session.execute(
        "CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%'); CREATE TABLE d (a mail, b text);"
        " INSERT INTO d SELECT 'p' || i || '@x', 'q' || i FROM generate_series(1, 500) i; ANALYZE d"
    )
    found = read_export(await session.fetchval(export_statement(redact=True)))
    await session.close()
    assert _column(found, "public.d", "a").histogram_bounds == ""
    assert _column(found, "public.d", "b").histogram_bounds != ""
    assert found.notes[0].startswith("public.d.a: values of its type cannot be redacted")
