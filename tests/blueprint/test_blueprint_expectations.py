"""Who gets what: routes, and the answers promised to every kind of caller, as tables to read."""

from __future__ import annotations

from pathlib import Path

from blueprint_strategies import DRAWN, blueprints
from hypothesis import given, settings
from inline_snapshot import snapshot

from knowledge.blueprint.expectations import CallerKind, access_matrix
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import RouteKind, routes

EXAMPLES = Path(__file__).parents[2] / "examples"


def _example(name: str) -> Blueprint:
    return read_blueprint((EXAMPLES / f"{name}.yaml").read_text())


def _table(blueprint: Blueprint, *resources: str) -> list[str]:
    """One line a route: what each caller gets; ``+`` where the row is listed, ``-`` where it is not."""
    rows: dict[str, list[str]] = {}
    for one in access_matrix(blueprint):
        if one.route.resource in resources:
            shown = "/".join(map(str, sorted(one.statuses))) + (
                "+" if one.listed else "-" if one.listed is False else ""
            )
            rows.setdefault(one.route.operation_id, []).append(f"{shown:8}")
    return [f"{name:28}{''.join(cells)}".rstrip() for name, cells in rows.items()]


HEADER = f"{'':28}{''.join(f'{caller.value[:7]:8}' for caller in CallerKind)}".rstrip()


def test_the_routes_of_the_blog() -> None:
    found = [f"{one.operation_id:18}{one.method:7}{one.path}" for one in routes(_example("blog"))]
    assert found == snapshot(
        [
            "list_users        GET    /api/v1/users",
            "create_user       POST   /api/v1/users",
            "get_user          GET    /api/v1/users/{user_id}",
            "update_user       PATCH  /api/v1/users/{user_id}",
            "delete_user       DELETE /api/v1/users/{user_id}",
            "list_posts        GET    /api/v1/posts",
            "create_post       POST   /api/v1/posts",
            "get_post          GET    /api/v1/posts/{post_id}",
            "update_post       PATCH  /api/v1/posts/{post_id}",
            "delete_post       DELETE /api/v1/posts/{post_id}",
            "list_user_posts   GET    /api/v1/users/{user_id}/posts",
            "create_user_post  POST   /api/v1/users/{user_id}/posts",
            "list_post_tags    GET    /api/v1/posts/{post_id}/tags",
            "link_post_tag     PUT    /api/v1/posts/{post_id}/tags/{tag_id}",
            "unlink_post_tag   DELETE /api/v1/posts/{post_id}/tags/{tag_id}",
            "list_tags         GET    /api/v1/tags",
            "create_tag        POST   /api/v1/tags",
            "get_tag           GET    /api/v1/tags/{tag_id}",
            "delete_tag        DELETE /api/v1/tags/{tag_id}",
        ]
    )


def test_hyphens_stand_in_paths_and_underscores_in_parameters() -> None:
    paths = {one.path for one in routes(_example("shop"))}
    assert "/api/v1/orders/{order_id}/order-lines" in paths
    assert "/api/v1/order-lines/{order_line_id}" in paths


def test_who_gets_what_from_the_blog() -> None:
    assert [HEADER, *_table(_example("blog"), "user", "post", "tag")] == snapshot(
        [
            "                            anonymo owner   other   other_t admin",
            "list_users                  200+    200+    200+    200+    200+",
            "create_user                 401     409     409     409     409",
            "get_user                    200     200     200     200     200",
            "update_user                 401     200     403     403     403",
            "delete_user                 401     204     403     403     204",
            "list_posts                  200+    200+    200+    200+    200+",
            "create_post                 401     201     201     201     201",
            "get_post                    200     200     200     200     200",
            "update_post                 401     200     403     403     403",
            "delete_post                 401     204     403     403     204",
            "list_user_posts             200+    200+    200+    200+    200+",
            "create_user_post            401     201     403     403     403",
            "list_post_tags              200+    200+    200+    200+    200+",
            "link_post_tag               401     204     403     403     403",
            "unlink_post_tag             401     204     403     403     403",
            "list_tags                   200+    200+    200+    200+    200+",
            "create_tag                  401     201     201     201     201",
            "get_tag                     200     200     200     200     200",
            "delete_tag                  401     403     403     403     204",
        ]
    )


