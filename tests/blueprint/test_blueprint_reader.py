"""Blueprints as people write them: examples, YAML and JSON, names filled in, problems in plain words."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from knowledge.blueprint.identifiers import MAX_BYTES, derived_name
from knowledge.blueprint.plurals import plural_of
from knowledge.blueprint.problems import BlueprintError
from knowledge.blueprint.reader import read_blueprint

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = """\
name: shop
resources:
  category:
    fields:
      title: {type: string, required: false}
    operations:
      list: {access: [public]}
"""


def _told(text: str) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        read_blueprint(text, path="shop.yaml")
    return [part for line in str(caught.value).splitlines() for part in wrap(line, 100, subsequent_indent="  ")]


@pytest.mark.parametrize("name", ["blog", "shop", "every_feature"])
def test_the_examples_are_read(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    assert read_blueprint(path.read_text(), path=path.name).name == name.replace("_", "-")


def test_the_blog_indexes_posts_by_user_and_the_shop_has_ten_resources_of_tenants() -> None:
    blog = read_blueprint((EXAMPLES / "blog.yaml").read_text())
    assert blog.resources["post"].belongs_to["user"].nested and blog.resources["post"].owner == "user"
    shop = read_blueprint((EXAMPLES / "shop.yaml").read_text())
    assert len(shop.resources) == 10
    assert all(resource.tenant for resource in shop.resources.values())


def test_names_and_plurals_are_filled_in() -> None:
    category = read_blueprint(SMALL).resources["category"]
    assert (category.name, category.plural, category.path, category.class_name) == (
        "category",
        "categories",
        "categories",
        "Category",
    )


def test_json_is_read_as_yaml_is() -> None:
    blueprint = read_blueprint(SMALL)
    data = blueprint.model_dump(mode="json", exclude_defaults=True)
    data["description"] = "Smiles 😀 and \\ud83d\\ude00"
    for text in (json.dumps(data), json.dumps(data, indent="\t"), "\ufeff" + json.dumps(data, ensure_ascii=False)):
        read = read_blueprint(text)
        assert read.resources == blueprint.resources
        assert read.description == data["description"]


def test_words_that_old_yaml_takes_for_something_else_stay_words() -> None:
    text = SMALL.replace(
        "{type: string, required: false}", "{type: enum, values: [yes, no, on, 12:30, 0x1F, 2030-01-31]}"
    )
    assert read_blueprint(text).resources["category"].fields["title"].values == (
        "yes",
        "no",
        "on",
        "12:30",
        "0x1F",
        "2030-01-31",
    )


def test_an_anchor_can_be_repeated_by_aliases() -> None:
    text = SMALL.replace("{access: [public]}", "&open {access: [public]}\n      get: *open")
    assert read_blueprint(text).resources["category"].operations.offered.keys() == {"list", "get"}


def test_sql_keywords_are_names_like_others() -> None:
    for word in ("order", "user", "group", "select", "where", "grant", "primary", "check", "join", "end"):
        text = SMALL.replace("category", word).replace("title", "desc")
        assert read_blueprint(text).resources[word].plural == plural_of(word)


def test_all_problems_of_shape_are_told_at_once_in_plain_words() -> None:
    text = """\
nmae: shop
resources:
  category:
    fields:
      title: {type: strng, required: yes, max_length: -1}
      slug: {max: 3, values: a}
    operations:
      get:
      list: {pagination: curser, default_limit: 2.5, cache: [1]}
