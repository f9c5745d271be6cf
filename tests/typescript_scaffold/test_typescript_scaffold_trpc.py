"""Procedures of tRPC: the operations of the API, under the same rules, with the same errors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from rendered_projects import Backend
from rendered_rows import Rows, User
from ts_backend import events, started_typescript

from backend.engines.postgres.host import PostgresHost


@pytest.fixture(scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost) -> AsyncIterator[Backend]:
    async with started_typescript("every_feature", "sqlite", tmp_path_factory.mktemp("library"), postgres) as found:
        yield found


@pytest.fixture
def rows(library: Backend) -> Rows:
    return Rows(library)


@pytest.fixture
def librarian() -> User:
    return User(tenant=uuid4(), roles=("librarian",))


async def query(rows: Rows, user: User, procedure: str, **sent: Any) -> Any:
    path = f"/trpc/{procedure}?input={quote(json.dumps(sent))}"
    return await rows.backend.call("GET", path, headers=rows.headers(user))


async def mutate(rows: Rows, user: User, procedure: str, **sent: Any) -> Any:
    return await rows.backend.call("POST", f"/trpc/{procedure}", headers=rows.headers(user), json=sent)


def data(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["result"].get("data")


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["data"]["error"]["code"]


BOOK = {"title": "Emma", "isbn": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "published_on": "1815-12-23"}


async def test_a_row_is_made_read_changed_and_deleted(rows: Rows, librarian: User) -> None:
    made = data(await mutate(rows, librarian, "books.create", data=BOOK))
    assert made["price"] == "0.000"
    rest = await rows.backend.call("GET", f"/books/{made['id']}", headers=rows.headers(librarian))
    assert rest.json()["data"] == made == data(await query(rows, librarian, "books.get", id=made["id"]))
    changes = {"title": "Persuasion"}
    changed = data(await mutate(rows, librarian, "books.update", id=made["id"], changes=changes, version=1))
    assert (changed["title"], changed["version"]) == ("Persuasion", 2)
    stale = await mutate(rows, librarian, "books.update", id=made["id"], changes=changes, version=1)
    assert told(stale) == (412, "PRECONDITION_FAILED")
    assert data(await mutate(rows, librarian, "books.delete", id=made["id"], version=2)) is None
    assert told(await query(rows, librarian, "books.get", id=made["id"])) == (404, "NOT_FOUND")
    assert [event.type for event in await events(rows.backend, made["id"])] == [
        "book.created", "book.updated", "book.deleted",
    ]  # fmt: skip


async def test_a_create_is_repeated_by_its_key_alone(rows: Rows, librarian: User) -> None:
    first, again = [
        data(await mutate(rows, librarian, "books.create", data=BOOK, idempotency_key="one")) for _ in range(2)
    ]
    assert first == again
    other = {**BOOK, "title": "Other"}
    mismatch = await mutate(rows, librarian, "books.create", data=other, idempotency_key="one")
    assert told(mismatch) == (422, "IDEMPOTENCY_MISMATCH")
    assert told(await mutate(rows, librarian, "books.create", data=BOOK)) == (409, "CONFLICT")


async def test_what_does_not_fit_is_named_by_its_field(rows: Rows, librarian: User) -> None:
    refused = await mutate(rows, librarian, "books.create", data={"title": 5, "nothing": 1})
    assert told(refused) == (422, "VALIDATION_ERROR")
    fields = {detail["field"] for detail in refused.json()["error"]["data"]["error"]["details"]}
    assert fields == {"body.data.title", "body.data.isbn", "body.data.published_on", "body.data.nothing"}


async def test_access_rules_are_those_of_the_routes(rows: Rows, librarian: User) -> None:
    reader = User(tenant=librarian.tenant)
    assert told(await query(rows, User(anonymous=True), "books.list")) == (401, "UNAUTHENTICATED")
    assert told(await mutate(rows, reader, "books.create", data=BOOK)) == (403, "FORBIDDEN")
    book = await rows.make("book", librarian)
    stranger = User(tenant=uuid4(), roles=("librarian",))
    assert told(await query(rows, stranger, "books.get", id=book["id"])) == (404, "NOT_FOUND")
    assert data(await query(rows, User(anonymous=True), "subjects.list"))["meta"]["page"] == 1
    missing = await query(rows, librarian, "nothing.list")
    assert missing.status_code == 404


async def test_lists_go_on_by_cursor_for_infinite_queries(rows: Rows, librarian: User) -> None:
    made = [(await rows.make("book", librarian))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = data(await query(rows, librarian, "books.list", limit=2, cursor=cursor))
        seen += [row["id"] for row in page["data"]]
        cursor = page["meta"]["next_cursor"]
    assert (seen, cursor) == (made[::-1], None)
    assert told(await query(rows, librarian, "books.list", cursor="x")) == (400, "BAD_REQUEST")


async def test_nested_rows_and_links_are_procedures_of_their_own(rows: Rows, librarian: User) -> None:
    member = await rows.make("member", librarian)
    book = await rows.make("book", librarian)
    sent = {"within_member": member["id"], "data": {"book_id": book["id"], "due_on": "2030-01-31"}}
    loan = data(await mutate(rows, librarian, "loans.createMemberLoan", idempotency_key=uuid4().hex, **sent))
    listed = data(await query(rows, librarian, "loans.listMemberLoans", within_member=member["id"]))
    assert [(row["id"], row["book"]["id"]) for row in listed["data"]] == [(loan["id"], book["id"])]
    stranger = User(tenant=librarian.tenant)
    await rows.make("member", stranger)
    refused = await mutate(rows, stranger, "loans.createMemberLoan", idempotency_key=uuid4().hex, **sent)
    assert told(refused) == (403, "FORBIDDEN")
    subject = await rows.make("subject", librarian)
    linked = {"id": book["id"], "subject_id": subject["id"]}
    assert data(await mutate(rows, librarian, "books.linkBookSubject", **linked)) is None
    subjects = data(await query(rows, librarian, "books.listBookSubjects", id=book["id"]))
    assert [row["id"] for row in subjects["data"]] == [subject["id"]]
