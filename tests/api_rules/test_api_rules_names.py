"""Names: casing by policy, documents that have another case throughout, plurals, times, collisions."""

from __future__ import annotations

import pytest
from rule_hits import messages, of_paths, of_schemas, places

from knowledge.api.node import Policy
from knowledge.rules.api._name_parts import collisions, singular, words


def properties(*names: str) -> str:
    return of_schemas(
        "A: {type: object, properties: {" + ", ".join(f"'{name}': {{type: string}}" for name in names) + "}}"
    )


class TestPropertyCase:
    def test_the_policy_settles_the_case(self) -> None:
        text = properties("a_b", "c_d", "e_f", "g_h", "iJ")
        assert messages("name-property-case", text) == ["iJ is not in snake case"]
        assert messages("name-property-case", text, Policy(property_case="auto")) == ["iJ is not in snake case"]
        assert messages("name-property-case", text, Policy(property_case="any")) == []

    def test_what_is_one_word_or_none_is_in_every_case(self) -> None:
        text = properties("id", "@id", "_links", "$ref", "+1", "a.b", "größe")
        for case in ("snake", "camel"):
            assert messages("name-property-case", text, Policy(property_case=case)) == []

    def test_a_document_with_the_other_case_throughout_is_reported_once(self) -> None:
        text = properties(*(f"name{letter}" for letter in "ABCDEFGH"))
        assert messages("name-property-case", text) == [
            "properties are in camel case throughout (nameA, nameB, nameC), the policy wants snake case"
        ]
        assert messages("name-property-case", text, Policy(property_case="auto")) == []

    def test_names_stand_where_they_are_found(self) -> None:
        assert places("name-property-case", properties("a_b", "cD")) == ["components/schemas/A/properties/cD"]


class TestSchemaCase:
    def test_a_name_space_before_the_last_dot_may_be_written_otherwise(self) -> None:
        assert messages("name-schema-case", of_schemas("com.shop.Order: {}\nHTTPError: {}")) == []
        assert messages("name-schema-case", of_schemas("com.shop.order: {}")) == [
            "the name of the schema com.shop.order is not in PascalCase"
        ]

    def test_many_names_are_one_finding_in_every_version(self) -> None:
        schemas = "\n".join(f"thing_{number}: {{}}" for number in range(20))
        assert places("name-schema-case", of_schemas(schemas)) == ["components/schemas"]
        assert places("name-schema-case", of_schemas(schemas, "2.0")) == ["definitions"]


class TestWords:
    def test_names_are_taken_apart_in_every_case(self) -> None:
        assert words("createdAt") == words("created_at") == words("Created-At") == ["created", "at"]
        assert words("parseHTMLBody2") == ["parse", "html", "body", "2"]
        assert list(collisions(["user_ID", "UserId", "userid"], {})) == [("user_ID", "UserId"), ("UserId", "userid")]
        assert list(collisions(["p_p", "pp", "_pp", "+1", "-1", "a", "aa"], {})) == []

    @pytest.mark.parametrize("name", ["line", "order_line", "orderLine", "category"])
    def test_words_for_one_thing_are_singular(self, name: str) -> None:
        assert singular(name)

    @pytest.mark.parametrize(
        "name",
        ["lines", "data", "metadata", "children", "path", "order_history", "tagList", "allowed", "settings", "x", "in"],
    )
    def test_words_for_many_or_without_a_plural_are_not(self, name: str) -> None:
        assert not singular(name)

    def test_vectors_and_tuples_need_no_plural(self) -> None:
        schemas = (
            "A: {properties: {point: {type: array, items: {type: number}}, pair: {type: array, prefixItems: [{}]}}}"
        )
        assert messages("name-array-plural", of_schemas(schemas)) == []


class TestTimes:
    @pytest.mark.parametrize("name", ["format", "chat", "update", "candidate", "flat", "what"])
    def test_words_that_only_end_like_times_are_none(self, name: str) -> None:
        assert messages("name-date-suffix", properties(name)) == []

    @pytest.mark.parametrize(
        "name", ["created", "expires", "valid_until", "startTime", "modified", "lastSeen", "birthday", "eta"]
    )
    def test_words_for_times_are_enough(self, name: str) -> None:
        text = of_schemas(f"A: {{type: object, properties: {{{name}: {{type: [string, 'null'], format: date-time}}}}}}")
        assert messages("name-date-suffix", text) == []

    def test_a_pattern_or_a_number_says_what_is_sent(self) -> None:
        text = (
            "A: {type: object, properties: {paid_at: {type: integer}, sent_at: {type: string, pattern: '^[0-9]{8}$'}}}"
        )
        assert messages("name-date-suffix", of_schemas(text)) == []


class TestCollisions:
    def test_signs_that_generators_keep_make_a_difference(self) -> None:
        assert messages("name-collision", properties("+1", "-1", "a", "aa")) == []
        assert len(messages("name-collision", properties("a-b", "a_b", "aB"))) == 2

    def test_types_without_a_majority_are_left_alone(self) -> None:
        schemas = "A: {properties: {id: {type: string}}}\nB: {properties: {id: {type: integer}}}"
        assert messages("name-common-fields", of_schemas(schemas)) == []

    def test_arguments_of_one_call_collide_across_places(self) -> None:
        text = """
            paths:
              /shops/{shop_id}/orders:
                parameters: [{name: shop_id, in: path, required: true, schema: {type: string}}]
                get:
                  operationId: PLACEHOLDER
                  parameters: [{name: shopId, in: query, schema: {type: string}}]
                  responses: {'200': {description: The orders.}}
        """
        assert messages("new-codegen-ready", of_paths(text)) == [
            "shopId (query) and shop_id (path) are one argument in generated code"
        ]
        overridden = text.replace("name: shopId, in: query", "name: shop_id, in: path, required: true")
        assert messages("new-codegen-ready", of_paths(overridden.replace("PLACEHOLDER", "import"))) == [
            "the operation is called import, a reserved word in clients"
        ]

    def test_schemas_that_no_type_can_be_called_after_are_found(self) -> None:
        assert messages("new-codegen-ready", of_schemas("Order: {}\norder: {}\n2fa: {}\nV1.Order: {}")) == [
            "the schemas Order and order are one type in generated code",
            "the schema 2fa has no name that a type can have",
        ]
