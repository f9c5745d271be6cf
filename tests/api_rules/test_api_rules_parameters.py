"""Traps of rules about parameters and bodies: shared ones, names of components, 2.0, policies, envelopes."""

from __future__ import annotations

from typing import Any

import pytest
from rule_hits import messages, of_paths, of_request, patched, places

from knowledge.api.node import Policy


def parameter(text: str, version: str = "3.1", more: str = "") -> str:
    """A document with one operation that takes the parameters of ``text``."""
    head = f"paths:\n  /orders:\n    get: {{parameters: [{text}], responses: {{'200': {{description: A.}}}}}}\n"
    return of_paths(head + more, version)


def body(content: str, method: str = "post", path: str = "/orders", more: str = "") -> str:
    """A document with one operation whose body has ``content``."""
    head = f"paths:\n  {path}:\n    {method}:\n      requestBody: {{content: {{{content}}}}}\n"
    return of_paths(f"{head}      responses: {{'200': {{description: A.}}}}\n{more}")


class TestParameters:
    def test_names_of_headers_have_no_case_but_those_of_the_query_do(self) -> None:
        twice = "{{name: x-a, in: {0}, schema: {{}}}}, {{name: X-A, in: {0}, schema: {{}}}}"
        assert len(messages("param-unique", parameter(twice.format("header")))) == 1
        assert messages("param-unique", parameter(twice.format("query"))) == []

    def test_an_operation_may_replace_what_its_path_declares(self) -> None:
        text = """
        paths:
          /orders:
            parameters: [{name: limit, in: query, schema: {type: integer}}]
            get:
              parameters: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]
              responses: {'200': {description: A.}}
        """
        assert messages("param-unique", of_paths(text)) == []

    def test_a_shared_parameter_and_a_written_one_are_the_same(self) -> None:
        text = parameter(
            "{$ref: '#/components/parameters/L'}, {name: limit, in: query, schema: {type: integer}}",
            more="components: {parameters: {L: {name: limit, in: query, schema: {type: integer}}}}\n",
        )
        assert places("param-unique", text) == ["paths//orders/get/parameters/1"]

    def test_a_repetition_is_taken_away_only_where_it_says_the_same(self) -> None:
        one, other = "{name: a, in: query, schema: {type: string}}", "{name: a, in: query, schema: {type: integer}}"
        fixed: Any = patched("param-unique", parameter(f"{one}, {one}, {one}"))
        assert len(fixed["paths"]["/orders"]["get"]["parameters"]) == 1
        assert patched("param-unique", parameter(f"{one}, {other}")) is None

    def test_the_description_of_the_schema_will_do(self) -> None:
        assert messages("param-description", parameter("{name: a, in: query, schema: {description: An a.}}")) == []
        more = "components: {schemas: {A: {type: string, description: An a.}}}\n"
        text = parameter("{name: a, in: query, schema: {$ref: '#/components/schemas/A'}}", more=more)
        assert messages("param-description", text) == []

    def test_shared_parameters_are_judged_by_their_name_not_by_that_of_the_component(self) -> None:
        more = "components: {parameters: {TheLimit: {name: page_size, in: query, schema: {type: integer}}}}\n"
        text = parameter("{name: sort_by, in: query, schema: {type: string}}", more=more)
        assert messages("param-case", text) == []
        assert messages("param-description", text)[1] == "the query parameter page_size has no description"

    @pytest.mark.parametrize("name", ["$filter", "filter[created_at]", "page[size]", "id", "_links", "created_at__gte"])
    def test_signs_around_names_are_no_casing(self, name: str) -> None:
        query = f"{{name: '{name}', in: query, schema: {{}}}}, {{name: sort_by, in: query, schema: {{}}}}"
        assert messages("param-case", parameter(query)) == []

    def test_headers_have_a_casing_of_their_own(self) -> None:
        query = "{name: If-Match, in: header, schema: {}}, {name: sort_by, in: query, schema: {}}"
        assert messages("param-case", parameter(query)) == []

    def test_the_policy_says_which_casing(self) -> None:
        text = parameter("{name: sort_by, in: query, schema: {}}, {name: pageSize, in: query, schema: {}}")
        assert messages("param-case", text, Policy(parameter_case="camel")) == [
            "the parameter sort_by is not in camel case"
        ]
        assert messages("param-case", text, Policy(parameter_case="any")) == []

    def test_prefixes_are_demanded_or_forbidden_by_the_policy(self) -> None:
        text = parameter(
            "{name: is_open, in: query, schema: {type: boolean}}, {name: paid, in: query, schema: {type: boolean}},"
            "{name: issue, in: query, schema: {type: string}}"
        )
        rule = "param-boolean-prefix"
        assert messages(rule, text) == []
        demanded, forbidden = Policy(boolean_prefix="demanded"), Policy(boolean_prefix="forbidden")
        assert messages(rule, text, demanded) == ["paid is a truth value without a prefix as in is_paid"]
        assert messages(rule, text, forbidden) == ["is_open is a truth value with the prefix is"]

    def test_path_parameters_follow_the_path(self) -> None:
        text = """
        paths:
          /shops/{shop}/orders/{id}:
            get:
              parameters:
                - {name: id, in: path, required: true, schema: {}}
                - {name: shop, in: path, required: true, schema: {}}
              responses: {'200': {description: A.}}
        """
        assert len(messages("param-order", of_paths(text))) == 1

    def test_content_takes_the_place_of_a_schema(self) -> None:
        rule = "param-schema-or-content"
        assert messages(rule, parameter("{name: a, in: query, content: {application/json: {schema: {}}}}")) == []
        two = "{name: a, in: query, content: {application/json: {}, text/plain: {}}}"
        assert len(messages(rule, parameter(two))) == 1
        assert messages(rule, parameter("{name: a, in: query, type: string}", "2.0")) == []

    @pytest.mark.parametrize(
        "text",
        [
            "{name: a, in: query, style: deepObject, explode: true, schema: {type: object}}",
            "{name: a, in: query, style: deepObject, schema: {anyOf: [{type: object}, {type: 'null'}]}}",
            "{name: a, in: query, style: pipeDelimited, schema: {type: [array, 'null']}}",
            "{name: a, in: query, style: deepObject, schema: {$ref: 'elsewhere.yaml#/A'}}",
            "{name: a, in: header, style: simple, schema: {type: array}}",
            "{name: a, in: query, schema: {type: array}}",
        ],
    )
    def test_defined_ways_to_write_pass(self, text: str) -> None:
        assert messages("param-serialization", parameter(text)) == []

    @pytest.mark.parametrize(
        "text",
        [
            "{name: a, in: query, style: simple, schema: {type: string}}",
            "{name: a, in: header, style: form, schema: {type: string}}",
            "{name: a, in: query, style: spaceDelimited, schema: {type: string}}",
            "{name: a, in: query, style: deepObject, schema: {type: object, properties: {b: {type: object}}}}",
        ],
    )
    def test_undefined_ways_to_write_are_found(self, text: str) -> None:
        assert len(messages("param-serialization", parameter(text))) == 1

    def test_multi_is_for_queries_in_2_0(self) -> None:
        multi = "{{name: a, in: {}, type: array, items: {{type: string}}, collectionFormat: multi}}"
        assert messages("param-serialization", parameter(multi.format("query"), "2.0")) == []
        assert len(messages("param-serialization", parameter(multi.format("header"), "2.0"))) == 1

    def test_the_default_of_a_required_parameter_is_taken_away_but_not_that_of_a_shared_schema(self) -> None:
        text = parameter("{name: a, in: query, required: true, schema: {type: string, default: x}}")
        fixed: Any = patched("param-no-default-when-required", text)
        assert fixed["paths"]["/orders"]["get"]["parameters"][0]["schema"] == {"type": "string"}
        more = "components: {schemas: {A: {type: string, default: x}}}\n"
        shared = parameter("{name: a, in: query, required: true, schema: {$ref: '#/components/schemas/A'}}", more=more)
        assert messages("param-no-default-when-required", shared) == []

    def test_reserved_headers_are_ignored_in_3_only_and_only_as_headers(self) -> None:
        rule, text = "param-reserved-headers", "{name: accept, in: header, schema: {}}"
        assert len(messages(rule, parameter(text))) == 1
        assert messages(rule, parameter("{name: accept, in: header, type: string}", "2.0")) == []
        assert messages(rule, parameter("{name: authorization, in: query, schema: {}}")) == []

    def test_both_conditions_may_be_taken(self) -> None:
        text = "{name: if-modified-since, in: header, schema: {}}, {name: If-None-Match, in: header, schema: {}}"
        assert messages("param-prefer-etag", parameter(text)) == []

    def test_the_version_of_a_resource_is_not_that_of_the_api(self) -> None:
        assert messages("param-api-version", parameter("{name: version, in: query, schema: {type: string}}")) == []
        dated = "{name: X-Api-Version, in: header, schema: {type: string, format: date}}"
        assert messages("param-api-version", parameter(dated)) == []

    @pytest.mark.parametrize("name", ["url_count", "curl", "return", "locale", "is_callback_url"])
    def test_names_near_to_urls_are_not_urls(self, name: str) -> None:
        kind = "boolean" if name.startswith("is_") else "string"
        assert messages("param-ssrf-url", parameter(f"{{name: {name}, in: query, schema: {{type: {kind}}}}}")) == []

    @pytest.mark.parametrize("name", ["url", "redirect_uri", "webhookUrl", "callback", "return_to"])
    def test_urls_without_bounds_are_found(self, name: str) -> None:
        found = messages("param-ssrf-url", parameter(f"{{name: {name}, in: query, schema: {{type: string}}}}"))
        assert len(found) == 1


