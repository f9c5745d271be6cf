"""Laws of repeated and conditional requests: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.idempotent-replay", "not-idempotent", "another answer than at first"),
        ("law.idempotent-replay", "keys-shared", "got the answer of owner"),
        ("law.idempotency-mismatch", "mismatch-accepted", "is answered with 201, not 422"),
        ("law.idempotency-mismatch", "key-optional", "answers 201, not 400"),
        ("law.etag-not-modified", "no-304", "with 200, not 304"),
        ("law.etag-not-modified", "body-on-304", "304 has a body"),
        ("law.etag-changes", "etag-constant", "two different answers have the ETag"),
        ("law.etag-precondition", "no-precondition", "is answered with 200, not 412"),
        ("law.etag-precondition", "match-optional", "is answered with 200, not 428"),
        ("law.etag-precondition", "delete-unconditional", "is answered with 204, not 412"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges and failure.check == law_id for failure in verdict.failures)
