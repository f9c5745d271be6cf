from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from lab_help import QUERIES, SCHEMA, shape

from backend.engines.lab.lab import Lab, open_lab
from backend.engines.postgres.host import PostgresHost
from knowledge.formats.explain import read

if TYPE_CHECKING:
    from conftest import Populated


async def test_the_empty_lab_plans_as_the_full_database_does(lab: Lab, populated: Populated) -> None:
    errors = []
    for query in QUERIES:
        text = await populated.session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}")
        real, planned = read(text), await lab.explain(query)
        assert shape(planned) == shape(real), query
        cost = json.loads(text)[0]["Plan"]["Total Cost"]
        errors.append((abs((await lab.cost(query))[0] - cost) / cost, query))
    errors.sort()
    exact = sum(error < 1e-9 for error, _ in errors)
    print(
        f"{len(errors)} queries, all plans the same, {exact} costs exact,"
        f" median error {errors[len(errors) // 2][0]:.4%}, largest {errors[-1][0]:.2%} ({errors[-1][1]})"
    )
    assert errors[len(errors) // 2][0] < 0.001
    assert errors[-1][0] < 0.1, errors[-1]


async def test_statistics_without_file_lengths_and_heights_are_not_enough(
    postgres: PostgresHost, populated: Populated
) -> None:
    """The weakened twin: what pg_class and pg_statistic say alone."""
    bare = replace(
        populated.statistics,
        relations=tuple(replace(each, pages=0, relpages=0, tuples=-1.0) for each in populated.statistics.relations),
    )
    async with open_lab(postgres, SCHEMA, bare) as weak:
        different = 0
        for query in QUERIES:
            real = read(await populated.session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}"))
            different += shape(await weak.explain(query)) != shape(real)
    assert different > len(QUERIES) / 4
