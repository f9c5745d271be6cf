"""Traps of rules about examples: directions, null, references, 3.0 and 3.1, what is written as it is sent."""

from __future__ import annotations

import textwrap

import pytest
from rule_hits import messages, of_paths, of_schemas, patched, places

ACCOUNT = """
Account:
  type: object
  required: [id, name, password]
  properties:
    id: {type: string, readOnly: true}
    name: {type: string}
    password: {type: string, writeOnly: true}
"""


def both(
    request: str, answer: str, schema: str = "{$ref: '#/components/schemas/Account'}", version: str = "3.0"
) -> str:
    """A document with one operation that takes and answers ``schema``, with an example each."""
    head = (
        "paths:\n  /accounts:\n    post:\n"
        f"      requestBody: {{content: {{application/json: {{schema: {schema}, example: {request}}}}}}}\n"
        f"      responses: {{'201': {{description: A., content: {{application/json: {{schema: {schema}, "
        f"example: {answer}}}}}}}}}\n"
    )
    return of_paths(head + "components:\n  schemas:\n" + textwrap.indent(ACCOUNT, "    "), version)


def answer(schema: str, example: str, version: str = "3.1", more: str = "") -> str:
    """A document with one GET that answers ``schema``; ``example`` is what follows it."""
    return of_paths(
        f"paths:\n  /a:\n    get: {{responses: {{'200': {{description: A., content: {{application/json: "
        f"{{schema: {schema}, {example}}}}}}}}}}}\n{more}",
        version,
    )


class TestDirections:
    @pytest.mark.parametrize("version", ["3.0", "3.1"])
    def test_a_request_need_not_have_what_is_read_only_nor_an_answer_what_is_write_only(self, version: str) -> None:
        text = both("{name: Ada, password: secret}", "{id: '1', name: Ada}", version=version)
        assert messages("ex-valid-media", text) == []

    def test_each_direction_still_needs_its_own(self) -> None:
        assert messages("ex-valid-media", both("{name: Ada}", "{name: Ada}")) == [
            'the example of post /accounts does not fit its schema: "password" is a required property',
            'the example of post /accounts 201 does not fit its schema: "id" is a required property',
        ]

    def test_read_only_members_are_known_behind_allof_and_references(self) -> None:
        schema = "{allOf: [{$ref: '#/components/schemas/Account'}, {required: [id, name]}]}"
        assert messages("ex-valid-media", both("{name: Ada, password: x}", "{id: '1', name: Ada}", schema)) == []

    def test_an_example_of_a_schema_may_be_of_either_direction(self) -> None:
        for example in ("{name: Ada, password: x}", "{id: '1', name: Ada}", "{name: Ada}"):
            assert messages("ex-valid-schema", of_schemas(ACCOUNT + f"  example: {example}\n", "3.0")) == []
        assert len(messages("ex-valid-schema", of_schemas(ACCOUNT + "  example: {id: '1'}\n", "3.0"))) == 1


