"""The header that tells browsers and the CDN what to keep."""

from __future__ import annotations

import pytest

from backend.reference.cache_control import public


@pytest.mark.parametrize(
    ("times", "header"),
    [
        ((60,), "public, max-age=60"),
        ((0, 300), "public, max-age=0, s-maxage=300"),
        ((60, None, 30), "public, max-age=60, stale-while-revalidate=30"),
        ((60, 300, 30), "public, max-age=60, s-maxage=300, stale-while-revalidate=30"),
        ((60, 0, 0), "public, max-age=60, s-maxage=0, stale-while-revalidate=0"),
    ],
)
def test_the_times_of_a_public_answer_are_written_out(times: tuple[int, ...], header: str) -> None:
    assert public(*times) == header
