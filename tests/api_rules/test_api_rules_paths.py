"""Traps of rules about paths: references, versions, literals beside variables, words that are no plurals."""

from __future__ import annotations

from typing import Any

import pytest
from rule_hits import messages, of_paths, patched, places

from knowledge.api.node import Policy


def paths(*templates: str, more: str = "") -> str:
    """A document with one GET on each path; its path parameters are whatever the template names."""
    items = "".join(
        f"  '{template}': {{get: {{responses: {{'200': {{description: A.}}}}}}}}\n" for template in templates
    )
    return of_paths(f"paths:\n{items}{more}")


class TestParametersOfPaths:
    def test_a_parameter_of_the_path_item_counts_for_every_operation_and_a_shared_one_as_well(self) -> None:
        text = """
        paths:
          /shops/{shop}/orders/{id}:
            parameters: [{$ref: '#/components/parameters/Shop'}]
            get:
              parameters: [{name: id, in: path, required: true, schema: {type: string}}]
              responses: {'200': {description: A.}}
        components:
          parameters: {Shop: {name: shop, in: path, required: true, schema: {type: string}}}
        """
        assert messages("path-params-declared", of_paths(text)) == []

    def test_nothing_is_missing_where_a_reference_cannot_be_followed(self) -> None:
        text = """
        paths:
          /orders/{id}:
            get: {parameters: [{$ref: 'common.yaml#/id'}], responses: {'200': {description: A.}}}
        """
        assert messages("path-params-declared", of_paths(text)) == []

    def test_a_query_parameter_of_the_same_name_does_not_fill_the_path(self) -> None:
        text = """
        paths:
          /orders/{id}:
            get: {parameters: [{name: id, in: query, schema: {type: string}}], responses: {'200': {description: A.}}}
        """
        assert messages("path-params-declared", of_paths(text)) == ["get /orders/{id} declares no path parameter id"]

    def test_several_variables_of_one_segment_and_operators_of_rfc_6570_are_names(self) -> None:
        text = """
        paths:
          /files/{+path}/{name}.{format}:
            parameters:
              - {name: path, in: path, required: true, schema: {type: string}}
              - {name: name, in: path, required: true, schema: {type: string}}
              - {name: format, in: path, required: true, schema: {type: string}}
            get: {responses: {'200': {description: A.}}}
        """
        assert messages("path-params-declared", of_paths(text)) == []

    def test_a_parameter_without_a_variable_is_found_where_it_stands(self) -> None:
        text = of_paths("""
        paths:
          /orders:
            get:
              parameters: [{name: id, in: path, required: true, schema: {type: string}}]
              responses: {'200': {description: A.}}
        """)
        assert places("path-params-declared", text) == ["paths//orders/get/parameters/0"]

    def test_parameters_of_2_0_count_whatever_their_type_is_written_as(self) -> None:
        text = """
        paths:
          /orders/{id}:
            get:
              parameters: [{name: id, in: path, required: true, type: string}]
              responses: {'200': {description: A.}}
        """
        assert messages("path-params-declared", of_paths(text, "2.0")) == []

    def test_the_fix_makes_a_path_parameter_required(self) -> None:
        text = of_paths("""
        paths:
          /orders/{id}:
            get:
              parameters: [{name: id, in: path, schema: {type: string}}]
              responses: {'200': {description: A.}}
        """)
        fixed: Any = patched("path-params-declared", text)
        assert fixed["paths"]["/orders/{id}"]["get"]["parameters"][0]["required"] is True

    def test_bounds_are_looked_for_behind_references_and_allof(self) -> None:
        text = """
        paths:
          /orders/{id}:
            parameters:
              - {name: id, in: path, required: true, schema: {allOf: [{$ref: '#/components/schemas/Id'}]}}
            get: {responses: {'200': {description: A.}}}
        components: {schemas: {Id: {type: string, format: uuid}}}
        """
        assert messages("path-param-schema", of_paths(text)) == []


