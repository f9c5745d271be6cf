"""Traps of rules about operations and tags: callbacks, namespaces in ids, groups of tags, who creates what."""

from __future__ import annotations

from typing import Any

import pytest
from rule_hits import messages, of_paths, patched, places

CALLBACK = """
paths:
  /orders:
    post:
      operationId: create_order
      summary: Create an order
      description: Creates it.
      tags: [orders]
      security: []
      callbacks: {done: {'{$request.body#/url}': {post: {responses: {'200': {description: A.}}}}}}
      responses: {'201': {description: A.}}
tags: [{name: orders, description: Orders.}]
"""


def operation(text: str, path: str = "/orders", method: str = "get", more: str = "", version: str = "3.1") -> str:
    """A document with one operation."""
    head = f"paths:\n  {path}:\n    {method}: {{{text}responses: {{'200': {{description: A.}}}}}}\n"
    return of_paths(head + more, version)


class TestOperations:
    @pytest.mark.parametrize("rule_id", ["op-id-present", "op-summary", "op-description", "op-tags"])
    def test_operations_that_others_serve_need_no_prose(self, rule_id: str) -> None:
        assert messages(rule_id, of_paths(CALLBACK)) == []

    def test_ids_are_made_of_methods_and_paths_and_never_twice(self) -> None:
        text = of_paths("""
        paths:
          /v1/orders/{order_id}/lines:
            get: {responses: {'200': {description: A.}}}
          /v2/orders/{order_id}/lines:
            get: {responses: {'200': {description: A.}}}
          /me:
            get: {operationId: get_orders, responses: {'200': {description: A.}}}
          /orders:
            get: {responses: {'200': {description: A.}}}
        """)
        assert len(messages("op-id-present", text)) == 3
        assert patched("op-id-present", text) is not None
        fixed: Any = patched("op-id-present", operation("", "/v1/orders/{order_id}/lines"))
        made = fixed["paths"]["/v1/orders/{order_id}/lines"]["get"]
        assert made["operationId"] == "get_orders_by_order_id_lines"

    def test_the_second_of_two_ids_is_at_fault_also_in_a_callback(self) -> None:
        text = CALLBACK.replace("post: {responses", "post: {operationId: create_order, responses")
        assert places("op-id-unique", of_paths(text)) == [
            "paths//orders/post/callbacks/done/{$request.body#/url}/post/operationId"
        ]

    @pytest.mark.parametrize("name", ["list orders", "größe", 'a"b', "a{b}"])
    def test_unsafe_ids_are_found(self, name: str) -> None:
        assert len(messages("op-id-url-safe", operation(f"operationId: '{name}', "))) == 1

    @pytest.mark.parametrize(
        "method, name",
        [
            ("get", "listOrders"),
            ("get", "orders/list"),
            ("get", "Orders_Get"),
            ("get", "shop.orders.list"),
            ("get", "read_orders_orders_get"),
            ("get", "getDeletedOrders"),
            ("get", "listing_list"),
            ("post", "searchOrders"),
            ("post", "deleteManyOrders"),
            ("delete", "removeOrder"),
            ("put", "createOrReplaceOrder"),
            ("get", "posts_list"),
        ],
    )
    def test_verbs_are_found_wherever_a_house_puts_them(self, method: str, name: str) -> None:
        assert messages("op-id-convention", operation(f"operationId: {name}, ", method=method)) == []

    @pytest.mark.parametrize("method, name", [("get", "deleteOrder"), ("delete", "getOrder"), ("get", "ordersPage")])
    def test_ids_that_mislead_are_found(self, method: str, name: str) -> None:
        assert len(messages("op-id-convention", operation(f"operationId: {name}, ", method=method))) == 1

    def test_a_long_summary_is_found_and_a_blank_one_is_none(self) -> None:
        assert len(messages("op-summary", operation(f"summary: {'x' * 121}, "))) == 1
        assert len(messages("op-summary", operation("summary: ' ', "))) == 1
        assert messages("op-summary", operation(f"summary: {'x' * 120}, ")) == []

    @pytest.mark.parametrize("method", ["get", "head", "delete"])
    @pytest.mark.parametrize("version", ["3.0", "3.1"])
    def test_bodies_mean_nothing_to_some_methods(self, method: str, version: str) -> None:
        text = operation("requestBody: {content: {text/plain: {}}}, ", method=method, version=version)
        assert len(messages("op-no-body-on-read", text)) == 1

    def test_a_body_parameter_of_2_0_is_a_body(self) -> None:
        text = operation("parameters: [{name: x, in: body, schema: {type: object}}], ", version="2.0")
        assert len(messages("op-no-body-on-read", text)) == 1

    @pytest.mark.parametrize("method", ["post", "put", "patch", "query"])
    def test_other_methods_take_bodies(self, method: str) -> None:
        assert messages("op-no-body-on-read", operation("requestBody: {content: {}}, ", method=method)) == []


