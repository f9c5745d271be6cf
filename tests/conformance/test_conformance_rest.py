"""REST practice and the envelope, over HTTP, the same on both stacks and both engines."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import uuid4

from wire_servers import SECRET, Wire

USERS, POSTS, TAGS = "/api/v1/users", "/api/v1/posts", "/api/v1/tags"
_numbers = count(1)


def a_user(name: str) -> dict[str, Any]:
    return {"handle": f"{name}-{next(_numbers)}", "display_name": name, "email": f"{uuid4().hex}@example.org"}


def a_post() -> dict[str, Any]:
    number = next(_numbers)
    return {"title": f"Post {number}", "slug": f"post-{number}-{uuid4().hex[:6]}", "body": "Text", "status": "draft"}


async def the_user(backend: Wire, caller: str = "owner") -> dict[str, Any]:
    """The caller's own row, made where it is not there yet."""
    found = await backend.send("GET", f"{USERS}/{backend.who(caller).subject}")
    if found.status_code == 404:
        found = await backend.send("POST", USERS, caller, json=a_user(caller))
    row: dict[str, Any] = found.json()["data"]
    return row


async def test_a_list_answers_data_and_where_the_page_is(backend: Wire) -> None:
    await the_user(backend)
    answer = await backend.send("GET", f"{USERS}?page=1&limit=5")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"data", "meta"}
    assert set(body["meta"]) == {"page", "limit", "total"}
    assert (body["meta"]["page"], body["meta"]["limit"]) == (1, 5)
    assert body["meta"]["total"] >= len(body["data"]) >= 1
    assert "email" not in body["data"][0], "a field that is only written is never shown"


async def test_a_row_is_got_by_its_id_and_nothing_else_is_said(backend: Wire) -> None:
    user = await the_user(backend)
    answer = await backend.send("GET", f"{USERS}/{user['id']}")
    assert (answer.status_code, answer.json()) == (200, {"data": user, "meta": {}})


async def test_a_create_answers_201_and_where_the_new_row_is(backend: Wire) -> None:
    await the_user(backend)
    sent = a_post()
    answer = await backend.send("POST", POSTS, "owner", json=sent)
    assert answer.status_code == 201
    row = answer.json()["data"]
    assert {name: row[name] for name in sent} == sent
    assert answer.headers["location"] == f"{POSTS}/{row['id']}"
    assert (await backend.send("GET", answer.headers["location"])).json()["data"] == row


async def test_a_patch_changes_what_is_given_and_nothing_else(backend: Wire) -> None:
    await the_user(backend)
    row = (await backend.send("POST", POSTS, "owner", json=a_post())).json()["data"]
    answer = await backend.send("PATCH", f"{POSTS}/{row['id']}", "owner", json={"title": "Changed"})
    assert answer.status_code == 200
    changed = answer.json()["data"]
    assert changed["title"] == "Changed"
    assert {**changed, "title": row["title"], "updated_at": row["updated_at"]} == row
    assert changed["updated_at"] >= row["updated_at"]


async def test_a_deleted_row_is_gone_and_deleting_says_nothing(backend: Wire) -> None:
    await the_user(backend)
    row = (await backend.send("POST", POSTS, "owner", json=a_post())).json()["data"]
    answer = await backend.send("DELETE", f"{POSTS}/{row['id']}", "owner")
    assert (answer.status_code, answer.content) == (204, b"")
    gone = await backend.send("GET", f"{POSTS}/{row['id']}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await backend.send("DELETE", f"{POSTS}/{row['id']}", "owner")).status_code == 404


async def test_nested_posts_are_those_of_one_user(backend: Wire) -> None:
    mine, theirs = await the_user(backend), await the_user(backend, "other")
    made = (await backend.send("POST", POSTS, "other", json=a_post())).json()["data"]
    await backend.send("POST", POSTS, "owner", json=a_post())
    answer = await backend.send("GET", f"{USERS}/{theirs['id']}/posts")
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert made["id"] in {row["id"] for row in rows}
    assert {row["user_id"] for row in rows} == {theirs["id"]} != {mine["id"]}
    assert rows[0]["user"]["id"] == theirs["id"], "the author comes along"


async def test_posts_of_a_user_who_is_not_there_are_404(backend: Wire) -> None:
    answer = await backend.send("GET", f"{USERS}/{uuid4()}/posts")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "User not found")


async def test_a_list_that_grows_is_walked_by_cursor_without_gap_or_repetition(backend: Wire) -> None:
    user = await the_user(backend)
    made = [(await backend.send("POST", POSTS, "owner", json=a_post())).json()["data"]["id"] for _ in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await backend.send("GET", f"{USERS}/{user['id']}/posts", params=query)).json()
        assert set(page["meta"]) == {"limit", "next_cursor"}
        seen += [row["id"] for row in page["data"]]
        if page["meta"]["next_cursor"] is None:
            break
        query["cursor"] = page["meta"]["next_cursor"]
    assert seen[:5] == made[::-1]
    assert len(seen) == len(set(seen))