"""
    assert _told(text) == snapshot(
        [
            "shop.yaml: line 1, column 1: name: name is missing. Write name: shop.",
            "shop.yaml: line 1, column 1: nmae: 'nmae' is not a known key here. Did you mean name? Known: name,",
            "  description, api_version, auth, rate_limit, interfaces, resources.",
            "shop.yaml: line 5, column 15: resources.category.fields.title.type: The text 'strng' is not known",
            "  here. Did you mean string? Known: string, text, integer, decimal, boolean, datetime, date, uuid,",
            "  enum, json.",
            "shop.yaml: line 5, column 28: resources.category.fields.title.required: True or false is expected",
            "  here, not the text 'yes'. Write true or false.",
            "shop.yaml: line 5, column 43: resources.category.fields.title.max_length: The number -1 is too",
            "  small. Write a number of at least 0.",
            "shop.yaml: line 6, column 7: resources.category.fields.slug.type: type is missing. Write type:",
            "  string, or another type.",
            "shop.yaml: line 6, column 14: resources.category.fields.slug.max: 'max' is not a known key here. Did",
            "  you mean maximum? Known: type, description, required, default, unique, min_length, max_length,",
            "  format, minimum, maximum, precision, scale and 4 more.",
            "shop.yaml: line 6, column 22: resources.category.fields.slug.values: A list is expected here, not",
            "  the text 'a'. Write a list, as in [one, two].",
            "shop.yaml: line 8, column 7: resources.category.operations.get: 'get' has no value. Write a value",
            "  ({} for an operation with the defaults) or delete it.",
            "shop.yaml: line 9, column 14: resources.category.operations.list.pagination: The text 'curser' is",
            "  not known here. Did you mean cursor? Known: offset, cursor.",
            "shop.yaml: line 9, column 34: resources.category.operations.list.default_limit: A whole number is",
            "  expected here, not the number 2.5. Write a whole number, without quotes.",
            "shop.yaml: line 9, column 54: resources.category.operations.list.cache: A mapping is expected here,",
            "  not a list. Write keys and values, one `key: value` a line, or {} for none.",
        ]
    )


def test_all_problems_of_meaning_are_told_at_once_in_plain_words() -> None:
    text = SMALL.replace("title: {type: string", "class: {type: date, default: today, min_length: 5")
    text = text.replace("[public]", "[pubic, owner], sort: [titel], embed: [parent]")
    assert _told(text) == snapshot(
        [
            "shop.yaml: line 5, column 7: resources.category.fields.class: A field cannot be called class: Python",
            "  keeps the word for itself. Write another name, as in class_value.",
            "shop.yaml: line 5, column 43: resources.category.fields.class.min_length: A field of type date has",
            "  no min_length. Delete it; it belongs to fields of type string, text.",
            "shop.yaml: line 7, column 23: resources.category.operations.list.access.0: 'pubic' is no access",
            "  rule. Did you mean public? Known: public, authenticated, tenant, owner, role:<name>.",
            "shop.yaml: line 7, column 30: resources.category.operations.list.access.1: Rows of category have no",
            "  owner. Write owner: owner_id for category, or another rule here.",
            "shop.yaml: line 7, column 45: resources.category.operations.list.sort.0: category has no field",
            "  'titel'. Write one of: class.",
            "shop.yaml: line 7, column 61: resources.category.operations.list.embed.0: category has no belongs_to",
            "  relation 'parent'. Delete it.",
        ]
    )


def test_a_name_is_corrected_in_the_remedy() -> None:
    assert _told(SMALL.replace("category", "OrderLine").replace("title", "Größe in cm")) == snapshot(
        [
            "shop.yaml: line 3, column 3: resources.OrderLine: A resource cannot be called 'OrderLine'. Write",
            "  order_line: small letters a-z and digits, words joined by one _, a letter first, at most 40",
            "  characters.",
            "shop.yaml: line 5, column 7: resources.OrderLine.fields.'Gr\\xf6\\xdfe in cm': A field cannot be",
            "  called 'Gr\\xf6\\xdfe in cm'. Write grosse_in_cm: small letters a-z and digits, words joined by one",
            "  _, a letter first, at most 40 characters.",
        ]
    )


def test_a_misspelt_resource_is_recognised() -> None:
    text = SMALL + "  product:\n    belongs_to: {shelf: {resource: categroy}}\n    fields: {a: {type: date}}\n"
    assert _told(text + "    operations: {list: {}}\n") == snapshot(
        [
            "shop.yaml: line 9, column 26: resources.product.belongs_to.shelf.resource: There is no resource",
            "  'categroy'. Did you mean category? Known: category, product.",
        ]
    )


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("category", "categories"),
        ("address", "addresses"),
        ("box", "boxes"),
        ("day", "days"),
        ("branch", "branches"),
        ("wish", "wishes"),
        ("quiz", "quizzes"),
        ("analysis", "analyses"),
        ("person", "people"),
        ("soliloquy", "soliloquies"),
        ("shelf", "shelves"),
        ("order_line", "order_lines"),
        ("stock_entry", "stock_entries"),
        ("status", "statuses"),
        ("index", "indexes"),
        ("photo", "photos"),
        ("k9", "k9s"),
        ("news", "news"),
    ],
)
def test_plurals_are_english(singular: str, plural: str) -> None:
    assert plural_of(singular) == plural


@given(st.lists(st.text("ab_", min_size=1, max_size=40), min_size=1, max_size=6, unique=True))
def test_derived_names_fit_and_stay_apart(columns: list[str]) -> None:
    name = derived_name("ix", "t" * 40, *columns)
    assert len(name) <= MAX_BYTES
    assert name != derived_name("ix", "t" * 40, *columns, "more")
    assert name == derived_name("ix", "t" * 40, *columns)