class TestCollections:
    ITEM = "  /orders/{id}: {get: {responses: {'200': {description: A.}}}}\n"

    def test_put_on_a_singleton_or_an_item_is_right(self) -> None:
        assert messages("op-item-methods", operation("", "/me", "put", self.ITEM)) == []
        assert messages("op-item-methods", operation("", "/orders/{id}", "put")) == []
        assert len(messages("op-item-methods", operation("", "/orders", "put", self.ITEM))) == 1

    def test_a_path_behind_a_proxy_is_no_item(self) -> None:
        item = self.ITEM.replace("orders/{id}", "proxy/{path}")
        assert messages("op-item-methods", operation("", "/proxy", "put", item)) == []

    @pytest.mark.parametrize(
        "status",
        ["'201': {$ref: '#/components/responses/Made'}", "'202': {description: A.}", "'204': {description: A.}"],
    )
    def test_other_ways_to_answer_a_post_pass(self, status: str) -> None:
        made = "components: {responses: {Made: {description: A., headers: {location: {schema: {type: string}}}}}}\n"
        text = of_paths(f"paths:\n  /orders: {{post: {{responses: {{{status}}}}}}}\n{self.ITEM}{made}")
        assert messages("op-create-method", text) == []

    def test_a_search_by_post_creates_nothing(self) -> None:
        assert messages("op-create-method", operation("", "/orders/search", "post", self.ITEM)) == []

    @pytest.mark.parametrize(
        "answer",
        [
            "{description: A., headers: {Operation-Location: {schema: {type: string}}}}",
            "{description: A., content: {application/json: {schema: {type: object}}}}",
            "{description: A., links: {state: {operationId: get_export}}}",
        ],
    )
    def test_a_202_that_leads_on_passes(self, answer: str) -> None:
        assert messages("op-lro", of_paths(f"paths: {{/exports: {{post: {{responses: {{'202': {answer}}}}}}}}}")) == []

    def test_a_get_that_is_asked_again_leads_on_by_itself(self) -> None:
        text = of_paths("paths: {/stats: {get: {responses: {'200': {description: A.}, '202': {description: Wait.}}}}}")
        assert messages("op-lro", text) == []


class TestTags:
    def test_a_tag_of_a_webhook_is_told_by_the_name_of_the_webhook(self) -> None:
        text = "paths: {}\nwebhooks: {paid: {post: {tags: [money], responses: {'200': {description: A.}}}}}\n"
        assert messages("op-tag-defined", of_paths(text)) == [
            "post of paid has the tag money, which the document does not declare"
        ]

    def test_a_tag_may_be_there_for_others_or_for_documentation(self) -> None:
        more = "tags:\n- {name: orders, parent: shop}\n- {name: shop}\n- {name: Introduction, x-traitTag: true}\n"
        assert messages("tags-used", operation("tags: [orders], ", more=more)) == []

    def test_an_unused_tag_is_taken_away_only_where_no_prose_is_lost(self) -> None:
        more = "tags: [{name: orders}, {name: old}, {name: lost, description: What it was.}]\n"
        fixed: Any = patched("tags-used", operation("tags: [orders], ", more="tags: [{name: orders}, {name: old}]\n"))
        assert [tag["name"] for tag in fixed["tags"]] == ["orders"]
        assert len(messages("tags-used", operation("tags: [orders], ", more=more))) == 2

    def test_sorting_tags_loses_none(self) -> None:
        more = "tags: [{name: b, description: B.}, {name: A, description: A.}, {name: c}]\n"
        fixed: Any = patched("tags-sorted", operation("tags: [b], ", more=more))
        assert fixed["tags"] == [{"name": "A", "description": "A."}, {"name": "b", "description": "B."}, {"name": "c"}]

    def test_a_repeated_tag_goes_only_where_it_says_the_same(self) -> None:
        same = "tags: [{name: a, description: A.}, {name: a, description: A.}]\n"
        assert patched("tags-unique", operation("tags: [a], ", more=same)) is not None
        assert patched("tags-unique", operation("tags: [a], ", more=same.replace("A.}]", "B.}]"))) is None

    def test_a_summary_of_3_2_describes_a_tag(self) -> None:
        assert messages("tags-description", operation("", more="tags: [{name: a, summary: Orders}]\n")) == []
