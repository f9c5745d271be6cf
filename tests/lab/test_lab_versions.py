from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lab_help import SCHEMA, shape

from backend.engines.lab.lab import open_lab
from backend.engines.postgres.binaries import find_binaries
from backend.engines.postgres.host import PostgresHost
from backend.engines.statistics_export import read_statistics
from knowledge.formats.explain import read

INSTALLATIONS = [find_binaries().bindir, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]

ROWS = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN short AS varchar(20) CHECK (length(VALUE) < 20);
CREATE TABLE people (id int PRIMARY KEY, name varchar(40), feels mood, nick short, tags text[], span int4range,
  kin int[]);
CREATE INDEX people_name ON people (lower(name));
CREATE INDEX people_tags ON people USING gin (tags);
CREATE INDEX people_happy ON people (id) WHERE feels = 'happy';
"""
FILL = """
INSERT INTO people SELECT i, 'name' || i % 700, (ARRAY['sad', 'ok', 'ok', 'ok', 'happy'])[1 + i % 5]::mood,
  'n' || i % 40, ARRAY['a' || i % 9, 'b' || i % 4], int4range(i, i + i % 50), ARRAY[i % 5]
FROM generate_series(1, 30000) i;
"""
QUERIES = (
    "SELECT * FROM people WHERE id < 300",
    "SELECT * FROM people WHERE lower(name) = 'name7'",
    "SELECT * FROM people WHERE name = 'name7'",
    "SELECT * FROM people WHERE feels = 'happy' AND id < 2000",
    "SELECT * FROM people WHERE feels = 'ok'",
    "SELECT * FROM people WHERE nick = 'n7'",
    "SELECT * FROM people WHERE tags @> ARRAY['a3']",
    "SELECT * FROM people WHERE span && int4range(100, 200)",
    "SELECT * FROM people WHERE kin = ARRAY[3]",
    "SELECT * FROM people WHERE id = $1",
    "SELECT feels, count(*) FROM people GROUP BY 1",
)


@pytest.mark.parametrize("bindir", INSTALLATIONS, ids=str)
async def test_every_installed_version_has_a_lab(bindir: Path) -> None:
    host = PostgresHost(binaries=bindir)
    try:
        async with host.scratch() as scratch:
            session = await scratch.connect(admin=True)
            await session.execute(ROWS + FILL)
            await session.execute("VACUUM ANALYZE people")
            await session.execute("SET max_parallel_workers_per_gather = 2; SET plan_cache_mode = force_generic_plan")
            statistics = replace(await read_statistics(session), settings={})
            async with open_lab(host, ROWS, statistics) as lab:
                assert not [each for each in lab.differences if "statistics" in each or "heights" in each]
                for query in QUERIES:
                    await session.execute(f"PREPARE one AS {query}")
                    call = "EXECUTE one(1)" if "$1" in query else "EXECUTE one"
                    real = read(await session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {call}"))
                    await session.execute("DEALLOCATE one")
                    planned = await lab.explain(query)
                    assert shape(planned) == shape(real), query
                    if host.version >= 17 or "span" not in query:  # pg_stats shows histograms of ranges since 17
                        assert planned.root.estimated_rows == real.root.estimated_rows, query
                async with lab.what_if("CREATE INDEX fresh ON people (name) WHERE feels = 'sad'") as changed:
                    query = "SELECT * FROM people WHERE name < 'name3' AND feels = 'sad'"
                    assert (await changed.cost(query))[1] == {"fresh"}
                    sizes = "SELECT relpages, reltuples FROM pg_class WHERE relname = 'fresh'"
                    pages, rows = await lab._builder.session.fetchrow(sizes)
                    assert pages == changed.indexes[0].pages
                    assert 5500 < rows < 6500
    finally:
        await host.aclose()


async def test_statistics_of_another_version_are_disclosed(postgres: PostgresHost, populated) -> None:
    async with open_lab(postgres, SCHEMA, replace(populated.statistics, version=12)) as lab:
        assert any("come from PostgreSQL 12" in difference for difference in lab.differences)
