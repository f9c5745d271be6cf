from __future__ import annotations

import json

from lab_help import QUERIES, shape

from backend.engines.lab.lab import Lab
from knowledge.formats.explain import read


async def test_the_empty_lab_plans_as_the_full_database_does(lab: Lab, populated) -> None:
    errors = []
    for query in QUERIES:
        text = await populated.session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}")
        real, planned = read(text), await lab.explain(query)
        assert shape(planned) == shape(real), query
        cost = json.loads(text)[0]["Plan"]["Total Cost"]
        errors.append((abs((await lab.cost(query))[0] - cost) / cost, query))
    errors.sort()
    assert errors[len(errors) // 2][0] < 0.001
    assert errors[-1][0] < 0.1, errors[-1]