class TestForms:
    def form(self, consumes: str, fields: str, more: str = "") -> str:
        return of_paths(
            f"paths:\n  /orders:\n    post:\n      consumes: [{consumes}]\n      parameters: [{fields}]\n"
            f"      responses: {{'200': {{description: A.}}}}\n{more}",
            "2.0",
        )

    def test_a_form_needs_a_media_type_of_forms(self) -> None:
        field = "{name: a, in: formData, type: string}"
        assert messages("param-form-consumes", self.form("application/x-www-form-urlencoded", field)) == []
        assert len(messages("param-form-consumes", self.form("application/json", field))) == 1

    def test_a_form_excludes_a_body(self) -> None:
        fields = "{name: a, in: formData, type: string}, {name: b, in: body, schema: {type: object}}"
        found = messages("param-form-consumes", self.form("multipart/form-data", fields))
        assert found == ["post /orders has both a body and form fields"]

    def test_shared_fields_and_consumes_of_the_document_count(self) -> None:
        text = of_paths(
            """
            consumes: [multipart/form-data; boundary=x]
            parameters: {File: {name: f, in: formData, type: file}}
            paths:
              /orders:
                post: {parameters: [{$ref: '#/parameters/File'}], responses: {'200': {description: A.}}}
            """,
            "2.0",
        )
        assert messages("param-form-consumes", text) == []


