"""MongoDB: decisions with the fact that flips them, validators as JSON schemas, and indexes that mean what SQL's do."""

from __future__ import annotations

import json
from textwrap import fill
from typing import Any

import jsonschema_rs
import pytest
from data_formats_catalog import EXAMPLES, example
from data_formats_node import run
from inline_snapshot import snapshot

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.tables import tables
from knowledge.document_model import Placement, document_model
from knowledge.document_model.size import LIMIT, document_size
from knowledge.formats.mongodb.json_schema import translated
from knowledge.formats.mongodb.writer import DECISIONS, SCRIPT, write_mongodb

COLLECT = """
const made = {}; const indexes = [];
const db = {
  createCollection: (name, options) => { made[name] = options.validator.$jsonSchema; },
  getCollection: (name) => ({ createIndex: (keys, options) => indexes.push({ collection: name, keys, options }) }),
};
%s
console.log(JSON.stringify({ made, indexes }));
"""


async def collected(blueprint: Blueprint, most: dict[str, int] | None = None) -> Any:
    """What the script asks a database for."""
    return json.loads(await run("-e", COLLECT % write_mongodb(blueprint, most)[SCRIPT]))


def changed(name: str, **relation: Any) -> Blueprint:
    """The shop, with the relation of its order lines to orders changed."""
    blueprint = example("shop")
    line = blueprint.resources["order_line"]
    belongs = {**line.belongs_to, "order": line.belongs_to["order"].model_copy(update=relation)}
    resources = {**blueprint.resources, name: line.model_copy(update={"belongs_to": belongs})}
    return blueprint.model_copy(update={"resources": resources})


def test_every_relation_is_decided_in_one_sentence_with_the_fact_that_flips_it() -> None:
    for name in EXAMPLES:
        blueprint = example(name)
        found = document_model(blueprint).decisions
        relations = [
            f"{resource.name}.{relation}"
            for resource in blueprint.resources.values()
            for relation in (*resource.belongs_to, *resource.many_to_many)
        ]
        assert [decision.relation for decision in found] == relations
        for decision in found:
            assert decision.reason.endswith(".")
            assert decision.reason.count(". ") == 0
            assert decision.flip


def test_what_the_shop_is_told() -> None:
    found = document_model(example("shop"), {"order_line.order": 200}).decisions
    told = [fill(str(decision), 110) for decision in found if decision.child in ("order", "order_line", "tag")]
    assert "\n".join(told) == snapshot("""\
product.tags: ids. A pair has no values of its own and is read from the product, so the product holds the ids
of its tags. It would be otherwise if a product had more than 555,981 tags, or pairs had values of their own.
order.customer: reference. An order needs a life of its own: order line points to it. It would be otherwise if
nothing else pointed to an order.
order.coupon: reference. An order needs a life of its own: order line points to it. It would be otherwise if
nothing else pointed to an order.
order_line.order: embed. An order is known to have at most 200 order lines, read and deleted with it; 75,894
order lines of up to 212 bytes fit into the 16 MB of a document. It would be otherwise if something else
pointed to an order line, or an order had over 75,894 of them.
order_line.product: reference. An order line outlives its product, or keeps it from being deleted. It would be
otherwise if every order line were deleted with its product (required, on_delete: cascade).\
""")


@pytest.mark.parametrize(
    ("relation", "most", "word"),
    [
        ({}, {}, "Nothing bounds"),
        ({"on_delete": "restrict"}, {"order_line.order": 10}, "outlives"),
        ({"required": False}, {"order_line.order": 10}, "outlives"),
        ({"nested": False}, {"order_line.order": 10}, "listed across all"),
        ({}, {"order_line.order": 10_000_000}, "but only"),
    ],
)
def test_each_fact_alone_flips_an_embedded_relation(relation: dict[str, Any], most: dict[str, int], word: str) -> None:
    embedded = document_model(example("shop"), {"order_line.order": 10}).of("order_line", "order")
    assert embedded.placement is Placement.EMBED
    flipped = document_model(changed("order_line", **relation), most).of("order_line", "order")
    assert flipped.placement is Placement.REFERENCE
    assert word in flipped.reason