async def test_a_page_past_the_end_is_empty_and_no_fault(backend: Wire) -> None:
    answer = await backend.send("GET", f"{USERS}?page=9999")
    assert (answer.status_code, answer.json()["data"]) == (200, [])


async def test_what_does_not_fit_is_422_and_names_the_field(backend: Wire) -> None:
    await the_user(backend)
    answer = await backend.send("POST", POSTS, "owner", json={**a_post(), "title": "", "colour": "red"})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == "VALIDATION_ERROR"
    assert {detail["field"] for detail in error["details"]} == {"body.title", "body.colour"}
    assert all(set(detail) == {"field", "code", "message"} for detail in error["details"])


async def test_an_unknown_filter_is_422_and_not_silently_nothing(backend: Wire) -> None:
    answer = await backend.send("GET", f"{POSTS}?stauts=draft")
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "query.stauts")


async def test_what_is_not_there_is_not_found_in_the_same_envelope(backend: Wire) -> None:
    for path in (f"{TAGS}x", f"{POSTS}/{uuid4()}", "/", "/api/v1"):
        answer = await backend.send("GET", path)
        assert answer.status_code == 404, path
        assert set(answer.json()) == {"error"}
        assert answer.json()["error"]["code"] == "NOT_FOUND"
        assert answer.json()["error"]["details"] == []


async def test_an_error_nobody_expected_leaks_nothing(backend: Wire) -> None:
    made = await backend.send("POST", TAGS, "owner", json={"name": f"tag-{next(_numbers)}"})
    answer = await backend.send("GET", f"{TAGS}/{made.json()['data']['id']}")
    assert answer.status_code == 500
    assert answer.json() == {"error": {"code": "INTERNAL_ERROR", "message": "Something went wrong", "details": []}}
    shown = answer.text + str(answer.headers)
    assert SECRET not in shown
    assert "secrets." not in shown and "Traceback" not in shown and "    at " not in shown
    assert answer.headers["x-request-id"]


async def test_every_refusal_has_the_envelope(backend: Wire) -> None:
    await the_user(backend)
    refused = {
        401: await backend.send("POST", TAGS, json={"name": "a"}),
        405: await backend.send("PUT", TAGS, "owner"),
        415: await backend.send("POST", TAGS, "owner", content=b"<a/>", headers={"content-type": "text/xml"}),
        400: await backend.send("POST", TAGS, "owner", content=b"{", headers={"content-type": "application/json"}),
        413: await backend.send("POST", TAGS, "owner", json={"name": "a" * 3_000_000}),
        409: await twice(backend),
        403: await backend.send("DELETE", f"{TAGS}/{await a_tag(backend)}", "owner"),
    }
    for status, answer in refused.items():
        assert answer.status_code == status, (status, answer.text[:200])
        assert set(answer.json()["error"]) == {"code", "message", "details"}
        assert answer.headers["cache-control"] == "no-store"
    assert refused[405].headers["allow"] == "GET, POST"
    assert refused[401].headers["www-authenticate"].startswith("Bearer")


async def a_tag(backend: Wire) -> str:
    found = await backend.send("POST", TAGS, "owner", json={"name": f"tag-{next(_numbers)}"})
    return str(found.json()["data"]["id"])


async def twice(backend: Wire) -> Any:
    name = f"tag-{next(_numbers)}"
    await backend.send("POST", TAGS, "owner", json={"name": name})
    return await backend.send("POST", TAGS, "owner", json={"name": name})


async def test_a_repeated_key_gets_the_first_answer_and_another_body_is_refused(backend: Wire) -> None:
    await the_user(backend)
    headers, sent = {"idempotency-key": uuid4().hex}, a_post()
    first = await backend.send("POST", POSTS, "owner", json=sent, headers=headers)
    again = await backend.send("POST", POSTS, "owner", json=sent, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await backend.send("POST", POSTS, "owner", json={**sent, "title": "Other"}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_what_the_client_has_already_is_304_without_a_body(backend: Wire) -> None:
    user = await the_user(backend)
    first = await backend.send("GET", f"{USERS}/{user['id']}")
    again = await backend.send("GET", f"{USERS}/{user['id']}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_headers_protect_and_say_how_long_answers_may_be_kept(backend: Wire) -> None:
    user = await the_user(backend)
    answer = await backend.send("GET", f"{USERS}/{user['id']}")
    assert answer.headers["cache-control"] == "public, max-age=60, s-maxage=300, stale-while-revalidate=600"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("application/json")


async def test_scripts_of_the_allowed_origin_alone_may_read(backend: Wire) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    allowed = await backend.send("OPTIONS", POSTS, headers={"origin": "https://app.example.org", **asked})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.org"
    refused = await backend.send("OPTIONS", POSTS, headers={"origin": "https://evil.example.org", **asked})
    assert "access-control-allow-origin" not in refused.headers
