"""How the rendered shop behaves, on both engines: tenants, versions, deletion, events, pages, caches."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from rendered_backends import ENGINES, started
from rendered_projects import Backend
from rendered_rows import Rows, User
from sqlalchemy import select

from backend.engines.postgres.host import PostgresHost


@pytest.fixture(scope="module", params=ENGINES)
async def shop(
    request: Any, tmp_path_factory: pytest.TempPathFactory, postgres: PostgresHost
) -> AsyncIterator[Backend]:
    async with started("shop", request.param, tmp_path_factory.mktemp("shop"), postgres) as found:
        yield found


@pytest.fixture
def rows(shop: Backend) -> Rows:
    return Rows(shop)


@pytest.fixture
def staff() -> User:
    """Somebody of a tenant that is new for every test."""
    return User(tenant=uuid4(), roles=("staff", "manager"))


async def ask(rows: Rows, user: User, method: str, path: str, **options: Any) -> Any:
    """Send a request as a user."""
    headers = rows.headers(user) | options.pop("headers", {})
    return await rows.backend.call(method, path, headers=headers, **options)


async def test_a_row_comes_in_an_envelope_with_every_value_as_the_contract_writes_it(rows: Rows, staff: User) -> None:
    body = {"sku": "AB-1", "name": "Tea", "price": "12.5", "released_on": "2030-01-31", "attributes": {"a": [1, None]}}
    made = await ask(rows, staff, "POST", "/products", json=body)
    assert made.status_code == 201
    row = made.json()["data"]
    assert made.json()["meta"] == {}
    assert made.headers["location"] == f"/api/v1/products/{row['id']}"
    assert UUID(row["id"]).version == 7
    assert row["created_at"] == row["updated_at"]
    assert row["created_at"].endswith("Z")
    kept = {name: row[name] for name in row if name not in ("id", "created_at", "updated_at")}
    assert kept == body | {
        "price": "12.50", "status": "draft", "description": None, "category_id": None, "version": 1,
    }  # fmt: skip
    assert (await ask(rows, staff, "GET", f"/products/{row['id']}")).json()["data"] == row


@pytest.mark.parametrize("name", ["id", "tenant_id", "version", "created_at", "updated_at", "deleted_at", "no_field"])
async def test_what_the_server_keeps_is_not_taken_from_a_body(rows: Rows, staff: User, name: str) -> None:
    product = await rows.make("product", staff)
    body = {"sku": "AB-2", "name": "Tea", "price": "1.00", name: product.get(name, str(uuid4()))}
    refused = await ask(rows, staff, "POST", "/products", json=body)
    assert refused.status_code == 422
    assert [detail["field"] for detail in refused.json()["error"]["details"]] == [f"body.{name}"]
    match = rows.match(rows.backend.blueprint.resources["product"], product)
    path = f"/products/{product['id']}"
    assert (await ask(rows, staff, "PATCH", path, json={name: body[name]}, headers=match)).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", ""),
        ("name", "x" * 161),
        ("name", 5),
        ("name", None),
        ("price", "-0.01"),
        ("price", "1.001"),
        ("price", "123456789.00"),
        ("price", 1.5),
        ("price", True),
        ("price", "NaN"),
        ("price", "1e3"),
        ("released_on", "2030-02-30"),
        ("released_on", "0000-01-01"),
        ("released_on", 20300101),
        ("released_on", "2030-01-31T00:00:00"),
        ("status", "gone"),
        ("attributes", {"a": "\x00"}),
        ("attributes", {"\x00": 1}),
        ("attributes", 2**53),
        ("attributes", [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]),
        ("category_id", "not-an-id"),
        ("category_id", "0197a1f2-7c3e-7a5b-9c1d-2e3f4a5b6c7d"),
    ],
)
async def test_a_value_that_does_not_fit_is_named_by_its_field(rows: Rows, staff: User, field: str, value: Any) -> None:
    body = {"sku": "AB-3", "name": "Tea", "price": "1.00", field: value}
    refused = await ask(rows, staff, "POST", "/products", json=body)
    assert refused.status_code == 422, refused.text
    error = refused.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert {detail["field"] for detail in error["details"]} == {f"body.{field}"}


@pytest.mark.parametrize(
    "body",
    [
        rb'{"sku": "AB-4", "name": "\ud800", "price": "1.00"}',
        rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": {"a": "\udfff"}}',
        rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "\ud800": 1}',
        rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": NaN}',
        rb'{"sku": "AB-4", "name": "Tea", "price": "1.00", "attributes": 1e400}',
    ],
)
async def test_text_that_is_no_text_and_numbers_that_are_none_are_refused(rows: Rows, staff: User, body: bytes) -> None:
    refused = await ask(rows, staff, "POST", "/products", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "2030-01-01T00:00:00", 7])
async def test_a_moment_that_has_no_place_in_the_calendar_is_refused(rows: Rows, staff: User, moment: Any) -> None:
    body = {"code": "SAVE", "percent": "5.00", "valid_from": moment}
    assert (await ask(rows, staff, "POST", "/coupons", json=body)).status_code == 422


async def test_the_first_and_last_moments_and_days_are_kept(rows: Rows, staff: User) -> None:
    ends = {"valid_from": "0001-01-01T00:00:00Z", "valid_until": "9999-12-31T23:59:59.999999Z"}
    coupon = await rows.make("coupon", staff, **ends)
    assert coupon | ends == coupon
    for day in ("0001-01-01", "9999-12-31"):
        assert (await rows.make("product", staff, released_on=day))["released_on"] == day


async def test_unknown_paths_and_methods_are_told_in_the_envelope(rows: Rows, staff: User) -> None:
    assert (await ask(rows, staff, "GET", "/products/")).json()["error"]["code"] == "NOT_FOUND"
    refused = await ask(rows, staff, "PUT", f"/products/{uuid4()}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, PATCH, DELETE")


async def test_a_change_needs_the_version_it_is_made_to(rows: Rows, staff: User) -> None:
    product = await rows.make("product", staff)
    path = f"/products/{product['id']}"
    etag = (await ask(rows, staff, "GET", path)).headers["etag"]
    for method, options in (("PATCH", {"json": {"name": "New"}}), ("DELETE", {})):
        assert (await ask(rows, staff, method, path, **options)).status_code == 428
        stale = await ask(rows, staff, method, path, headers={"If-Match": '"7"'}, **options)
        assert stale.json()["error"]["code"] == "PRECONDITION_FAILED"
        assert (await ask(rows, staff, method, path, headers={"If-Match": "7"}, **options)).status_code == 422
    assert (await ask(rows, staff, "GET", path)).json()["data"] == product
    changed = await ask(rows, staff, "PATCH", path, json={"name": "New"}, headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["data"]["version"], changed.headers["etag"]) == (200, 2, '"2"')
    assert (await ask(rows, staff, "GET", path, headers={"If-None-Match": '"2"'})).status_code == 304
    assert (await ask(rows, staff, "DELETE", path, headers={"If-Match": "*"})).status_code == 204


async def test_whoever_may_not_change_a_row_learns_nothing_of_its_version(rows: Rows, staff: User) -> None:
    product = await rows.make("product", staff)
    path, member = f"/products/{product['id']}", User(tenant=staff.tenant)
    for etag in ('"1"', '"7"'):
        assert (await ask(rows, member, "DELETE", path, headers={"If-Match": etag})).status_code == 403
        stranger = User(tenant=uuid4(), roles=("staff",))
        assert (await ask(rows, stranger, "DELETE", path, headers={"If-Match": etag})).status_code == 404


async def test_an_order_sent_twice_is_made_once(rows: Rows, staff: User) -> None:
    await rows.make("customer", staff)
    key = {"Idempotency-Key": uuid4().hex}
    missing = await ask(rows, staff, "POST", "/orders", json={})
    assert (missing.status_code, missing.json()["error"]["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    first = await ask(rows, staff, "POST", "/orders", json={"note": "now"}, headers=key)
    again = await ask(rows, staff, "POST", "/orders", json={"note": "now"}, headers=key)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other = await ask(rows, staff, "POST", "/orders", json={"note": "later"}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    assert len((await ask(rows, staff, "GET", "/orders")).json()["data"]) == 1


async def test_a_key_means_nothing_in_another_tenant_even_to_the_same_user(rows: Rows, staff: User) -> None:
    body, key = {"name": "green"}, {"Idempotency-Key": uuid4().hex}
    first = await ask(rows, staff, "POST", "/tags", json=body, headers=key)
    abroad = replace(staff, tenant=uuid4())
    second = await ask(rows, abroad, "POST", "/tags", json=body, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert "idempotency-replayed" not in second.headers
    tags = (await ask(rows, abroad, "GET", "/tags")).json()["data"]
    assert [tag["id"] for tag in tags] == [second.json()["data"]["id"]]


async def test_a_deleted_product_is_gone_with_its_reviews_and_its_number_is_free(rows: Rows, staff: User) -> None:
    product = await rows.make("product", staff, sku="SKU-1")
    review = await rows.make("review", staff, product_id=product["id"])
    path = f"/products/{product['id']}"
    taken = await ask(rows, staff, "POST", "/products", json={"sku": "SKU-1", "name": "Tea", "price": "1.00"})
    assert [detail["field"] for detail in taken.json()["error"]["details"]] == ["body.sku"]
    assert (await ask(rows, staff, "DELETE", path, headers={"If-Match": '"1"'})).status_code == 204
    for gone in (path, f"/reviews/{review['id']}", f"{path}/reviews", f"{path}/tags"):
        assert (await ask(rows, staff, "GET", gone)).status_code == 404
    assert (await ask(rows, staff, "DELETE", path, headers={"If-Match": "*"})).status_code == 404
    assert (await ask(rows, staff, "GET", "/products")).json()["data"] == []
    assert (await rows.make("product", staff, sku="SKU-1"))["id"] != product["id"]
    late = await ask(rows, staff, "POST", "/reviews", json={"product_id": product["id"], "rating": 5})
    assert late.json()["error"]["details"][0]["field"] == "body.product_id"


async def test_a_row_that_others_need_stays(rows: Rows, staff: User) -> None:
    level = await rows.make("stock_level", staff)
    product = f"/products/{level['product_id']}"
    refused = await ask(rows, staff, "DELETE", product, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await ask(rows, staff, "DELETE", f"/warehouses/{level['warehouse_id']}")).status_code == 204
    assert (await ask(rows, staff, "GET", f"/stock-levels/{level['id']}")).status_code == 404
    assert (await ask(rows, staff, "DELETE", product, headers={"If-Match": "*"})).status_code == 204


async def test_products_outlive_their_category_and_say_so(rows: Rows, staff: User) -> None:
    category = await rows.make("category", staff)
    product = await rows.make("product", staff, category_id=category["id"])
    path = f"/products/{product['id']}"
    assert (await ask(rows, staff, "GET", "/products")).json()["data"][0]["category"]["id"] == category["id"]
    assert (await ask(rows, staff, "DELETE", f"/categories/{category['id']}")).status_code == 204
    now = await ask(rows, staff, "GET", path, headers={"If-None-Match": '"1"'})
    assert (now.status_code, now.json()["data"]["category_id"], now.json()["data"]["version"]) == (200, None, 2)
    assert (await ask(rows, staff, "GET", "/products")).json()["data"][0]["category"] is None
    assert [kind for kind, _ in await events(rows, product["id"])] == ["product.created", "product.updated"]


async def events(rows: Rows, row: str) -> list[tuple[str, Any]]:
    """What the outbox tells of a row."""
    outbox = importlib.import_module("app.core.events.tables").outbox_events
    told = select(outbox).where(outbox.c.aggregate_id == UUID(row)).order_by(outbox.c.sequence)
    async with rows.backend.app.state.services.database.engine.connect() as connection:
        return [(each.type, each) for each in await connection.execute(told)]


async def test_every_change_is_told_with_the_row_as_it_was_shown(rows: Rows, staff: User) -> None:
    product = await rows.make("product", staff)
    path, version = f"/products/{product['id']}", {"If-Match": '"1"'}
    refused = await ask(rows, staff, "PATCH", path, json={"name": "New"}, headers={"If-Match": '"5"'})
    assert refused.status_code == 412
    changed = (await ask(rows, staff, "PATCH", path, json={"name": "New"}, headers=version)).json()["data"]
    await ask(rows, staff, "DELETE", path, headers={"If-Match": '"2"'})
    told = await events(rows, product["id"])
    assert [kind for kind, _ in told] == ["product.created", "product.updated", "product.deleted"]
    assert [event.payload for _, event in told] == [product, changed, changed]
    assert {event.tenant_id for _, event in told} == {staff.tenant}


async def test_tenants_know_nothing_of_one_another(rows: Rows, staff: User) -> None:
    other = replace(staff, tenant=uuid4())
    product, category, tag = [await rows.make(name, staff) for name in ("product", "category", "tag")]
    path, match = f"/products/{product['id']}", {"If-Match": "*"}
    for method, place, options in (
        ("GET", path, {}),
        ("PATCH", path, {"json": {"name": "Mine"}}),
        ("DELETE", path, {}),
        ("GET", f"{path}/tags", {}),
        ("PUT", f"{path}/tags/{tag['id']}", {}),
        ("GET", f"/categories/{category['id']}/products", {}),
        ("POST", f"/categories/{category['id']}/products", {"json": {"sku": "X-1", "name": "X", "price": "1.00"}}),
    ):
        assert (await ask(rows, other, method, place, headers=match, **options)).status_code == 404, (method, place)
    assert (await ask(rows, other, "GET", "/products")).json()["data"] == []
    mine = await rows.make("product", other, sku=product["sku"])
    for place, body in (
        ("/products", {"sku": "X-2", "name": "X", "price": "1.00", "category_id": category["id"]}),
        ("/reviews", {"product_id": product["id"], "rating": 1}),
    ):
        refused = await ask(rows, other, "POST", place, json=body)
        assert refused.status_code == 422, refused.text
    moved = await ask(
        rows, other, "PATCH", f"/products/{mine['id']}", json={"category_id": category["id"]}, headers=match
    )
    assert moved.json()["error"]["details"][0] == {
        "field": "body.category_id", "code": "missing_reference", "message": "There is no such row",
    }  # fmt: skip
    assert (await ask(rows, other, "PUT", f"/products/{mine['id']}/tags/{tag['id']}")).status_code == 404
    nowhere = await ask(rows, replace(staff, tenant=None), "GET", "/products")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_nothing_can_be_added_to_an_order_that_the_caller_may_not_see(rows: Rows, staff: User) -> None:
    victim, thief = User(tenant=staff.tenant), User(tenant=staff.tenant)
    order, product = await rows.make("order", victim), await rows.make("product", staff)
    line = {"product_id": product["id"], "unit_price": "1.00"}
    key = {"Idempotency-Key": uuid4().hex}
    flat = await ask(rows, thief, "POST", "/order-lines", json={**line, "order_id": order["id"]}, headers=key)
    assert flat.json()["error"]["details"][0]["field"] == "body.order_id"
    nested = await ask(rows, thief, "POST", f"/orders/{order['id']}/order-lines", json=line, headers=key)
    assert nested.status_code == 404
    own = await ask(rows, victim, "POST", f"/orders/{order['id']}/order-lines", json=line, headers=key)
    assert (own.status_code, own.json()["data"]["order_id"]) == (201, order["id"])


async def test_pages_by_cursor_part_the_rows_while_new_ones_come(rows: Rows, staff: User) -> None:
    made = [(await rows.make("order", staff))["id"] for _ in range(7)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await ask(rows, staff, "GET", "/orders", params=query)).json()
        seen += [row["id"] for row in page["data"]]
        await rows.make("order", staff)
        if page["meta"]["next_cursor"] is None:
            break
        query["cursor"] = page["meta"]["next_cursor"]
    assert seen == made[::-1]
    assert page["meta"] == {"limit": 3, "next_cursor": None}
    for cursor in ("x", "AAAA", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHwwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA"):
        refused = await ask(rows, staff, "GET", "/orders", params={"cursor": cursor})
        assert refused.json()["error"]["code"] == "BAD_REQUEST"


async def test_lists_are_filtered_sorted_searched_and_bounded(rows: Rows, staff: User) -> None:
    category = await rows.make("category", staff)
    for number in (2, 1, 3):
        await rows.make("product", staff, name=f"Tea 100%_{number}", price=f"{number}.00")
    await rows.make("product", staff, name="Coffee", price="9.00", category_id=category["id"], status="active")

    async def names(**query: Any) -> list[str]:
        return [row["name"] for row in (await ask(rows, staff, "GET", "/products", params=query)).json()["data"]]

    assert await names(sort="price") == ["Tea 100%_1", "Tea 100%_2", "Tea 100%_3", "Coffee"]
    assert await names(sort="-price", limit=1, page=2) == ["Tea 100%_3"]
    assert await names(q="tEA", sort="name", limit=2) == ["Tea 100%_1", "Tea 100%_2"]
    assert await names(q="0%_2") == ["Tea 100%_2"]
    assert await names(q="0__2") == []
    assert await names(status="active", category_id=category["id"]) == ["Coffee"]
    assert await names(status="draft", category_id=category["id"]) == []
    assert await names(page=1000) == []
    whole = (await ask(rows, staff, "GET", "/products", params={"limit": 2})).json()["meta"]
    assert whole == {"page": 1, "limit": 2, "total": 4}
    nested = await ask(rows, staff, "GET", f"/categories/{category['id']}/products")
    assert [row["name"] for row in nested.json()["data"]] == ["Coffee"]
    for query in ({"limit": 101}, {"limit": 0}, {"page": 0}, {"page": 10**30}, {"sort": "sku"}, {"color": "red"},
                  {"q": "a\x00"}, {"status": "gone"}, {"category_id": "x"}):  # fmt: skip
        refused = await ask(rows, staff, "GET", "/products", params=query)
        assert refused.status_code == 422, (query, refused.text)
        assert refused.json()["error"]["details"][0]["field"] == f"query.{next(iter(query))}"


async def test_a_list_takes_as_many_statements_whatever_its_length(rows: Rows, staff: User) -> None:
    counts = []
    for _ in range(2):
        for _ in range(8):
            await rows.make("stock_level", staff)
        rows.backend.statements.clear()
        listed = await ask(rows, staff, "GET", "/stock-levels", params={"limit": 100})
        assert all(row["product"]["id"] == row["product_id"] for row in listed.json()["data"])
        counts.append(len(rows.backend.statements))
    assert counts == [2, 2]


async def test_tags_are_linked_and_taken_away_as_often_as_one_likes(rows: Rows, staff: User) -> None:
    product, tags = await rows.make("product", staff), [await rows.make("tag", staff) for _ in range(3)]
    path = f"/products/{product['id']}/tags"
    for tag in [*tags, *tags]:
        assert (await ask(rows, staff, "PUT", f"{path}/{tag['id']}")).status_code == 204
    listed = (await ask(rows, staff, "GET", path, params={"limit": 2})).json()
    assert [row["id"] for row in listed["data"]] == [tags[2]["id"], tags[1]["id"]]
    assert listed["meta"] == {"page": 1, "limit": 2, "total": 3}
    for _ in range(2):
        assert (await ask(rows, staff, "DELETE", f"{path}/{tags[0]['id']}")).status_code == 204
    assert (await ask(rows, staff, "GET", path)).json()["meta"]["total"] == 2
    assert (await ask(rows, staff, "PUT", f"{path}/{uuid4()}")).status_code == 404
    assert (await ask(rows, staff, "PUT", f"/products/{uuid4()}/tags/{tags[0]['id']}")).status_code == 404


async def test_kept_answers_are_dropped_by_every_write_that_changes_them(rows: Rows, staff: User) -> None:
    category = await rows.make("category", staff)
    product = await rows.make("product", staff, category_id=category["id"])
    path = f"/products/{product['id']}"

    async def shown() -> tuple[str, str, str]:
        listed = (await ask(rows, staff, "GET", "/products")).json()["data"][0]
        one = (await ask(rows, staff, "GET", path)).json()["data"]
        return listed["name"], listed["category"]["name"], one["name"]

    before = await shown()
    rows.backend.statements.clear()
    assert await shown() == before
    assert rows.backend.statements == []
    await ask(rows, staff, "PATCH", f"/categories/{category['id']}", json={"name": "Shelf"})
    assert await shown() == (before[0], "Shelf", before[2])
    await ask(rows, staff, "PATCH", path, json={"name": "New"}, headers={"If-Match": "*"})
    assert await shown() == ("New", "Shelf", "New")
    stranger = await ask(rows, replace(staff, tenant=uuid4()), "GET", "/products")
    assert stranger.json()["data"] == []
