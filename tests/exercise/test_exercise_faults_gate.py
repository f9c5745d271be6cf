"""The gate between a backend and its database, against an echoing server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from backend.exercise.faults.gate import Gate

Session = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(100):
            writer.write(data)
    writer.close()


@contextlib.asynccontextmanager
async def gate(sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncIterator[Gate]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Gate(server.sockets[0].getsockname(), sleep) as made:
        yield made


@contextlib.asynccontextmanager
async def session(through: Gate) -> AsyncIterator[Session]:
    reader, writer = await asyncio.open_connection(through.host, through.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(talk: Session, words: bytes) -> bytes:
    talk[1].write(words)
    return await talk[0].read(100)


async def test_an_open_gate_passes_everything_on() -> None:
    async with gate() as open_gate, session(open_gate) as talk:
        assert await said(talk, b"hello") == b"hello"
        assert (open_gate.accepted, open_gate.connections) == (1, 1)


async def test_a_refusing_gate_resets_what_is_open_and_refuses_what_is_new_on_the_same_port() -> None:
    async with gate() as changing, session(changing) as talk:
        assert await said(talk, b"hello") == b"hello"
        port = changing.port
        changing.refuse()
        with pytest.raises(ConnectionResetError):
            await talk[0].read(100)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(changing.host, port)
        await changing.resume()
        assert changing.port == port
        async with session(changing) as again:
            assert await said(again, b"back") == b"back"


async def test_a_cut_resets_what_is_open_and_takes_what_is_new() -> None:
    async with gate() as changing, session(changing) as talk:
        assert await said(talk, b"hello") == b"hello"
        changing.cut()
        with pytest.raises(ConnectionResetError):
            await talk[0].read(100)
        async with session(changing) as again:
            assert await said(again, b"back") == b"back"


async def test_a_stalled_gate_takes_bytes_and_passes_them_on_when_it_resumes() -> None:
    async with gate() as changing, session(changing) as talk:
        assert await said(talk, b"hello") == b"hello"
        changing.stall()
        async with session(changing) as fresh:
            fresh[1].write(b"new")
            talk[1].write(b"old")
            waiting = [asyncio.ensure_future(each[0].read(100)) for each in (talk, fresh)]
            done, _ = await asyncio.wait(waiting, timeout=0.1)
            assert not done
            await changing.resume()
            assert await asyncio.gather(*waiting) == [b"old", b"new"]


async def test_a_muted_gate_lets_requests_through_and_no_answers() -> None:
    arrived = asyncio.Event()

    async def notes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(100))
        arrived.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(notes, "127.0.0.1", 0)
    async with server, Gate(server.sockets[0].getsockname()) as changing, session(changing) as talk:
        changing.mute()
        waiting = asyncio.ensure_future(said(talk, b"written"))
        await arrived.wait()
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        assert not done
        await changing.resume()
        assert await waiting == b"written"


async def test_a_delay_counts_for_each_request_and_is_slept_for() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with gate(sleep) as changing, session(changing) as talk:
        await said(talk, b"quick")
        changing.delay(0.25)
        await said(talk, b"slow")
        await said(talk, b"slow")
        await changing.resume()
        await said(talk, b"quick")
    assert slept == [0.25, 0.25]


async def test_a_gate_before_nothing_resets_connections() -> None:
    async with gate() as changing:
        unused = changing.port
    async with Gate(("127.0.0.1", unused)) as closed, session(closed) as talk:
        with pytest.raises(ConnectionResetError):
            await talk[0].read(100)


async def test_a_closed_gate_leaves_nothing_behind() -> None:
    async with gate() as changing:
        async with session(changing) as talk:
            assert await said(talk, b"hello") == b"hello"
        port = changing.port
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    assert changing.connections == 0
