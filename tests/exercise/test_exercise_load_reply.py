"""Reading answers, however the network cuts them, and refusing those that are framed wrongly."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.exercise.exchange import Call
from backend.exercise.load.reply import Malformed, Reply
from backend.exercise.load.workload import Mix, Part, encode

WELL_FRAMED = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello": (200, b"hello", True),
    b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nconnection: close\r\n\r\nhello": (200, b"hello", False),
    b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello": (200, b"hello", False),
    b"HTTP/1.1 204 No Content\r\n\r\n": (204, b"", True),
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n": (304, b"", True),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}": (201, b"{}", True),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n": (
        200,
        b"hello0123456789",
        True,
    ),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\r\r\n0\r\nDigest: x\r\n\r\n": (200, b"\r", True),
}


@given(st.sampled_from(sorted(WELL_FRAMED)), st.lists(st.integers(min_value=0, max_value=120), max_size=8))
def test_an_answer_is_the_same_however_it_is_cut(raw: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(raw), *(min(cut, len(raw)) for cut in cuts)})
    reply = Reply(keep=True)
    complete = [reply.feed(raw[start:end]) for start, end in pairwise(edges)]
    assert complete == [False] * (len(complete) - 1) + [True]
    assert (reply.status, reply.body, reply.reusable) == WELL_FRAMED[raw]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "status line"),
        (b"HTTP/1.1 abc\r\n\r\n", "status line"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", "3 bytes follow"),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", "1 bytes follow"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "both"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size of a chunk"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "size of a chunk"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", "as long as it says"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore", "4 bytes follow"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 12_000, "longer than"),
    ],
)
def test_an_answer_that_is_framed_wrongly_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        Reply().feed(raw)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    reply = Reply(keep=True)
    assert not reply.feed(b"HTTP/1.1 200 OK\r\n\r\nhel")
    assert not reply.feed(b"lo")
    assert reply.closed()
    assert reply.body == b"hello"
    assert not reply.reusable


def test_a_connection_closed_within_an_answer_is_noticed() -> None:
    reply = Reply()
    reply.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel")
    with pytest.raises(Malformed, match="in the middle"):
        reply.closed()
    assert not Reply().closed()


def test_an_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    assert Reply(head=True).feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")


def test_header_fields_are_joined_and_in_lower_case() -> None:
    reply = Reply()
    reply.feed(b'HTTP/1.1 204 No Content\r\nVary: A\r\nVary: B\r\nETag: "x:y"\r\n\r\n')
    assert reply.headers() == {"vary": "A, B", "etag": '"x:y"'}


def test_a_request_is_encoded_with_its_length_and_cannot_break_its_framing() -> None:
    raw = encode(Call("POST", "/a", {"X-A": "1"}, b"{}"), "localhost:1")
    assert raw == (
        b"POST /a HTTP/1.1\r\nHost: localhost:1\r\nX-A: 1\r\nContent-Length: 2\r\n"
        b"Content-Type: application/json\r\n\r\n{}"
    )
    assert b"Content-Length: 0" in encode(Call("POST", "/a"), "h")
    for call in (Call("GET", "/a b"), Call("GET", "/", {"X": "a\r\nY: b"}), Call("GET", "/\nX")):
        with pytest.raises(ValueError, match="framing"):
            encode(call, "h")


def test_a_mix_follows_its_weights_and_its_seed() -> None:
    parts = [
        Part("read", Call("GET", "/"), 9),
        Part("write", lambda random: Call("POST", "/", body=b"%d" % random.randrange(10)), 1),
    ]
    first, second = Mix(parts, "h", seed=5), Mix(parts, "h", seed=5)
    drawn = [first.next() for _ in range(2000)]
    assert drawn == [second.next() for _ in range(2000)]
    assert 120 < sum(request.name == "write" for request in drawn) < 280
    for wrong in ([], [Part("x", Call("GET", "/"), 0)]):
        with pytest.raises(ValueError, match="weight"):
            Mix(wrong, "h")
