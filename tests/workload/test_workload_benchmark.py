"""The workload benchmark runs, on a scale too small to measure anything."""

from __future__ import annotations

from dataclasses import replace

from backend.engines.postgres.host import PostgresHost
from benchmarks.workload import Measured, measure, report


async def test_the_benchmark_runs_and_prints_our_row_beside_the_others(postgres: PostgresHost) -> None:
    run = await measure(postgres, scale=0.02, seconds=30, runs=1)
    assert run.plain.different == run.indexed.different == ()
    assert run.unused == []
    assert run.advice.relative < 0.9
    text = report(run)
    assert "| Dexter 0.6.3 |" in text
    assert "| **ours** |" in text
    assert "every index is used" in text


async def test_a_query_that_got_slower_by_more_than_noise_is_named() -> None:
    same = Measured("Q1", 100.0, 105.0, 110.0, frozenset())
    assert not same.slower
    assert replace(same, after=130.0).slower
    assert not replace(same, last=130.0, after=130.0).slower