class TestPathsThatMeet:
    @pytest.mark.parametrize(
        "one, other",
        [
            ("/orders/{id}", "/orders/me"),
            ("/orders/{id}", "/orders/{id}/lines"),
            ("/{kind}/{id}", "/orders/{id}"),
            ("/orders/{id}:cancel", "/orders/{id}"),
            ("/orders", "/customers"),
        ],
    )
    def test_a_more_specific_path_is_no_ambiguity(self, one: str, other: str) -> None:
        assert messages("path-unambiguous", paths(one, other)) == messages("path-unambiguous", paths(other, one)) == []

    def test_crossing_paths_are_found_in_either_order(self) -> None:
        assert len(messages("path-unambiguous", paths("/a/{x}/c", "/a/b/{y}"))) == 1
        assert len(messages("path-unambiguous", paths("/a/b/{y}", "/a/{x}/c"))) == 1

    @pytest.mark.parametrize(
        "schema",
        ["{type: integer}", "{type: string, enum: [x, y]}", "{type: string, format: uuid}", "{pattern: '^[0-9]+$'}"],
    )
    def test_a_variable_that_cannot_be_the_literal_keeps_paths_apart(self, schema: str) -> None:
        text = f"""
        paths:
          /orders/{{id}}/lines:
            parameters: [{{name: id, in: path, required: true, schema: {schema}}}]
            get: {{responses: {{'200': {{description: A.}}}}}}
          /orders/search/{{term}}:
            parameters: [{{name: term, in: path, required: true, schema: {{type: string}}}}]
            get: {{responses: {{'200': {{description: A.}}}}}}
        """
        assert messages("path-unambiguous", of_paths(text)) == []

    def test_other_methods_do_not_meet(self) -> None:
        text = """
        paths:
          /orders/{id}/lines: {get: {responses: {'200': {description: A.}}}}
          /orders/search/{term}: {post: {responses: {'200': {description: A.}}}}
        """
        assert messages("path-unambiguous", of_paths(text)) == []

    def test_paths_that_differ_in_names_alone_are_one_path(self) -> None:
        assert messages("path-unique", paths("/orders/{id}/lines", "/orders/{number}/lines")) == [
            "/orders/{number}/lines and /orders/{id}/lines are the same path: only the names of variables differ"
        ]

    def test_the_same_place_has_one_name_also_deeper_down(self) -> None:
        assert messages("path-param-name-consistent", paths("/a/{x}", "/a/{x}/b/{y}", "/a/{x}/b/{y}/c", "/b/{z}")) == []
        assert len(messages("path-param-name-consistent", paths("/a/{x}/b/{y}", "/a/{x}/b/{z}/c"))) == 1


class TestSegments:
    @pytest.mark.parametrize(
        "template",
        [
            "/",
            "/orders",
            "/v2.1/order-lines",
            "/.well-known/jwks.json",
            "/orders/{orderId}:batchGet",
            "/$metadata",
            "/@me",
        ],
    )
    def test_what_is_no_matter_of_casing_passes(self, template: str) -> None:
        assert messages("path-kebab-case", paths(template)) == []

    @pytest.mark.parametrize(
        "case, good, bad",
        [
            ("snake", "/order_lines", "/order-lines"),
            ("camel", "/orderLines", "/order_lines"),
            ("pascal", "/OrderLines", "/orderLines"),
            ("auto", "/order_lines/x_y", "/orderLines"),
        ],
    )
    def test_the_policy_says_which_casing(self, case: str, good: str, bad: str) -> None:
        text = paths(good, bad, "/shop_items/all_of_them")
        found = messages("path-kebab-case", text, Policy(path_case=case))
        assert any(bad in message for message in found) and not any(f" in {good} " in message for message in found)

    def test_any_casing_is_no_casing(self) -> None:
        assert messages("path-kebab-case", paths("/a_B", "/cD"), Policy(path_case="any")) == []

    @pytest.mark.parametrize(
        "template",
        [
            "/me",
            "/users/{id}",
            "/people/{id}",
            "/news/{id}",
            "/series/{id}",
            "/status/{id}",
            "/addresses/{id}",
            "/search/{term}",
            "/users/by-name/{name}",
            "/auth/{provider}",
            "/files/{path}",
            "/v1/{resource}",
            "/users/{id}/avatar",
            "/equipment/{id}",
            "/terms-of-service/{id}",
            "/geo/{city}",
        ],
    )
    def test_plurals_masses_singletons_and_lookups_are_no_collections_in_the_singular(self, template: str) -> None:
        assert messages("path-plural", paths(template)) == []

    @pytest.mark.parametrize(
        "template, plural",
        [
            ("/user/{user_id}", "users"),
            ("/category/{id}", "categories"),
            ("/order-line/{orderLineId}", "order-lines"),
            ("/box/{id}", "boxes"),
        ],
    )
    def test_the_plural_is_named(self, template: str, plural: str) -> None:
        assert messages("path-plural", paths(template)) == [
            f"{template.split('/')[1]} in {template} is a collection in the singular: {plural}"
        ]

    def test_a_schema_of_that_name_shows_that_a_segment_holds_things(self) -> None:
        more = "components: {schemas: {Pet: {type: object}}}\n"
        assert len(messages("path-plural", paths("/pet/{nickname}", more=more))) == 1

    @pytest.mark.parametrize(
        "template",
        [
            "/posts/{id}",
            "/lists",
            "/orders/{id}/cancel",
            "/orders:batchCreate",
            "/add-ons",
            "/delete-requests",
            "/patches",
            "/settings",
            "/getaways",
            "/updates",
            "/get.json",
        ],
    )
    def test_nouns_and_actions_without_a_method_are_no_verbs(self, template: str) -> None:
        assert messages("path-no-verbs", paths(template)) == []

    @pytest.mark.parametrize("template", ["/getOrders", "/orders/create", "/fetch-orders", "/orders/{id}/updateStatus"])
    def test_verbs_of_methods_are_found(self, template: str) -> None:
        assert len(messages("path-no-verbs", paths(template))) == 1

    def test_an_api_of_procedures_is_left_alone(self) -> None:
        calls = "".join(f"  /get{name}: {{post: {{responses: {{'200': {{description: A.}}}}}}}}\n" for name in "ABCDEF")
        assert messages("path-no-verbs", of_paths(f"paths:\n{calls}")) == []

    @pytest.mark.parametrize("template", ["/a b", '/a"b', "/a{b", "/a}b", "/ä", "/100%", "/a\\b", "/{a/b}"])
    def test_what_no_url_may_hold_is_found(self, template: str) -> None:
        assert len(messages("path-characters", paths(template))) == 1

    @pytest.mark.parametrize("template", ["/a%20b", "/a,b;c=d", "/~me/@x/$y/!z", "/{the name}", "/a/{b}.{c}"])
    def test_what_a_url_may_hold_passes(self, template: str) -> None:
        assert messages("path-characters", paths(template)) == []

    def test_a_question_mark_within_a_variable_is_no_query(self) -> None:
        assert messages("path-no-query", paths("/orders{?status}")) == []
        assert len(messages("path-no-query", paths("/orders#open"))) == 1


