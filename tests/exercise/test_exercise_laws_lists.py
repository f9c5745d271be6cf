"""Laws of lists: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged

from backend.exercise.laws.lists.sort_ordered import ordered


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.page-partition", "page-skips", "misses"),
        ("law.page-partition", "total-wrong", "the total is"),
        ("law.page-stable", "cursor-offset", "rows twice"),
        ("law.limit-honoured", "limit-exceeded", "limit=1 is answered with 200 and 2 rows"),
        ("law.limit-honoured", "no-cap", "beyond what may be asked for"),
        ("law.limit-honoured", "past-end-404", "past the end is answered with 404"),
        ("law.filter-sound", "filter-ignored", "rows with another"),
        ("law.sort-ordered", "sort-ignored", " before "),
        ("law.sort-ordered", "no-tie-break", "in another order from page to page"),
        ("law.search-sound", "search-wild", "q='%' shows"),
        ("law.search-sound", "search-case", "misses"),
        ("law.child-scoped", "child-unscoped", "a row of another parent"),
        ("law.child-scoped", "parent-unknown-ok", "is 200, not 404"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges and failure.check == law_id for failure in verdict.failures)


def test_moments_are_in_order_whether_or_not_they_write_a_fraction_of_zero() -> None:
    rising = ["2026-01-01T00:00:01Z", "2026-01-01T00:00:01.433000Z", "2026-01-01T00:00:02Z"]
    assert ordered(rising, falling=False)
    assert not ordered(rising, falling=True)
