"""Mutations do what the routes do, and refuse what they refuse, with the same codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from graphql_library import filled, unknown
from graphql_twin import Twin, code, mutate, rest_code, twin

from backend.engines.postgres.host import PostgresHost

SIDES = (("python", "sqlite"), ("python", "postgresql"), ("typescript", "sqlite"))
BOOK = {
    "title": "A title",
    "isbn": "7d4c3a52-0a7e-4f4e-9a5c-000000000001",
    "price": "1.500",
    "binding": "paper",
    "lendable": False,
    "published_on": "2024-02-29",
    "catalogued_at": "2024-02-29T12:00:00.5+02:00",
    "notes": {"pages": [1, 2.5, None], "é": True},
}


def graphql_input(body: dict[str, Any]) -> dict[str, Any]:
    """A body of a route as an input."""
    found = {}
    for name, value in body.items():
        head, *rest = name.split("_")
        found[head + "".join(part.capitalize() for part in rest)] = value
    if "binding" in found:
        found["binding"] = str(found["binding"]).upper().replace("-", "_")
    return found


@pytest.fixture(params=SIDES, ids=str, scope="module")
async def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost
) -> AsyncIterator[Twin]:
    """The library, running on each stack and engine."""
    stack, engine = request.param
    async with twin("every_feature", engine, tmp_path_factory.mktemp(stack), postgres, stack=stack) as found:
        yield found


async def test_a_row_is_made_changed_linked_and_deleted(pair: Twin) -> None:
    library = await filled(pair, books=2, loans=0)
    by, shown = library.librarian, pair.selection("book")
    made = await mutate(pair, "createBook", by, f"book {{ {shown} }}", **graphql_input(BOOK))
    row = pair.plain("book", made["data"]["createBook"]["book"])
    assert row is not None
    _, body = await pair.rest("GET", f"/books/{row['id']}", by)
    assert row == body["data"]
    assert row["notes"] == BOOK["notes"] and row["catalogued_at"] == "2024-02-29T10:00:00.500000Z"

    changed = await mutate(
        pair, "updateBook", by, f"book {{ {shown} }} query {{ book(id: \"{row['id']}\") {{ title version }} }}",
        id=row["id"], version=1, title="Another", notes=None, binding="HARD_COVER",
    )  # fmt: skip
    payload = changed["data"]["updateBook"]
    assert payload["query"]["book"] == {"title": "Another", "version": 2}
    after = pair.plain("book", payload["book"])
    _, body = await pair.rest("GET", f"/books/{row['id']}", by)
    assert after == body["data"] and (after["binding"], after["notes"]) == ("hard-cover", None)

    subject = library.rows["subject"][0]["id"]
    for name, total in (("linkBookSubject", 1), ("linkBookSubject", 1), ("unlinkBookSubject", 0)):
        linked = await mutate(
            pair, name, by, f'id query {{ book(id: "{row["id"]}") {{ subjects {{ total }} }} }}',
            bookId=row["id"], subjectId=subject,
        )  # fmt: skip
        assert linked["data"][name] == {"id": row["id"], "query": {"book": {"subjects": {"total": total}}}}

    gone = await mutate(pair, "deleteBook", by, "id", id=row["id"], version=2)
    assert gone["data"] == {"deleteBook": {"id": row["id"]}}
    status, _ = await pair.rest("GET", f"/books/{row['id']}", by)
    assert status == 404


async def test_what_the_routes_refuse_is_refused_with_the_same_code(pair: Twin) -> None:
    library = await filled(pair)
    book, loan = library.rows["book"][0], library.rows["loan"][0]
    taken = {**BOOK, "isbn": book["isbn"]}
    wrong: list[dict[str, Any]] = [
        {"title": ""}, {"title": "x" * 201}, {"isbn": "no"}, {"price": "-1"}, {"price": "0.0001"},
        {"published_on": "2024-02-30"}, {"catalogued_at": "yesterday"}, {"series_id": unknown()},
        {"title": "a\x00b"},
    ]  # fmt: skip
    seen = set()
    for user in library.callers.values():
        for body in (taken, *({**BOOK, **one} for one in wrong)):
            status, answered = await pair.rest("POST", "/books", user, json=body)
            told = await mutate(pair, "createBook", user, "book { id }", **graphql_input(body))
            assert (code(told), status >= 400) == (rest_code(answered), True), (user, body)
            assert told["data"] == {"createBook": None}
            seen.add(code(told))
            inner = [one["field"] for one in told["errors"][0]["extensions"]["details"]]
            assert len(inner) == len(answered["error"]["details"])
        for version, key in ((9, book["id"]), (1, unknown())):
            headers = {"If-Match": f'"{version}"'}
            for method, name, given in (("PATCH", "updateBook", {"title": "T"}), ("DELETE", "deleteBook", {})):
                more: dict[str, Any] = {"json": given} if given else {}
                _, answered = await pair.rest(method, f"/books/{key}", user, headers=headers, **more)
                told = await mutate(pair, name, user, "__typename", id=key, version=version, **given)
                assert code(told) == rest_code(answered) != ""
                seen.add(code(told))
        if user not in (library.owner,):
            _, answered = await pair.rest("DELETE", f"/loans/{loan['id']}", user)
            assert code(await mutate(pair, "deleteLoan", user, "id", id=loan["id"])) == rest_code(answered) != ""
        member = library.rows["member"][0]["id"]
        if user.id != library.owner.id:
            given = {"book_id": book["id"], "due_on": "2030-01-01"}
            key = uuid4().hex
            _, answered = await pair.rest(
                "POST", f"/members/{member}/loans", user, json=given, headers={"Idempotency-Key": key}
            )
            told = await mutate(
                pair, "createMemberLoan", user, "loan { id }", memberId=member, idempotencyKey=key,
                **graphql_input(given),
            )  # fmt: skip
            assert code(told) == rest_code(answered) != ""
            seen.add(code(told))
    expected = {"UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "VALIDATION_ERROR", "PRECONDITION_FAILED"}
    assert seen == expected


async def test_details_name_the_fields_of_the_schema(pair: Twin) -> None:
    library = await filled(pair, books=1, loans=0)
    wrong = graphql_input({**BOOK, "published_on": "never"})
    told = await mutate(pair, "createBook", library.librarian, "book { id }", **wrong)
    (error,) = told["errors"]
    assert error["path"] == ["createBook"]
    assert error["extensions"]["details"][0]["field"] == "input.publishedOn"
    missing = graphql_input({**BOOK, "series_id": unknown()})
    told = await mutate(pair, "createBook", library.librarian, "book { id }", **missing)
    assert told["errors"][0]["extensions"]["details"][0]["field"] == "input.seriesId"


async def test_a_key_makes_one_row_here_and_there(pair: Twin) -> None:
    library = await filled(pair, books=1, loans=0)
    by, key = library.librarian, uuid4().hex
    selection = f"book {{ {pair.selection('book')} subjects {{ total }} }}"
    first = await mutate(pair, "createBook", by, selection, idempotencyKey=key, **graphql_input(BOOK))
    again = await mutate(pair, "createBook", by, selection, idempotencyKey=key, **graphql_input(BOOK))
    assert first == again and not first.get("errors")
    _, there = await pair.rest("POST", "/books", by, json=BOOK, headers={"Idempotency-Key": key})
    assert there["data"] == pair.plain("book", first["data"]["createBook"]["book"])
    other = await mutate(
        pair, "createBook", by, selection, idempotencyKey=key, **graphql_input({**BOOK, "title": "Other"})
    )
    assert code(other) == "IDEMPOTENCY_MISMATCH"