class TestSchemas:
    @pytest.mark.parametrize(
        "schema, example, version",
        [
            ("{type: string, nullable: true}", "null", "3.0"),
            ("{type: string, enum: [a], nullable: true}", "null", "3.0"),
            ("{allOf: [{$ref: '#/components/schemas/S'}], nullable: true}", "null", "3.0"),
            ("{$ref: '#/components/schemas/S', nullable: true}", "null", "3.0"),
            ("{type: [string, 'null']}", "null", "3.1"),
            ("{type: [string, integer]}", "3", "3.1"),
            ("{anyOf: [{type: string}, {type: 'null'}]}", "null", "3.1"),
            ("{oneOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}]}", "{a: 1}", "3.1"),
            ("{type: integer, minimum: 1, exclusiveMinimum: true}", "2", "3.0"),
            ("{type: integer, exclusiveMinimum: 1}", "2", "3.1"),
            ("{type: number, multipleOf: 0.01}", "19.99", "3.1"),
            ("{type: integer}", "3.0", "3.1"),
            ("{type: string, format: uri}", "'/users/{id}'", "3.1"),
            ("{type: string, pattern: '(?<broken'}", "x", "3.1"),
            ("{$ref: 'elsewhere.yaml#/A'}", "{}", "3.1"),
            ("{type: object, not: {required: [a]}}", "{a: 1}", "3.1"),
            ("{$ref: '#/components/schemas/S', maxLength: 1}", "abc", "3.0"),
            ("{type: object, additionalProperties: {$ref: '#/components/schemas/S'}}", "{x: y}", "3.1"),
        ],
    )
    def test_what_fits_passes(self, schema: str, example: str, version: str) -> None:
        more = "components: {schemas: {S: {type: string}}}\n"
        assert messages("ex-valid-media", answer(schema, f"example: {example}", version, more)) == []

    @pytest.mark.parametrize(
        "schema, example, version",
        [
            ("{type: string}", "null", "3.0"),
            ("{type: [string, integer]}", "null", "3.1"),
            ("{type: integer, minimum: 1, exclusiveMinimum: true}", "1", "3.0"),
            ("{type: string, format: date-time}", "yesterday", "3.1"),
            ("{type: string, pattern: '^a$'}", "b", "3.1"),
            ("{$ref: '#/components/schemas/S', maxLength: 1}", "abc", "3.1"),
            ("{type: array, items: {$ref: '#/components/schemas/S'}}", "[1]", "3.1"),
            ("{type: object, additionalProperties: false}", "{a: 1}", "3.1"),
            ("{type: object}", "'{}'", "3.1"),
        ],
    )
    def test_what_does_not_fit_is_found(self, schema: str, example: str, version: str) -> None:
        more = "components: {schemas: {S: {type: string}}}\n"
        assert len(messages("ex-valid-media", answer(schema, f"example: {example}", version, more))) == 1

    def test_schemas_that_hold_themselves_are_followed_as_far_as_the_example_goes(self) -> None:
        more = "components: {schemas: {N: {type: object, properties: {next: {$ref: '#/components/schemas/N'}}}}}\n"
        schema = "{$ref: '#/components/schemas/N'}"
        assert messages("ex-valid-media", answer(schema, "example: {next: {next: {}}}", more=more)) == []
        assert messages("ex-valid-media", answer(schema, "example: {next: {next: 3}}", more=more)) == [
            'the example of get /a 200 does not fit its schema at next/next: 3 is not of type "object"'
        ]

    def test_the_alternative_that_fits_best_tells_the_reason(self) -> None:
        schema = "{anyOf: [{type: string}, {type: object, properties: {a: {type: integer}}}]}"
        assert messages("ex-valid-media", answer(schema, "example: {a: x}")) == [
            'the example of get /a 200 does not fit its schema at a: "x" is not of type "integer"'
        ]

    def test_a_shared_example_is_at_fault_where_it_is_written(self) -> None:
        more = "components: {examples: {Bad: {value: 3}}}\n"
        text = answer("{type: string}", "examples: {one: {$ref: '#/components/examples/Bad'}}", more=more)
        assert places("ex-valid-media", text) == ["components/examples/Bad"]

    def test_other_media_types_and_values_elsewhere_are_not_looked_at(self) -> None:
        assert messages("ex-valid-media", answer("{type: string}", "examples: {one: {externalValue: a.json}}")) == []
        text = answer("{type: object}", "example: <a/>").replace("application/json", "application/xml")
        assert messages("ex-valid-media", text) == []

    def test_examples_of_2_0_are_held_against_the_schema_of_the_response(self) -> None:
        text = """
        paths:
          /a:
            get:
              responses:
                '200': {description: A., schema: {type: integer}, examples: {application/json: many}}
        """
        assert len(messages("ex-valid-media", of_paths(text, "2.0"))) == 1


