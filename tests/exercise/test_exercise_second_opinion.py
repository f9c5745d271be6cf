"""Schemathesis agrees on a sound backend and on a faulty one."""

from __future__ import annotations

import pytest
from exercise_help import HERE, subject

from backend.exercise.loopback_target import NotAllowed
from backend.exercise.second_opinion import NoSecondOpinion, SecondOpinion, second_opinion
from backend.exercise.served import App, serve


async def opinion(bugs: str) -> SecondOpinion:
    async with subject(bugs) as backend:
        document = backend.target.openapi  # type: ignore[attr-defined]
    environment = {"SAMPLE_BUGS": bugs}
    app = App("sample_app:create_app", HERE, factory=True, environment=environment)
    async with serve(app) as served:
        return await second_opinion(f"http://127.0.0.1:{served.port}", document, examples=3, seconds=8)


async def test_a_planted_fault_is_found() -> None:
    found = await opinion("wrong-status")
    assert "Undocumented status code" in [each.title for each in found.opinions]
    assert found.operations == 11
    assert found.cases > 50
    assert "curl" in found.text


async def test_places_that_are_not_loopback_are_refused() -> None:
    with pytest.raises(NotAllowed):
        await second_opinion("http://192.0.2.1:8000", {})


async def test_a_document_it_cannot_use_is_said() -> None:
    with pytest.raises(NoSecondOpinion, match="schemathesis failed"):
        await second_opinion("http://127.0.0.1:9", {"openapi": "1.0"}, seconds=5)