class TestBodies:
    def test_required_members_are_found_behind_allof(self) -> None:
        more = "components: {schemas: {A: {allOf: [{type: object}, {required: [x]}]}}}\n"
        text = body("application/json: {schema: {$ref: '#/components/schemas/A'}}", more=more)
        assert messages("req-required-flag", text) == [
            "the body of post /orders may be left out, though x must be given"
        ]

    def test_an_array_behind_a_reference_is_an_array_but_a_patch_may_be_one(self) -> None:
        more = "components: {schemas: {A: {type: array, items: {type: string}}}}\n"
        reference = "{schema: {$ref: '#/components/schemas/A'}}"
        assert len(messages("req-object-root", body(f"application/json: {reference}", more=more))) == 1
        assert messages("req-object-root", body(f"application/json-patch+json: {reference}", more=more)) == []
        steps = "{schema: {type: array, items: {type: object, properties: {op: {}, path: {}, value: {}}}}}"
        assert messages("req-object-root", body(f"application/json: {steps}")) == []

    @pytest.mark.parametrize(
        "content",
        [
            "image/*: {}",
            "text/plain: {schema: {type: string}}",
            "application/octet-stream: {}",
            "multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}}",
            "application/json: {schema: {properties: {a: {}}}}, text/plain: {schema: {properties: {a: {}}}}",
            "application/xml: {schema: {type: object, properties: {a: {}}}}",
            "application/vnd.shop+json: {schema: {type: object, properties: {a: {}}}}",
        ],
    )
    def test_media_types_that_carry_what_they_say_pass(self, content: str) -> None:
        assert messages("req-media-type", body(content)) == []

    @pytest.mark.parametrize("content", ["'*/*': {}", "text/plain: {schema: {type: object, properties: {a: {}}}}"])
    def test_media_types_that_say_nothing_are_found(self, content: str) -> None:
        assert len(messages("req-media-type", body(content))) == 1

    def test_a_merge_patch_may_demand_a_version_but_no_data(self) -> None:
        rule, path = "req-patch-media-type", "/orders/{id}"
        patch = "application/merge-patch+json: {{schema: {{type: object, required: [{}]}}}}"
        assert messages(rule, body(patch.format("version"), "patch", path)) == []
        assert messages(rule, body(patch.format("name"), "patch", path)) == [
            "patch /orders/{id} demands name even where it does not change"
        ]
        both = "application/json: {}, application/json-patch+json: {}"
        assert messages(rule, body(both, "patch", path)) == []

    @pytest.mark.parametrize("rule_id", ["req-required-flag", "req-object-root", "req-media-type"])
    def test_bodies_that_the_api_sends_itself_are_for_others_to_take(self, rule_id: str) -> None:
        text = """
        paths: {}
        webhooks:
          paid:
            post:
              requestBody:
                content:
                  application/json: {schema: {type: array, required: [a], items: {}}}
                  '*/*': {schema: {type: object, properties: {a: {}}}}
              responses: {'200': {description: A.}}
        """
        assert messages(rule_id, of_paths(text)) == []

    def test_a_title_names_a_body(self) -> None:
        titled = "application/json: {schema: {title: NewOrder, type: object, properties: {a: {}}}}"
        assert messages("req-body-name", body(titled)) == []

    def test_bytes_need_no_schema_but_json_does(self) -> None:
        assert messages("req-content-schema", body("application/octet-stream: {}")) == []
        assert len(messages("req-content-schema", body("application/json: {example: {a: 1}}"))) == 1
        assert len(messages("req-content-schema", body(""))) == 1

    def test_members_are_compared_through_envelopes_and_references(self) -> None:
        text = of_request("{type: object, properties: {total: {type: integer}, note: {type: string}}}").replace(
            "'204': {description: Taken.}",
            "'201': {description: A., content: {application/json: {schema: {type: object, properties: "
            "{data: {type: object, properties: {total: {type: string}, note: {type: [string, 'null']}}}}}}}}",
        )
        assert messages("req-rw-symmetry", text) == ["post /orders: total is sent as integer and answered as string"]

    def test_integers_are_numbers(self) -> None:
        text = of_request("{type: object, properties: {total: {type: integer}}}").replace(
            "'204': {description: Taken.}",
            "'201': {description: A., content: {application/json: {schema: {type: object, properties: "
            "{total: {type: number}}}}}}",
        )
        assert messages("req-rw-symmetry", text) == []
