"""Laws of repeated and conditional requests: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.idempotent-replay", "not-idempotent", "another answer than at first"),
        ("law.idempotent-replay", "keys-shared", "got the answer of owner"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges for failure in verdict.failures)
