"""Targets behind a URL: this machine and what the operator listed, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.exercise.exchange import Call, TargetGone
from backend.exercise.loopback_target import NotAllowed, allowed, loopback_target


@asynccontextmanager
async def server() -> AsyncIterator[str]:
    """Answers with what it was sent; ``/redirect`` leads away, ``/waits`` says nothing, ``/breaks`` hangs up."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b" /waits " in head:
                    await asyncio.Event().wait()
                if b" /breaks " in head:
                    return
                status, extra, body = b"200 OK", b"", head
                if b" /redirect " in head:
                    status, extra = b"302 Found", b"Location: http://192.0.2.1/\r\n"
                if b" /huge " in head:
                    body = b"x" * 5_000_000
                length = str(len(body)).encode()
                writer.write(b"HTTP/1.1 %s\r\n%sContent-Length: %s\r\n\r\n%s" % (status, extra, length, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_requests_arrive_as_they_are_written() -> None:
    async with server() as url, loopback_target(url) as target:
        answer = await target.call(Call("GET", "/a%2Fb/%2E%2E?x=%00&y", {"X-One": "1", "Authorization": "Bearer t"}))
        assert answer.status == 200
        assert answer.body.startswith(b"GET /a%2Fb/%2E%2E?x=%00&y HTTP/1.1\r\n")
        assert b"Authorization: Bearer t" in answer.body
        assert not target.observes_sql
        assert answer.seconds > 0


async def test_redirects_are_answers() -> None:
    async with server() as url, loopback_target(url) as target:
        answer = await target.call(Call("GET", "/redirect"))
    assert (answer.status, answer.headers["location"]) == (302, "http://192.0.2.1/")


@pytest.mark.parametrize(
    ("path", "said"),
    [("/waits", "within 0.3 s"), ("/breaks", "broke before"), ("/huge", "longer than")],
)
async def test_what_goes_wrong_is_told_as_a_crash(path: str, said: str) -> None:
    async with server() as url, loopback_target(url, answer_seconds=0.3) as target:
        answers = await target.together([Call("GET", path), Call("GET", "/")])
    assert [answer.status for answer in answers] == [0, 200]
    assert said in answers[0].crash


async def test_a_backend_that_is_not_there_is_said_to_be_gone() -> None:
    async with server() as url:
        pass
    with pytest.raises(TargetGone, match="nothing answers at"):
        async with loopback_target(url):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7:8000",
        "http://0.0.0.0:8000",
        "http://[::ffff:192.0.2.7]:8000",
        "http://169.254.169.254",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "127.0.0.1:8000",
        "http://user:secret@127.0.0.1:8000",
        "http://127.0.0.1:8000/api",
        "http://127.0.0.1:99999",
        "http://",
        "http://no-such-host.invalid",
    ],
)
async def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        await allowed(url, ["example.com"])


async def test_loopback_and_listed_hosts_are_allowed() -> None:
    assert (await allowed("http://localhost:8000")).host == "localhost:8000"
    assert (await allowed("http://127.0.0.2:1/")).base == "http://127.0.0.2:1"
    assert (await allowed("http://[::1]:8000")).base == "http://[::1]:8000"
    assert (await allowed("http://192.0.2.7:8000", ["192.0.2.7"])).address == "192.0.2.7"
    assert (await allowed("http://192.0.2.7:8000", ["192.0.2.7:8000"])).port == 8000
    with pytest.raises(NotAllowed):
        await allowed("http://192.0.2.7:8001", ["192.0.2.7:8000"])
