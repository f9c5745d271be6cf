"""Traps of rules about schemas: compositions, notations of each version, the direction in which data travels."""

from __future__ import annotations

import pytest
from rule_hits import messages, of_paths, of_request, of_schemas, patched, rule

from knowledge.api.node import Policy
from knowledge.rules import api_rules

FIXED = (
    "hdr-case",
    "new-regex-portable",
    "resp-no-body-204",
    "resp-readonly-misuse",
    "schema-attribute-fit",
    "schema-enum-unique",
    "schema-type-present",
)


@pytest.mark.parametrize("rule_id", FIXED)
def test_the_fix_of_a_bad_example_is_proven(rule_id: str) -> None:
    assert patched(rule_id, rule(rule_id).failing) is not None


@pytest.mark.parametrize(
    ("rule_id", "version", "schema", "fixed"),
    [
        ("schema-type-valid", "3.0", "A: {type: [string, 'null']}", {"type": "string", "nullable": True}),
        ("schema-type-valid", "3.1", "A: {type: [string, string]}", {"type": ["string"]}),
        ("schema-array-items", "3.0", "A: {type: array}", {"type": "array", "items": {}}),
        (
            "schema-required-defined",
            "3.1",
            "A: {required: [a, a], properties: {a: {}}}",
            {"required": ["a"], "properties": {"a": {}}},
        ),
        (
            "schema-composition-sane",
            "3.1",
            "A: {anyOf: [{type: string}, {type: string}]}",
            {"anyOf": [{"type": "string"}]},
        ),
        ("schema-composition-sane", "3.1", "A: {type: string, allOf: []}", {"type": "string"}),
        ("schema-bounds-consistent", "3.1", "A: {minimum: 1, exclusiveMinimum: true}", {"exclusiveMinimum": 1}),
        ("schema-bounds-consistent", "3.0", "A: {exclusiveMaximum: 9}", {"maximum": 9, "exclusiveMaximum": True}),
        ("schema-attribute-fit", "3.0", "A: {type: integer, pattern: x}", {"type": "integer"}),
    ],
)
def test_fixes_write_what_the_version_of_the_document_knows(
    rule_id: str, version: str, schema: str, fixed: object
) -> None:
    value = patched(rule_id, of_schemas(schema, version))
    assert isinstance(value, dict)
    assert value["components"]["schemas"]["A"] == fixed


class TestTypes:
    def test_lists_of_types_belong_to_3_1_alone(self) -> None:
        schema = "A: {type: [string, 'null']}"
        assert messages("schema-type-valid", of_schemas(schema, "3.1")) == []
        assert messages("schema-type-valid", of_schemas(schema, "3.0")) == ["OpenAPI 3.0 has no lists of types"]
        assert messages("schema-type-valid", of_schemas(schema, "2.0")) == ["OpenAPI 2.0 has no lists of types"]

    def test_null_is_a_type_in_3_1_alone(self) -> None:
        assert messages("schema-type-valid", of_schemas("A: {type: 'null'}", "3.1")) == []
        assert messages("schema-type-valid", of_schemas("A: {type: 'null'}", "3.0")) == [
            "there is no type null in OpenAPI 3.0"
        ]

    def test_a_file_is_a_type_at_the_top_of_a_response_in_2_0(self) -> None:
        text = """
            paths:
              /report:
                get:
                  produces: [application/pdf]
                  responses:
                    200: {description: The report., schema: {type: file}}
        """
        assert messages("schema-type-valid", of_paths(text, "2.0")) == []

    def test_a_property_called_type_is_no_type(self) -> None:
        assert messages("schema-type-valid", of_schemas("A: {type: object, properties: {type: {type: string}}}")) == []

    @pytest.mark.parametrize("key", ["allOf", "anyOf", "oneOf"])
    def test_parts_of_a_composition_may_leave_the_type_to_the_others(self, key: str) -> None:
        schema = f"A: {{type: object, {key}: [{{properties: {{a: {{type: string}}}}}}]}}"
        assert messages("schema-type-present", of_schemas(schema)) == []

    def test_a_schema_that_admits_anything_needs_no_type(self) -> None:
        assert messages("schema-type-present", of_schemas("A: {description: Anything.}\nB: {}\nC: {const: 1}")) == []

    def test_numbers_too_long_for_javascript_may_be_strings(self) -> None:
        assert messages("schema-type-format", of_schemas("A: {type: string, format: int64}")) == []
        assert messages("schema-type-format", of_schemas("A: {type: [string, 'null'], format: date}")) == []
        assert len(messages("schema-type-format", of_schemas("A: {type: integer, format: double}"))) == 1

    def test_boolean_schemas_are_passed_over(self) -> None:
        text = of_schemas(
            "A: {type: object, properties: {a: true, b: false}, additionalProperties: false, items: true}"
        )
        for found in api_rules():
            if found.id.startswith("schema-"):
                messages(found.id, text)

    def test_a_keyword_counts_where_one_of_several_types_has_it(self) -> None:
        assert (
            messages("schema-attribute-fit", of_schemas("A: {type: [string, integer], minimum: 1, maxLength: 3}")) == []
        )

    def test_tuples_say_what_they_hold_in_3_1(self) -> None:
        assert messages("schema-array-items", of_schemas("A: {type: array, prefixItems: [{type: string}]}")) == []
        assert messages("schema-array-items", of_schemas("A: {allOf: [{type: array}, {items: {type: string}}]}")) == []


