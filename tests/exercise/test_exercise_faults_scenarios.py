"""Fault scenarios against a backend that bears them, and against weakened twins that each must catch."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import pytest
from load_fault_stage import redis_server, stage

from backend.engines.postgres.host import PostgresHost
from backend.exercise.faults.run import SCENARIOS, fault_table, run_faults


async def test_a_backend_that_bears_every_fault_fails_no_check(postgres: PostgresHost) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a short path: sockets have no room for a long one
        async with redis_server(Path(folder)) as redis, stage(postgres, redis=redis) as ready:
            report = await run_faults(ready)
    assert [(failure.check, failure.message) for failure in report.failures] == []
    assert not report.not_tested
    seen = {each.scenario: each for each in report.observations}
    assert list(seen) == list(SCENARIOS)
    assert seen["database-gone"].outcomes("write")["503"] > 5
    assert seen["database-gone"].outcomes("ready")["503"] > 5
    assert seen["database-gone"].outcomes("health").keys() == {"200"}
    assert seen["redis-gone"].outcomes("write").keys() == {"201"}
    assert seen["pool-exhausted"].outcomes("read")["503"] > 2
    assert seen["shutdown"].outcomes("write") == {"201": 6}
    assert all(each.stored for each in report.observations), "rows were counted after every fault"
    assert fault_table(report).count("| PASS |") == len(SCENARIOS)


@pytest.mark.parametrize(
    ("flaw", "scenario", "checks"),
    [
        ("loses", "database-gone", {"fault.lost-write"}),
        ("leaks", "database-gone", {"fault.leak", "fault.database-gone", "fault.readiness"}),
        ("hangs", "pool-exhausted", {"fault.pool-exhausted"}),
        ("doubles", "answer-lost", {"fault.doubled-write"}),
        ("always-ready", "database-gone", {"fault.readiness"}),
        ("drops", "shutdown", {"fault.shutdown"}),
        ("dies", "database-gone", {"fault.database-gone", "fault.health", "fault.readiness", "fault.recovery"}),
    ],
)
async def test_each_weakened_twin_is_caught(postgres: PostgresHost, flaw: str, scenario: str, checks: set[str]) -> None:
    async with stage(postgres, flaw) as ready:
        report = await run_faults(ready, [scenario])
    assert {failure.check for failure in report.failures} == checks
    assert all(failure.exchanges for failure in report.failures if "counted" not in failure.message)
    assert "| FAIL |" in fault_table(report)


@pytest.mark.parametrize("scenario", ["redis-gone", "redis-stalled"])
async def test_a_backend_that_needs_redis_is_caught(postgres: PostgresHost, scenario: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        async with redis_server(Path(folder)) as redis, stage(postgres, "needs-redis", redis) as ready:
            report = await run_faults(ready, [scenario])
    assert {failure.check for failure in report.failures} == {f"fault.{scenario}"}
    assert "without Redis" in report.failures[0].message


async def test_what_does_not_apply_is_not_tested_and_says_why(postgres: PostgresHost) -> None:
    begun: list[str] = []

    async def progress(message: str) -> None:
        begun.append(message)

    async with stage(postgres) as ready:
        report = await run_faults(dataclasses.replace(ready, database=None), list(SCENARIOS)[:-1], progress)
    assert begun == [f"fault: {name}" for name in list(SCENARIOS)[:-1]]
    assert not report.observations
    assert report.not_tested == {
        **dict.fromkeys(
            ("database-gone", "slow-query", "pool-exhausted", "answer-lost"),
            "the backend has no database server: there is no connection that could break",
        ),
        **dict.fromkeys(("redis-gone", "redis-stalled"), "the backend runs without Redis"),
    }
    assert fault_table(report).count("NOT TESTED") == 6


async def test_traffic_that_fails_without_any_fault_proves_nothing(postgres: PostgresHost) -> None:
    async with stage(postgres) as ready:
        wrong = dataclasses.replace(ready.traffic, read=dataclasses.replace(ready.traffic.read, path="/nowhere"))
        report = await run_faults(dataclasses.replace(ready, traffic=wrong), ["database-gone"])
    assert report.not_tested == {
        "database-gone": "the traffic is not served without any fault either: GET /nowhere ended with 404"
    }


async def test_a_backend_that_does_not_start_fails_the_scenario(postgres: PostgresHost) -> None:
    async with stage(postgres) as ready:
        broken = dataclasses.replace(ready.app, app="load_fault_app:nothing")
        report = await run_faults(dataclasses.replace(ready, app=broken), ["database-gone"])
    (failure,) = report.failures
    assert failure.check == "fault.database-gone"
    assert "did not start" in failure.message
