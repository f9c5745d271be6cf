"""Laws of whose rows are whose: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.tenant-isolated", "tenant-open", "as other_tenant is 200, not 404"),
        ("law.tenant-isolated", "tenant-list", "the list of another tenant shows the row"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges and failure.check == law_id for failure in verdict.failures)