class TestVersions:
    @pytest.mark.parametrize(
        "servers, template",
        [
            ("https://api.shop.test/v1", "/orders"),
            ("https://api.shop.test", "/v1/orders"),
            ("https://api.shop.test/{version}", "/orders"),
            ("https://api.shop.test", "/api/v1beta1/orders"),
        ],
    )
    def test_a_version_anywhere_in_the_url_is_enough(self, servers: str, template: str) -> None:
        text = paths(template, more=f"servers: [{{url: '{servers}'}}]\n")
        assert messages("path-version-placement", text) == []

    def test_a_document_without_a_server_does_not_tell(self) -> None:
        assert messages("path-version-placement", paths("/orders")) == []

    def test_a_header_for_the_version_is_enough(self) -> None:
        more = (
            "servers: [{url: 'https://api.shop.test'}]\n"
            "components: {parameters: {V: {name: X-Shop-Api-Version, in: header, schema: {type: string}}}}\n"
        )
        assert messages("path-version-placement", paths("/orders", more=more)) == []

    def test_the_policy_may_forbid_it(self) -> None:
        text = paths("/v1/orders", "/vendors", more="servers: [{url: 'https://api.shop.test/v2'}]\n")
        assert messages("path-version-placement", text, Policy(version_in_url=False)) == [
            "/v1/orders holds the version v1",
            "https://api.shop.test/v2 holds the version v2",
        ]


class TestSize:
    def test_the_policy_says_how_deep_and_how_many(self) -> None:
        assert len(messages("path-nesting-depth", paths("/a/{b}/c/{d}/e"), Policy(max_nesting=1))) == 1
        assert messages("path-nesting-depth", paths("/repos/{owner}/{repo}/issues/{number}/comments")) == []
        few = Policy(extra={"max_resource_types": "1"})
        assert messages("path-resource-count", paths("/a/{x}", "/b/{x}"), few) == [
            "the document describes 2 collections, more than 1"
        ]

    def test_extensions_and_parameters_are_no_methods(self) -> None:
        text = of_paths("""
        paths:
          /orders:
            parameters: []
            x-note: here
            get: {responses: {'200': {description: A.}}}
            summary: Orders
            delete: {responses: {'204': {description: A.}}}
        """)
        assert messages("path-verb-order", text) == []
