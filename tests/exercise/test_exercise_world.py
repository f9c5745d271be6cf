"""Rows through the API, parents first; callers and their tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import jwt
import pytest
from exercise_help import SIGNING, subject

from backend.exercise.callers import given, minted
from backend.exercise.calls import build, row, rows
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError


@pytest.fixture(scope="module")
async def backend() -> AsyncIterator[Subject]:
    async with subject(auth=True) as started:
        yield started


async def test_a_row_is_made_with_the_rows_it_needs(backend: Subject) -> None:
    owner = backend.callers["owner"]
    post = await backend.world.make("post", owner, title="mine")
    user = await backend.world.known("user", owner)
    assert (post["title"], post["user_id"], post["owner_id"]) == ("mine", user["id"], owner.subject)
    assert (await backend.world.make("post", owner))["user_id"] == user["id"]


async def test_values_that_must_be_unique_are(backend: Subject) -> None:
    made = [await backend.world.make("user", backend.callers["owner"]) for _ in range(50)]
    assert len({user["email"] for user in made}) == 50


async def test_every_operation_has_a_request_that_succeeds(backend: Subject) -> None:
    for operation in backend.contract.operations:
        call = await backend.world.request(operation, backend.callers["owner"], fresh=True)
        answer = await backend.target.call(call)
        assert answer.status in (200, 201, 204), (operation.label, answer)


async def test_a_row_that_cannot_be_made_shows_the_request_and_the_answer(backend: Subject) -> None:
    with pytest.raises(WorldError, match=r"no post could be made: POST /api/v1/posts as owner answered 422") as error:
        await backend.world.make("post", backend.callers["owner"], price="free")
    assert error.value.answer is not None
    assert error.value.answer.status == 422


async def test_somebody_else_makes_what_a_caller_may_only_refer_to(backend: Subject) -> None:
    anonymous = backend.callers["anonymous"]
    assert (await backend.world.known("user", anonymous))["id"]
    with pytest.raises(WorldError, match="anonymous answered 401"):
        await backend.world.make("user", anonymous)


async def test_the_history_of_a_request_is_what_made_its_rows_in_order(backend: Subject) -> None:
    owner = backend.callers["owner"]
    post = await backend.world.make("post", owner)
    operation = backend.contract.operation("GET", "/api/v1/posts/{post_id}")
    assert operation is not None
    history = backend.world.history(build(operation, owner, path={"post_id": post["id"]}))
    assert [each.call.path for each in history] == ["/api/v1/users", "/api/v1/posts"]
    assert row(history[1].answer)["id"] == post["id"]


async def test_rows_are_read_with_or_without_an_envelope(backend: Subject) -> None:
    operation = backend.contract.operation("GET", "/api/v1/posts")
    assert operation is not None
    answer = await backend.target.call(build(operation, backend.callers["owner"], query={"limit": 1}))
    assert len(rows(answer)) == 1


def test_five_callers_are_minted() -> None:
    now = datetime.now(UTC)
    callers = minted(SIGNING, now=now, roles=("admin", "staff"))
    assert [each.name for each in callers] == ["anonymous", "owner", "other", "other_tenant", "admin"]
    token = callers["admin"].headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SIGNING.secret, algorithms=["HS256"], audience="sample", issuer="sample")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "at+jwt"}
    assert (claims["sub"], claims["roles"]) == (callers["admin"].subject, ["admin", "staff"])
    assert claims["tenant_id"] == callers["owner"].tenant_id != callers["other_tenant"].tenant_id
    assert len({each.subject for each in callers}) == 5
    assert callers.helper(callers["other_tenant"]).tenant_id == callers["other_tenant"].tenant_id
    assert "tenant_id" not in jwt.decode(
        minted(SIGNING, now=now, tenants=False)["owner"].headers["Authorization"][7:],
        options={"verify_signature": False},
    )


def test_callers_of_other_backends_are_given() -> None:
    callers = given({"owner": "abc", "admin": "Basic eA=="})
    assert [each.name for each in callers] == ["anonymous", "owner", "admin"]
    assert callers["owner"].headers == {"Authorization": "Bearer abc"}
    assert callers["admin"].headers == {"Authorization": "Basic eA=="}
    with pytest.raises(ValueError, match="no caller is called root"):
        given({"root": "x"})