class TestWithinSchemas:
    @pytest.mark.parametrize(
        "schema, count",
        [
            ("{type: string, example: 3}", 1),
            ("{type: string, examples: [a, 3]}", 1),
            ("{type: [string, 'null'], examples: [null]}", 0),
            ("{enum: [a, b], example: c}", 1),
            ("{type: string, format: date, example: 2026-01-31}", 0),
            ("{type: string, format: date, example: 31.1.2026}", 1),
            ("{type: array, items: {type: string, pattern: '^a'}, example: [b]}", 1),
            ("{type: object, properties: {example: {type: string}, examples: {type: integer}}}", 0),
            ("{type: string, minLength: 5, example: abc}", 1),
        ],
    )
    def test_examples_are_held_against_their_own_schema(self, schema: str, count: int) -> None:
        assert len(messages("ex-valid-schema", of_schemas(f"A: {schema}"))) == count

    def test_an_example_beside_a_reference_counts_from_3_1_on(self) -> None:
        text = "A: {$ref: '#/components/schemas/B', example: 3}\nB: {type: string}\n"
        assert messages("ex-valid-schema", of_schemas(text, "3.0")) == []
        assert len(messages("ex-valid-schema", of_schemas(text, "3.1"))) == 1

    def test_a_member_is_called_by_its_name_not_by_the_number_of_its_alternative(self) -> None:
        text = "A: {type: object, properties: {size: {anyOf: [{type: integer, example: x}]}}}"
        assert messages("ex-valid-schema", of_schemas(text))[0].startswith("the example of size of schemas/A")


class TestParameters:
    @pytest.mark.parametrize(
        "schema, example, count",
        [
            ("{type: integer}", "'10'", 0),
            ("{type: integer}", "ten", 1),
            ("{type: string}", "10", 0),
            ("{type: boolean}", "'true'", 0),
            ("{type: array, items: {type: integer}}", "'1,2,3'", 0),
            ("{type: array, items: {type: integer}}", "1", 0),
            ("{type: array, items: {type: integer}}", "[a]", 1),
            ("{type: object}", "'a,1'", 0),
            ("{type: number, maximum: 1}", "2", 1),
            ("{$ref: '#/components/schemas/S'}", "d", 1),
        ],
    )
    def test_a_value_fits_as_it_is_or_as_it_is_written(self, schema: str, example: str, count: int) -> None:
        text = of_paths(
            f"paths:\n  /a:\n    get: {{parameters: [{{name: a, in: query, schema: {schema}, example: {example}}}], "
            "responses: {'200': {description: A.}}}\ncomponents: {schemas: {S: {type: string, enum: [a]}}}\n"
        )
        assert len(messages("ex-valid-param", text)) == count


class TestPresence:
    @pytest.mark.parametrize(
        "schema",
        [
            "{type: object, properties: {a: {type: string, example: x}}}",
            "{type: array, items: {$ref: '#/components/schemas/S'}}",
            "{allOf: [{$ref: '#/components/schemas/S'}]}",
            "{type: object, properties: {state: {type: string, enum: [a]}}}",
            "{type: object, properties: {}}",
        ],
    )
    def test_values_within_schemas_show_enough(self, schema: str) -> None:
        more = "components: {schemas: {S: {type: object, properties: {a: {type: string, examples: [x]}}}}}\n"
        assert messages("ex-present", answer(schema, "x-note: none", more=more)) == []

    def test_schemas_that_hold_themselves_end(self) -> None:
        more = "components: {schemas: {N: {type: object, properties: {next: {$ref: '#/components/schemas/N'}}}}}\n"
        assert len(messages("ex-present", answer("{$ref: '#/components/schemas/N'}", "x-note: none", more=more))) == 1

    def test_errors_need_no_example_of_their_own(self) -> None:
        text = answer("{type: object, properties: {a: {type: string}}}", "x-note: none").replace("'200'", "'404'")
        assert messages("ex-present", text) == []

    def test_values_are_given_once(self) -> None:
        rule = "ex-one-source"
        assert len(messages(rule, answer("{}", "examples: {one: {value: 1, externalValue: a.json}}"))) == 1
        assert messages(rule, answer("{}", "examples: {one: {dataValue: 1, serializedValue: '1'}}")) == []

    def test_an_example_goes_where_it_is_among_the_examples(self) -> None:
        several = "example: {}, examples: {{one: {{value: 1}}}}"
        assert patched("ex-one-source", answer("{}", several.format("1"))) is not None
        assert patched("ex-one-source", answer("{}", several.format("2"))) is None

    def test_names_are_judged_in_components_as_well(self) -> None:
        more = "components: {examples: {'a b': {value: 1}, a-b.c_d: {value: 2}}}\n"
        assert len(messages("ex-names", answer("{}", "x-note: none", more=more))) == 1
