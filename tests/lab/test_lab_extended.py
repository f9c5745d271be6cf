from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engines.lab.extended_bytes import is_dependencies, is_most_common, is_ndistinct
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost
from backend.engines.statistics_export import read_statistics
from knowledge.formats.explain import read
from knowledge.statistics import DatabaseStatistics

SCHEMA = """
CREATE TABLE places (zip int, city text, country text, since date);
CREATE STATISTICS places_all ON zip, city, country FROM places;
"""
ROWS = """
INSERT INTO places SELECT i % 500, 'city' || i % 100, 'country' || i % 10, '2020-01-01'::date + i % 9
FROM generate_series(1, 20000) i
"""
QUERIES = (
    "SELECT * FROM places WHERE zip = 7 AND city = 'city7' AND country = 'country7'",
    "SELECT * FROM places WHERE city = 'city7' AND country = 'country8'",
    "SELECT zip, city, country FROM places GROUP BY 1, 2, 3",
)
COLUMNS = [(1, 23, 4, True), (2, 25, -1, False), (3, 25, -1, False)]

Real = tuple[DatabaseStatistics, list[float]]


@pytest.fixture(scope="module")
async def real(postgres: PostgresHost) -> AsyncIterator[Real]:
    """Statistics of the rows, and the planner's row counts with them."""
    async with postgres.scratch() as scratch:
        session = await scratch.connect(admin=True)
        try:
            await session.execute(f"{SCHEMA}{ROWS}; ANALYZE places")
            statistics = replace(await read_statistics(session), settings={})
            texts = [await session.fetchval(f"EXPLAIN (FORMAT JSON) {query}") for query in QUERIES]
            yield statistics, [read(text).root.estimated_rows for text in texts]
        finally:
            session.terminate()


async def rows_in_lab(postgres: PostgresHost, statistics: DatabaseStatistics) -> tuple[list[float], tuple[str, ...]]:
    async with open_lab(postgres, SCHEMA, statistics) as lab:
        return [(await lab.explain(query)).root.estimated_rows for query in QUERIES], lab.differences


async def test_columns_that_depend_on_each_other_are_estimated_as_with_rows(postgres: PostgresHost, real: Real) -> None:
    statistics, rows = real
    found, differences = await rows_in_lab(postgres, statistics)
    assert found == rows
    assert not any("extended" in difference for difference in differences)
    without, _ = await rows_in_lab(postgres, replace(statistics, extended=()))
    assert without != rows


async def test_data_that_does_not_fit_is_left_out_and_told(postgres: PostgresHost, real: Real) -> None:
    (whole,) = real[0].extended
    broken = replace(
        whole, ndistinct=whole.ndistinct[:-2], dependencies="zz", most_common=whole.most_common.replace("c2", "c3", 1)
    )
    strange = replace(whole, name="absent")
    found, differences = await rows_in_lab(postgres, replace(real[0], extended=(broken, strange)))
    assert found == (await rows_in_lab(postgres, replace(real[0], extended=())))[0]
    assert any("(ndistinct, dependencies, most common values) do not fit" in each for each in differences)
    assert any("absent are no object of the schema" in each for each in differences)


async def test_the_servers_own_data_passes_and_no_part_of_it_does(real: Real) -> None:
    (whole,) = real[0].extended
    for text, check in (
        (whole.ndistinct, is_ndistinct),
        (whole.dependencies, is_dependencies),
        (whole.most_common, is_most_common),
    ):
        data = bytes.fromhex(text)
        assert check(data, COLUMNS)
        assert not check(data, COLUMNS[:2])
        assert not check(data + b"\0", COLUMNS)
        for cut in range(0, len(data), max(1, len(data) // 200)):
            assert not check(data[:cut], COLUMNS)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_judged_without_an_error(data: bytes) -> None:
    for magic in (b"\xa4\xbf\x52\xa3", b"\x2c\x9a\x54\xb4", b"\xc2\x51\xa6\xe1", b""):
        for check in (is_ndistinct, is_dependencies, is_most_common):
            assert check(magic + b"\x01\0\0\0" + data, COLUMNS) in (True, False)