def test_rows_that_are_pointed_to_and_rows_of_one_kind_stay_apart() -> None:
    found = document_model(example("shop"), {"order.customer": 1, "category.parent": 1})
    assert "order line points to it" in found.of("order", "customer").reason
    assert found.of("category", "parent").placement is Placement.REFERENCE


def test_what_is_unique_bounds_the_rows_of_a_parent() -> None:
    text = """
    name: sample
    resources:
      user:
        fields: {name: {type: string}}
        operations: {list: {}, get: {}}
      preference:
        belongs_to: {user: {resource: user, on_delete: cascade, nested: true}}
        unique: [[user, kind]]
        fields: {kind: {type: enum, values: [mail, push, sms]}, active: {type: boolean}}
        operations: {list: {}, get: {}, create: {}}
    """
    blueprint = read_blueprint(text)
    decision = document_model(blueprint).of("preference", "user")
    assert (decision.placement, decision.most) == (Placement.EMBED, 3)
    assert "since user, kind are unique together" in decision.reason


async def test_embedded_rows_are_a_list_of_their_parent_and_have_no_collection() -> None:
    found = await collected(example("shop"), {"order_line.order": 200})
    assert "order_lines" not in found["made"]
    lines = found["made"]["orders"]["properties"]["order_lines"]
    assert lines["maxItems"] == 200
    assert "order_id" not in lines["items"]["properties"]
    assert {"order_lines.product_id": 1} in [index["keys"] for index in found["indexes"]]


async def test_a_collection_of_pairs_where_the_ids_would_not_fit() -> None:
    found = await collected(example("blog"), {"post.tags": 10_000_000})
    assert set(found["made"]["post_tags"]["properties"]) == {"_id", "post_id", "tag_id"}
    (unique,) = [index for index in found["indexes"] if index["collection"] == "post_tags"]
    assert unique["options"]["unique"]


@pytest.mark.parametrize("name", EXAMPLES)
async def test_validators_are_valid_schemas_of_all_columns_and_indexes_are_those_of_the_tables(name: str) -> None:
    blueprint = example(name)
    found = await collected(blueprint)
    for table in tables(blueprint):
        if not table.resource:
            continue
        schema = found["made"][table.name]
        jsonschema_rs.validator_for(translated(schema))
        columns = {"_id" if column.name == "id" else column.name for column in table.columns}
        assert columns <= set(schema["properties"])
        made = {index["options"]["name"]: index for index in found["indexes"] if index["collection"] == table.name}
        for index in table.indexes:
            keys = {("_id" if part.name == "id" else part.name): -1 if part.descending else 1 for part in index.columns}
            assert list(made[index.name]["keys"].items()) == list(keys.items())
            assert made[index.name]["options"].get("unique", False) is index.unique


async def test_several_rows_without_a_unique_value_are_allowed_as_in_sql() -> None:
    text = """
    name: sample
    resources:
      user:
        soft_delete: true
        fields: {nick: {type: string, required: false, unique: true}}
        operations: {list: {}, get: {}, delete: {}}
    """
    found = await collected(read_blueprint(text))
    (unique,) = [index["options"] for index in found["indexes"] if index["options"].get("unique")]
    assert unique["partialFilterExpression"] == {"deleted_at": None, "nick": {"$type": "string"}}
    assert "deleted_at" in found["made"]["users"]["required"]


def test_sizes_are_those_of_bson() -> None:
    table = next(table for table in tables(example("blog")) if table.name == "tags")
    # {_: length 4 + end 1} + id, name (4 bytes a character), created_at, updated_at
    assert document_size(table) == 5 + (1 + 3 + 21) + (1 + 5 + 4 + 160 + 1) + 2 * (1 + 11 + 8)
    assert LIMIT == 16_777_216


def test_the_decisions_are_a_table_to_read() -> None:
    text = write_mongodb(example("blog"))[DECISIONS]
    assert text.splitlines()[2:4] == ["| relation | decision | because | otherwise if |", "|---|---|---|---|"]
    alone = "name: sample\nresources:\n  tag:\n    fields: {name: {type: string}}\n    operations: {list: {}}\n"
    assert "There are no relations." in write_mongodb(read_blueprint(alone))[DECISIONS]
