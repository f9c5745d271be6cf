"""Traps of rules about lists: what is no list, what pages under another name, what cannot grow."""

from __future__ import annotations

import pytest
from rule_hits import messages, of_paths

from knowledge.api.node import Policy

ROWS = "{type: object, properties: {data: {type: array, items: {type: object}}}}"
BARE = "{type: array, items: {type: object}}"
LIMIT = "{name: limit, in: query, schema: {type: integer, maximum: 100, default: 20}}"


def listing(schema: str, parameters: str = "", path: str = "/orders", more: str = "", headers: str = "") -> str:
    """A document with one GET that answers ``schema``."""
    answer = f"{{description: A., headers: {{{headers}}}, content: {{application/json: {{schema: {schema}}}}}}}"
    return of_paths(
        f"paths:\n  {path}:\n    get: {{parameters: [{parameters}], responses: {{'200': {answer}}}}}\n{more}"
    )


class TestLists:
    @pytest.mark.parametrize("schema", [ROWS, BARE, "{allOf: [{$ref: '#/components/schemas/Orders'}]}"])
    def test_lists_are_found_in_every_shape(self, schema: str) -> None:
        more = "components: {schemas: {Orders: {properties: {orders: {type: array, items: {properties: {}}}}}}}\n"
        assert len(messages("page-list-paginated", listing(schema, more=more))) == 1

    @pytest.mark.parametrize(
        "name",
        ["page", "offset", "pageToken", "starting_after", "$top", "page[number]", "cursor", "since", "maxResults"],
    )
    def test_every_usual_name_pages(self, name: str) -> None:
        assert messages("page-list-paginated", listing(ROWS, f"{{name: '{name}', in: query, schema: {{}}}}")) == []

    @pytest.mark.parametrize(
        "schema, path",
        [
            ("{type: object, properties: {data: {type: array, maxItems: 50, items: {type: object}}}}", "/orders"),
            ("{type: array, items: {type: string}}", "/countries"),
            ("{type: object, properties: {rules: {type: array, items: {type: object}}}}", "/settings"),
            (BARE, "/orders/{id}"),
            (ROWS, "/me"),
            ("{type: object, properties: {a: {type: array, items: {}}, b: {type: array, items: {}}}}", "/orders"),
            ("{type: object}", "/orders"),
        ],
    )
    def test_what_is_no_list_or_cannot_grow_need_not_page(self, schema: str, path: str) -> None:
        assert messages("page-list-paginated", listing(schema, path=path)) == []

    def test_shared_parameters_of_the_path_page_as_well(self) -> None:
        text = of_paths(f"""
        paths:
          /orders:
            parameters: [{{$ref: '#/components/parameters/Page'}}]
            get:
              responses: {{'200': {{description: A., content: {{application/json: {{schema: {BARE}}}}}}}}}
        components: {{parameters: {{Page: {{name: page, in: query, schema: {{type: integer}}}}}}}}
        """)
        assert messages("page-list-paginated", text) == []


class TestPages:
    @pytest.mark.parametrize(
        "schema, lacking",
        [
            ("{type: integer, maximum: 10, default: 5}", []),
            ("{type: integer, enum: [10, 20], default: 10}", []),
            ("{$ref: '#/components/schemas/Limit'}", []),
            ("{anyOf: [{type: integer, maximum: 9}, {type: 'null'}], default: 5}", []),
            ("{type: integer, maximum: 10}", ["limit of get /orders lacks a default"]),
            ("{type: string}", ["limit of get /orders lacks the type integer and a maximum and a default"]),
        ],
    )
    def test_a_size_has_a_type_a_maximum_and_a_default(self, schema: str, lacking: list[str]) -> None:
        more = "components: {schemas: {Limit: {type: integer, maximum: 10, default: 5}}}\n"
        assert (
            messages("page-params", listing(ROWS, f"{{name: limit, in: query, schema: {schema}}}", more=more))
            == lacking
        )

    def test_a_size_of_something_else_is_no_page(self) -> None:
        text = listing("{type: object}", "{name: size, in: query, schema: {type: string}}", path="/shirts/{id}")
        assert messages("page-params", text) == []

    def two(self, one: str, other: str) -> str:
        kinds = {"page": "integer", "offset": "integer"}
        lines = [
            f"  /{path}: {{get: {{parameters: [{LIMIT}, {{name: {name}, in: query, schema: "
            f"{{type: {kinds.get(name, 'string')}}}}}], responses: {{'200': {{description: A.}}}}}}}}\n"
            for path, name in (("a", one), ("b", other), ("c", other))
        ]
        return of_paths("paths:\n" + "".join(lines))

    def test_the_minority_is_told_where_the_policy_says_nothing(self) -> None:
        assert messages("page-prefer-cursor", self.two("cursor", "page")) == [
            "get /a is paged by cursor; most lists are paged by offset"
        ]
        assert messages("page-prefer-cursor", self.two("page", "offset")) == []

    def test_the_policy_decides_otherwise(self) -> None:
        text = self.two("cursor", "page")
        assert len(messages("page-prefer-cursor", text, Policy(paging="cursor"))) == 2
        assert len(messages("page-prefer-cursor", text, Policy(paging="offset"))) == 1

    def test_a_page_that_is_a_text_is_a_cursor(self) -> None:
        text = self.two("cursor", "next_page").replace("next_page", "page")
        assert messages("page-prefer-cursor", text, Policy(paging="cursor")) == []

    def test_a_link_header_leads_on_from_a_bare_array(self) -> None:
        assert messages("page-envelope", listing(BARE, LIMIT, headers="link: {schema: {type: string}}")) == []
        assert len(messages("page-envelope", listing(BARE, LIMIT))) == 1
        assert messages("page-envelope", listing(ROWS, LIMIT)) == []

    def test_a_search_may_post(self) -> None:
        head = "paths:\n  {}:\n    post: {{parameters: [{}, {{name: cursor, in: query, schema: {{}}}}], "
        tail = "responses: {'200': {description: A.}}}\n"
        assert messages("page-no-post", of_paths(head.format("/orders/search", LIMIT) + tail)) == []
        assert messages("page-no-post", of_paths(head.format("/orders:query", LIMIT) + tail)) == []
        assert len(messages("page-no-post", of_paths(head.format("/orders", LIMIT) + tail))) == 1