class TestRequired:
    def test_another_part_of_the_composition_may_define_the_name(self) -> None:
        sibling = """
            A:
              allOf:
                - {$ref: '#/components/schemas/B'}
                - {required: [name]}
            B: {type: object, properties: {name: {type: string}}}
        """
        assert messages("schema-required-defined", of_schemas(sibling)) == []

    def test_a_schema_that_composes_this_one_may_define_the_name(self) -> None:
        mixin = """
            Outer:
              allOf: [{$ref: '#/components/schemas/Named'}]
              properties: {name: {type: string}}
            Named: {required: [name], properties: {note: {type: string}}}
        """
        assert messages("schema-required-defined", of_schemas(mixin)) == []
        assert messages("schema-required-defined", of_schemas(mixin.replace("allOf", "x-all"))) == [
            "name is required, but no property"
        ]

    def test_alternatives_that_only_require_are_defined_around_them(self) -> None:
        either = "A: {properties: {a: {}, b: {}}, oneOf: [{required: [a]}, {required: [b]}]}"
        assert messages("schema-required-defined", of_schemas(either)) == []
        assert len(messages("schema-required-defined", of_schemas(either.replace("[b]", "[c]")))) == 1

    def test_conditions_and_negations_define_nothing(self) -> None:
        schema = "A: {properties: {a: {}}, not: {required: [b]}, if: {required: [a]}, then: {required: [a]}}"
        assert messages("schema-required-defined", of_schemas(schema)) == []

    def test_maps_and_patterns_may_hold_the_name(self) -> None:
        assert (
            messages(
                "schema-required-defined",
                of_schemas("A: {properties: {a: {}}, required: [b], additionalProperties: {type: string}}"),
            )
            == []
        )
        assert (
            messages(
                "schema-required-defined",
                of_schemas("A: {properties: {a: {}}, required: [x-b], patternProperties: {'^x-': {}}}"),
            )
            == []
        )

    def test_schemas_that_contain_themselves_end(self) -> None:
        tree = "A: {required: [b], properties: {a: {}}, allOf: [{$ref: '#/components/schemas/A'}]}"
        assert messages("schema-required-defined", of_schemas(tree)) == ["b is required, but no property"]

    def test_a_mark_of_one_property_is_no_list(self) -> None:
        text = of_schemas("A: {type: object, properties: {a: {type: string, required: true}}}", "2.0")
        assert messages("schema-required-defined", text) == ["required is a list of names, not a mark of one property"]


class TestEnums:
    def test_null_is_a_value_of_nullable_schemas(self) -> None:
        assert (
            messages("schema-enum-typed", of_schemas("A: {type: string, nullable: true, enum: [a, null]}", "3.0")) == []
        )
        assert messages("schema-enum-typed", of_schemas("A: {type: [string, 'null'], enum: [a, null]}")) == []
        assert messages("schema-enum-typed", of_schemas("A: {type: string, enum: [a, null]}")) == [
            "null in enum: the type is string"
        ]

    def test_a_whole_number_is_an_integer_and_a_boolean_is_not(self) -> None:
        assert messages("schema-enum-typed", of_schemas("A: {type: integer, const: 1.0}")) == []
        assert messages("schema-enum-typed", of_schemas("A: {type: integer, const: true}")) == [
            "const true: the type is integer"
        ]

    def test_values_of_different_types_are_not_equal(self) -> None:
        assert messages("schema-enum-unique", of_schemas("A: {enum: [1, '1', true, 'true']}")) == []

    @pytest.mark.parametrize("values", ["de-DE, en, zh-Hant", "10 MB, kB", "active, 'on hold'", "a.b, C", "GET, POST"])
    def test_what_is_no_word_has_no_case(self, values: str) -> None:
        assert messages("schema-enum-case", of_schemas(f"A: {{enum: [{values}]}}")) == []

    def test_the_policy_may_demand_one_case(self) -> None:
        house = Policy(extra={"enum_case": "upper"})
        assert messages("schema-enum-case", of_schemas("A: {enum: [OPEN, paid]}"), house) == [
            "paid is not in upper case"
        ]
        assert messages("schema-enum-case", of_schemas("A: {enum: [OPEN, PAID]}"), house) == []

    def test_an_enum_beside_any_string_is_open(self) -> None:
        closed = """
            paths:
              /a:
                get:
                  responses:
                    '200':
                      description: A.
                      content: {application/json: {schema: {type: string, enum: [a, b]}}}
        """
        assert len(messages("schema-enum-extensible", of_paths(closed))) == 1
        extensible = closed.replace("enum: [a, b]", "x-extensible-enum: [a, b]")
        assert messages("schema-enum-extensible", of_paths(extensible)) == []
        assert messages("schema-enum-extensible", of_request("{type: string, enum: [a, b]}")) == []