def test_who_gets_what_of_orders_and_their_lines() -> None:
    assert [HEADER, *_table(_example("shop"), "order", "order_line")] == snapshot(
        [
            "                            anonymo owner   other   other_t admin",
            "list_orders                 401     200+    200-    200-    200+",
            "create_order                401     201     201     201     201",
            "get_order                   401     200     404     404     200",
            "update_order                401     200     404     404     200",
            "delete_order                401     403     404     404     204",
            "list_customer_orders        401     200+    404     404     200+",
            "create_customer_order       401     201     404     404     404",
            "list_order_lines            401     200+    200-    200-    200+",
            "create_order_line           401     201     201     201     201",
            "get_order_line              401     200     404     404     200",
            "update_order_line           401     200     404     404     200",
            "delete_order_line           401     204     404     404     204",
            "list_order_order_lines      401     200+    404     404     200+",
            "create_order_order_line     401     201     404     404     201",
        ]
    )


def test_who_gets_what_of_what_all_members_read() -> None:
    assert [HEADER, *_table(_example("shop"), "product", "warehouse", "review")] == snapshot(
        [
            "                            anonymo owner   other   other_t admin",
            "list_products               401     200+    200+    200-    200+",
            "create_product              401     403     403     403     201",
            "get_product                 401     200     200     404     200",
            "update_product              401     403     403     404     200",
            "delete_product              401     403     403     404     204",
            "list_category_products      401     200+    200+    404     200+",
            "create_category_product     401     403     403     403/404 201",
            "list_product_tags           401     200+    200+    404     200+",
            "link_product_tag            401     403     403     404     204",
            "unlink_product_tag          401     403     403     404     204",
            "list_warehouses             401     403     403     403     200+",
            "create_warehouse            401     403     403     403     201",
            "get_warehouse               401     404     404     404     200",
            "update_warehouse            401     404     404     404     200",
            "delete_warehouse            401     404     404     404     204",
            "list_reviews                401     200+    200+    200-    200+",
            "create_review               401     201     201     201     201",
            "get_review                  401     200     200     404     200",
            "update_review               401     200     403     404     403",
            "delete_review               401     204     403     404     204",
            "list_product_reviews        401     200+    200+    404     200+",
            "create_product_review       401     201     201     404     201",
        ]
    )


def test_who_gets_what_of_rows_that_are_callers() -> None:
    assert [HEADER, *_table(_example("shop"), "customer")] == snapshot(
        [
            "                            anonymo owner   other   other_t admin",
            "list_customers              401     403     403     403     200+",
            "create_customer             401     409     409     409     409",
            "get_customer                401     200     404     404     200",
            "update_customer             401     200     404     404     200",
            "delete_customer             401     403     404     404     204",
        ]
    )


@settings(DRAWN, max_examples=40)
@given(blueprint=blueprints())
def test_no_blueprint_promises_rows_to_those_who_may_not_read_them(blueprint: Blueprint) -> None:
    for one in access_matrix(blueprint):
        resource = blueprint.resources[one.route.resource]
        if one.caller is CallerKind.ANONYMOUS:
            assert (one.statuses == {401}) is not one.route.operation.public
        if resource.tenant and one.caller is CallerKind.OTHER_TENANT:
            assert not one.listed
            nested = one.route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE)
            parent_of_all = nested and not blueprint.resources[one.route.other].tenant
            collection = one.route.kind in (RouteKind.LIST, RouteKind.CREATE) or parent_of_all
            assert collection or one.statuses <= {403, 404}
        if one.route.kind in (RouteKind.GET, RouteKind.LINKED):
            assert 403 not in one.statuses
        if one.route.kind is RouteKind.UPDATE and 200 in one.statuses and resource.operations.get:
            got = next(
                other
                for other in access_matrix(blueprint)
                if other.route.operation_id == f"get_{resource.name}" and other.caller is one.caller
            )
            assert one.caller is CallerKind.ADMIN or got.statuses == {200}


@settings(DRAWN, max_examples=40)
@given(blueprint=blueprints())
def test_every_route_of_a_blueprint_has_a_name_and_a_path_of_its_own(blueprint: Blueprint) -> None:
    found = routes(blueprint)
    assert len({one.operation_id for one in found}) == len(found)
    assert len({(one.method, one.path) for one in found}) == len(found)
