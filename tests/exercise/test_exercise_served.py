"""Serving an application in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.exercise.exchange import Call, TargetGone
from backend.exercise.faults.asking import ask
from backend.exercise.load.address import address
from backend.exercise.served import App, Served, serve

HERE = Path(__file__).parent
WORKS = App("load_small_app:works", HERE)


async def answered(served: Served, path: str = "/") -> Any:
    seen = await ask(address(served.host, served.port), "read", Call("GET", path), 10)
    assert seen.answer is not None and seen.answer.status == 200
    return seen.answer.json()


async def test_it_serves_what_was_asked_for_and_sees_only_the_environment_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUR_SECRET", "hunter2")
    async with serve(replace(WORKS, environment={"DATABASE_URL": "sqlite://"})) as served:
        content = await answered(served)
    assert content["cwd"] == str(HERE)
    assert content["environment"]["DATABASE_URL"] == "sqlite://"
    assert "OUR_SECRET" not in content["environment"]


async def test_the_log_holds_what_the_application_wrote() -> None:
    async with serve(WORKS) as served:
        assert await served.stop() in (0, -signal.SIGTERM)
    assert "hello from the application" in served.log
    assert any("Shutting down" in line for line in served.log)


async def test_a_factory_is_called() -> None:
    async with serve(App("load_small_app:factory", HERE, factory=True)) as served:
        assert await answered(served)


async def test_the_process_has_ended_when_the_block_has() -> None:
    async with serve(WORKS) as served:
        pid = served.pid
        assert served.returncode is None
    assert served.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    served.signal(signal.SIGTERM)


async def test_memory_is_limited() -> None:
    async with serve(WORKS) as served:
        assert (await answered(served, "/memory"))["size"] == -1
    async with serve(replace(WORKS, memory_bytes=64 << 30)) as unlimited:
        assert (await answered(unlimited, "/memory"))["size"] == 8 << 30


async def test_an_application_that_does_not_start_is_quoted() -> None:
    with pytest.raises(TargetGone, match=r"did not start \(exit code 3\)(?s:.)*no secret was given"):
        async with serve(App("load_small_app:fails", HERE, options={"lifespan": "on"})):
            pass
    with pytest.raises(TargetGone, match="nowhere"):
        async with serve(App("load_nowhere:nothing", HERE)):
            pass


async def test_an_application_that_is_not_up_in_time_is_ended() -> None:
    with pytest.raises(TargetGone, match=r"not up after 1\.5 s"):
        async with serve(App("load_small_app:never", HERE), boot_seconds=1.5):
            pass


async def test_one_that_ignores_sigterm_is_told_apart_and_ended() -> None:
    async with serve(WORKS) as served:
        with pytest.raises(TargetGone, match=r"still ran after 0\.01 s"):
            await served.ended(0.01)
        os.kill(served.pid, signal.SIGSTOP)
        assert await served.stop(0.05) == -signal.SIGKILL


PARENT = """
import asyncio, os, signal, sys
from pathlib import Path
import backend_architect
from backend.exercise.served import App, serve

async def main():
    async with serve(App("load_small_app:works", Path(sys.argv[1]))) as served:
        print(served.port, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_the_process_ends_when_its_parent_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(HERE)), cwd=HERE.parents[1], stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    port = int(await parent.stdout.readline())
    assert await parent.wait() == -signal.SIGKILL
    target = address("127.0.0.1", port)
    async with asyncio.timeout(10):
        while (await ask(target, "read", Call("GET", "/"), 10)).error != "refused":
            pass
