"""Laws of writes: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.delete-effective", "delete-forgotten", "the deleted row is read with 200"),
        ("law.delete-effective", "delete-listed", "the deleted row is still in"),
        ("law.update-effective", "update-ignored", "and reading shows"),
        ("law.link-effective", "unlink-forgotten", "after unlinking one of two rows"),
        ("law.location-resolves", "location-wrong", "is answered with 404"),
        ("law.mass-assignment", "mass-assignment", "owner_id in the body of a create was taken over"),
        ("law.mass-assignment", "mass-assignment", "points in the body of an update was taken over"),
        ("law.method-safe", "get-writes", "the list differs: updated_at"),
        ("law.cache-coherent", "stale-lists", "as anonymous shows the old name"),
        ("law.cache-coherent", "stale-creates", "does not show a row just made"),
        ("law.event-emitted", "no-event-on-update", "no event 'updated'"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges and failure.check == law_id for failure in verdict.failures)
