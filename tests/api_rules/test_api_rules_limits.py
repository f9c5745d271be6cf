"""Traps of rules about limits and defaults: who sends the data, and how each version writes them."""

from __future__ import annotations

import pytest
from rule_hits import messages, of_paths, of_request, of_schemas, places


class TestDirections:
    COMPONENTS = """
        paths:
          /orders:
            get:
              responses:
                '200':
                  description: The order.
                  content: {application/json: {schema: {$ref: '#/components/schemas/Outer'}}}
        components:
          schemas:
            Outer: {type: object, properties: {inner: {$ref: '#/components/schemas/Inner'}}}
            Inner:
              type: object
              properties: {note: {type: string}, count: {type: integer}, tags: {type: array, items: {enum: [a]}}}
    """

    @pytest.mark.parametrize(
        "rule_id",
        ["schema-string-bounded", "schema-string-restricted", "schema-integer-bounded", "schema-array-bounded"],
    )
    def test_limits_are_demanded_of_what_is_asked_for_however_deep(self, rule_id: str) -> None:
        answered = of_paths(self.COMPONENTS)
        asked = answered.replace(
            "get:",
            "post:\n      requestBody:\n        content:\n          application/json:\n"
            "            schema: {$ref: '#/components/schemas/Outer'}",
        )
        assert messages(rule_id, answered) == []
        assert len(messages(rule_id, asked)) == 1
        assert places(rule_id, asked)[0].startswith("components/schemas/Inner/properties/")

    def test_read_only_properties_and_conditions_need_no_limits(self) -> None:
        assert (
            messages(
                "schema-string-bounded", of_request("{type: object, properties: {id: {type: string, readOnly: true}}}")
            )
            == []
        )
        assert (
            messages("schema-string-bounded", of_request("{anyOf: [{type: string}, {type: 'null'}], maxLength: 5}"))
            == []
        )
        assert messages("schema-string-bounded", of_request("{not: {type: string}}")) == []
        assert messages("schema-string-bounded", of_request("{type: [string, number, boolean, object]}")) == []

    @pytest.mark.parametrize(("place", "found"), [("header", 0), ("cookie", 0), ("query", 1)])
    def test_headers_are_limited_by_servers(self, place: str, found: int) -> None:
        text = f"""
            paths:
              /orders:
                get:
                  parameters: [{{name: If-Match, in: {place}, schema: {{type: string}}}}]
                  responses: {{'200': {{description: The orders.}}}}
        """
        assert len(messages("schema-string-bounded", of_paths(text))) == found

    def test_a_pattern_limits_a_string_only_where_it_is_anchored(self) -> None:
        assert messages("schema-string-bounded", of_request("{type: string, pattern: '^(a|b{2,5})$'}")) == []
        assert len(messages("schema-string-bounded", of_request("{type: string, pattern: '^a+$'}"))) == 1
        assert len(messages("schema-string-bounded", of_request("{type: string, pattern: 'a{2}'}"))) == 1

    def test_bytes_are_refused_in_json_and_taken_in_forms(self) -> None:
        assert len(messages("schema-binary", of_request("{type: string, format: binary}"))) == 1
        form = of_request("{type: string, format: binary}").replace("application/json", "multipart/form-data")
        assert messages("schema-binary", form) == []

    def test_a_callback_sends_what_it_takes(self) -> None:
        callback = """
            paths:
              /orders:
                post:
                  responses: {'204': {description: Taken.}}
                  callbacks:
                    paid:
                      '{$request.body#/url}':
                        post:
                          requestBody: {content: {application/json: {schema: {type: string}}}}
                          responses: {'204': {description: Thanks.}}
        """
        assert messages("schema-string-bounded", of_paths(callback)) == []


class TestBounds:
    def test_exclusive_limits_are_written_as_the_version_has_them(self) -> None:
        numbers, flags = (
            "A: {type: integer, exclusiveMinimum: 0}",
            "A: {type: integer, minimum: 0, exclusiveMinimum: true}",
        )
        assert messages("schema-bounds-consistent", of_schemas(numbers, "3.1")) == []
        assert messages("schema-bounds-consistent", of_schemas(flags, "3.0")) == []
        assert messages("schema-bounds-consistent", of_schemas(numbers, "3.0")) == [
            "exclusiveMinimum is true or false in OpenAPI 3.0, not 0"
        ]
        assert messages("schema-bounds-consistent", of_schemas(flags, "3.1")) == [
            "exclusiveMinimum is a number in OpenAPI 3.1, not true"
        ]

    @pytest.mark.parametrize(
        "schema",
        [
            "{minimum: 1, maximum: 1}",
            "{minLength: 0}",
            "{multipleOf: 0.01}",
            "{minItems: 2.0}",
            "{exclusiveMinimum: 0, maximum: 1}",
        ],
    )
    def test_limits_that_leave_one_value_are_consistent(self, schema: str) -> None:
        assert messages("schema-bounds-consistent", of_schemas(f"A: {schema}")) == []

    @pytest.mark.parametrize(
        "schema",
        [
            "{minLength: -1}",
            "{multipleOf: 0}",
            "{minItems: 1.5}",
            "{exclusiveMinimum: 1, maximum: 1}",
            "{minItems: 3, maxItems: 2}",
        ],
    )
    def test_limits_that_leave_none_are_not(self, schema: str) -> None:
        assert len(messages("schema-bounds-consistent", of_schemas(f"A: {schema}"))) == 1


class TestDefaults:
    @pytest.mark.parametrize(
        "schema",
        [
            "{type: number, default: 1}",
            "{type: [string, 'null'], default: null}",
            "{anyOf: [{type: string}, {type: 'null'}], default: null}",
            "{type: array, items: {type: string}, default: []}",
            "{type: object, properties: {a: {type: string}}, default: {a: x, b: 1}}",
            "{enum: [a, b], default: a}",
        ],
    )
    def test_defaults_that_fit_are_valid(self, schema: str) -> None:
        assert messages("schema-default-valid", of_schemas(f"A: {schema}")) == []

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ("{type: integer, default: '1'}", "the default is a string, the type is integer"),
            ("{type: string, default: null}", "the default is null, the type is string"),
            ("{enum: [a, b], default: c}", "the default is not among the values of the enum"),
            (
                "{type: array, items: {type: string}, default: [1]}",
                "the default has an item, 0, that is an integer, the type is string",
            ),
            ("{allOf: [{type: string, maxLength: 1}], default: ab}", "the default breaks maxLength 1"),
            ("{type: integer, minimum: 1, default: 0}", "the default is below the minimum 1"),
        ],
    )
    def test_defaults_that_do_not_are_not(self, schema: str, said: str) -> None:
        assert messages("schema-default-valid", of_schemas(f"A: {schema}")) == [said]

    def test_an_answer_may_require_what_the_server_fills_in(self) -> None:
        schema = "{type: object, required: [n], properties: {n: {type: integer, default: 1}}}"
        assert len(messages("schema-default-valid", of_request(schema))) == 1
        assert messages("schema-default-valid", of_schemas(f"A: {schema}")) == []
