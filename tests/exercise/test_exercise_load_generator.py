"""The load generator against a server of one's own whose behaviour is known."""

from __future__ import annotations

import asyncio
import socket

import pytest
from load_tiny import tiny_server

from backend.exercise.exchange import Call
from backend.exercise.load.address import Address, Forbidden, address
from backend.exercise.load.apart import apart
from backend.exercise.load.generator import Load, generate
from backend.exercise.load.result import LoadResult
from backend.exercise.load.workload import Mix, Part


async def run(target: Address, load: Load, *paths: str) -> LoadResult:
    mix = Mix([Part(path, Call("GET", path)) for path in paths or ("/",)], target.authority)
    return await apart(lambda: generate(target, mix, load))


async def test_a_stall_shows_in_the_p99_of_a_constant_rate_and_not_in_that_of_a_closed_loop() -> None:
    async with tiny_server(stall_at=60, stall_seconds=1.0) as target:
        open_model = await run(target, Load(seconds=1.5, rate=200, connections=8))
    async with tiny_server(stall_at=60, stall_seconds=1.0) as target:
        closed = await run(target, Load(seconds=1.6, connections=1))
    assert open_model.answered == 300
    assert open_model.percentiles()["p99"] > 0.9, "every request that was due during the stall waited"
    assert open_model.backlog > 100
    assert closed.latency.max > 0.9
    assert closed.percentiles()["p99"] < 0.1, "the weakened twin asks nothing while the server stalls"


async def test_all_requests_of_a_constant_rate_are_sent_and_counted() -> None:
    async with tiny_server() as target:
        result = await run(target, Load(seconds=0.5, rate=1000, warm_up=0.1), "/", "/chunked", "/close")
    assert result.sent == result.answered == 500
    assert not result.errors
    assert result.statuses == {200: 500}
    assert sum(operation.count for operation in result.operations.values()) == 500
    assert set(result.operations) == {"/", "/chunked", "/close"}
    assert result.achieved == pytest.approx(1000, rel=0.4)
    assert sum(moment.latency.count for moment in result.moments) == 500


async def test_each_kind_of_error_is_counted_by_itself() -> None:
    load = Load(seconds=0.2, rate=50, timeout=0.3)
    async with tiny_server() as target:
        assert (await run(target, load, "/error")).errors == {"5xx": 10}
        assert (await run(target, load, "/reset")).errors == {"reset": 10}
        assert (await run(target, load, "/broken")).errors == {"malformed": 10}
        silent = await run(target, load, "/silent")
    assert silent.errors == {"timeout": 10}
    assert silent.percentiles()["p50"] > 0.29, "a request that timed out counts with the time it was waited for"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        refused = await run(Address("127.0.0.1", bound.getsockname()[1]), load)
    assert refused.errors == {"refused": 10}
    assert refused.error_share == 1.0


async def test_a_closed_loop_keeps_every_connection_busy() -> None:
    async with tiny_server(service=0.001) as target:
        result = await run(target, Load(seconds=0.5, connections=4))
    assert not result.errors
    assert result.latency.quantile(0.5) > 0.003, "four wait in line for one worker"
    under_way = result.achieved * result.latency.mean
    assert under_way == pytest.approx(4, rel=0.25), "Little's law: so many were under way on average"


async def test_the_generator_is_fast_enough_not_to_be_what_is_measured() -> None:
    async with tiny_server() as target:
        result = await run(target, Load(seconds=0.5, connections=16))
    assert result.achieved > 1500, "on a machine whose cores are shared; alone on a core it is over 10,000"


async def test_a_cancelled_run_ends_and_closes_its_connections() -> None:
    async with tiny_server() as target:
        running = asyncio.ensure_future(run(target, Load(seconds=60, rate=100)))
        ready = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.1, ready.set_result, None)
        await ready
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def test_load_goes_to_the_loopback_interface_and_listed_hosts_only() -> None:
    assert address("127.8.8.8", 80).authority == "127.8.8.8:80"
    assert address("::1", 80).authority == "[::1]:80"
    assert address("localhost", 80).host == "localhost"
    assert address("staging.example", 80, listed=["staging.example"]).host == "staging.example"
    for host in ("example.com", "10.0.0.1", "localhost.example.com", "0.0.0.0"):
        with pytest.raises(Forbidden, match="loopback"):
            address(host, 80)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": 601},
        {"seconds": 1, "connections": 1001},
        {"seconds": 1, "rate": -1},
        {"seconds": 500, "rate": 10_000},
        {"seconds": 1, "timeout": 0},
        {"seconds": 1, "warm_up": -0.5},
    ],
)
def test_a_load_beyond_its_bounds_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Load(**wrong)  # type: ignore[arg-type]