class TestNullable:
    def test_nullable_beside_a_reference_or_a_composition_has_no_effect(self) -> None:
        schemas = """
            A: {nullable: true, $ref: '#/components/schemas/B'}
            B: {nullable: true, allOf: [{type: string}]}
            C: {nullable: true}
            D: {nullable: true, type: string}
            E: {nullable: false, allOf: [{type: string}]}
        """
        assert messages("schema-nullable", of_schemas(schemas, "3.0")) == [
            "nullable beside $ref is ignored: null is refused",
            "nullable has an effect only beside a type: null is not admitted by it",
            "nullable has an effect only beside a type: it is ignored",
        ]
        assert messages("schema-nullable", of_schemas(schemas, "3.1")) == []


class TestComposition:
    @pytest.mark.parametrize(
        "schema",
        [
            "{allOf: [{type: integer}, {type: number, minimum: 1}]}",
            "{allOf: [{type: [string, 'null']}, {type: string}]}",
            "{allOf: [{$ref: '#/components/schemas/B'}, {description: A B.}]}",
            "{oneOf: [{type: integer, maximum: 5}, {type: number, minimum: 6}]}",
            "{anyOf: [{type: integer}, {type: number}]}",
            "{type: object, allOf: [{properties: {a: {}}}, {properties: {b: {}}}]}",
        ],
    )
    def test_what_some_value_fits_is_sane(self, schema: str) -> None:
        assert messages("schema-composition-sane", of_schemas(f"A: {schema}\nB: {{type: string}}")) == []

    @pytest.mark.parametrize(
        "schema",
        [
            "{allOf: [{type: string}, {type: integer}]}",
            "{type: object, allOf: [{$ref: '#/components/schemas/B'}]}",
            "{oneOf: [{type: integer}, {type: number}]}",
            "{oneOf: [{type: string}, {}]}",
            "{oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/B'}]}",
            "{anyOf: []}",
        ],
    )
    def test_what_no_value_fits_is_not(self, schema: str) -> None:
        assert len(messages("schema-composition-sane", of_schemas(f"A: {schema}\nB: {{type: string}}"))) == 1

    def test_a_closed_schema_refuses_what_its_own_parts_define(self) -> None:
        around = "A: {additionalProperties: false, properties: {a: {}}, allOf: [{properties: {b: {}}}]}"
        assert messages("schema-closed-objects", of_schemas(around)) == [
            "the schema is closed and refuses b, which other parts define"
        ]
        assert (
            messages(
                "schema-closed-objects", of_schemas(around.replace("properties: {a: {}}", "properties: {a: {}, b: {}}"))
            )
            == []
        )

    def test_only_requests_are_told_to_close(self) -> None:
        opened = "{type: object, properties: {a: {}}, additionalProperties: true}"
        assert len(messages("schema-closed-objects", of_request(opened))) == 1
        assert messages("schema-closed-objects", of_request(opened.replace("true", "{type: string}"))) == []
        assert messages("schema-closed-objects", of_request("{type: object, additionalProperties: true}")) == []
        assert messages("schema-closed-objects", of_schemas(f"A: {opened}")) == []


class TestDiscriminators:
    def test_a_base_that_every_alternative_composes_may_define_the_property(self) -> None:
        pets = """
            Pet:
              type: object
              required: [kind]
              properties: {kind: {type: string}}
              discriminator:
                propertyName: kind
                mapping: {cat: Cat, dog: '#/components/schemas/Dog', other: other.yaml#/Other}
            Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object}]}
            Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object}]}
            Any:
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {type: 'null'}]
              discriminator: {propertyName: kind}
        """
        assert messages("schema-discriminator", of_schemas(pets)) == []
        assert messages("schema-discriminator", of_schemas(pets.replace("cat: Cat", "cat: Kat"))) == [
            "cat is mapped to Kat, but no schema has that name"
        ]
        assert len(messages("schema-discriminator", of_schemas(pets.replace("required: [kind]", "x-r: 1")))) == 3

    def test_a_name_is_the_discriminator_of_2_0(self) -> None:
        pet = "Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}"
        assert messages("schema-discriminator", of_schemas(pet, "2.0")) == []
        assert messages("schema-discriminator", of_schemas(pet, "3.0")) == [
            "the discriminator names no property (propertyName)"
        ]

    def test_nested_alternatives_may_define_what_the_outer_does_not(self) -> None:
        nested = """
            Any: {oneOf: [{$ref: '#/components/schemas/Inner'}], discriminator: {propertyName: kind}}
            Inner: {oneOf: [{$ref: '#/components/schemas/Leaf'}]}
            Leaf: {type: object, required: [kind], properties: {kind: {const: leaf}}}
        """
        assert messages("schema-discriminator", of_schemas(nested)) == []
