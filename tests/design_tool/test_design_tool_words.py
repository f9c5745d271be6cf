"""Sentences: what is understood becomes part of the design, what is not is refused with what would be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.design.feature import Design, design_feature
from knowledge.design.sentence import LONGEST, FeatureError
from knowledge.design.singulars import singular

BLOG = read_blueprint((Path(__file__).parents[2] / "examples" / "blog.yaml").read_text(encoding="utf-8"))


def refused(text: str, base: Blueprint | None = None) -> str:
    with pytest.raises(FeatureError) as caught:
        design_feature(text, base)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("list posts", ["list_posts"]),
        ("LIST ALL OF THE USER'S POSTS.", ["list_user_posts"]),
        ("list users\u2019 posts", ["list_user_posts"]),
        ("please show a post", ["get_post"]),
        ("get posts", ["list_posts"]),
        ("list a bus's news", ["list_bus_news_items"]),
        ("list children of a person", ["list_person_children"]),
        ("list a category's boxes", ["list_category_boxes"]),
        ("list analyses", ["list_analyses"]),
        ("list an order's order lines", ["list_order_order_lines"]),
        ("list comments in a thread", ["list_thread_comments"]),
        ("list posts; create a post\ndelete a post", ["list_posts", "create_post", "delete_post"]),
        ("get a post. update a post", ["get_post", "update_post"]),
        ("list a comment's comments", ["list_comment_comments"]),
    ],
)  # fmt: skip
def test_words_name_the_operations_that_are_designed(text: str, operations: list[str]) -> None:
    assert list(design_feature(text).focus) == operations


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing is described"),
        ("approve an order", "does not say what is done"),
        ("list posts, page by carrier pigeon", "is not understood"),
        ("list posts by user", "'by' is no part of a name"),
        ("add a comment to a post", "'to' is no part of a name"),
        ("list posts of a user of a company", "'of' is no part of a name"),
        ("search posts", "search title, body"),
        ("create a post, filter by status", "filter is of lists"),
        ("list posts, page by cursor, with totals", "two things are said about the paging"),
        ("list posts, sort by title, page by cursor", "a cursor walks newest first only"),
        ("list posts, public; list a user's posts, owner only", "two things are said about the callers"),
        ("create a post, at most 5 per minute; create a post, at most 6 per minute", "rate limit"),
        ("create a post, fields title string, title text", "already, of type string"),
        ("create a post, fields price money", "is no type; use boolean"),
        ("create a post, fields first name string", "one type follows the name"),
        ("list posts, with their comments", "list a post's comments"),
        ("list posts, 1000000 per page", "at most 100"),
        ("list posts, public, owner only", "public lets in everybody"),
        ("create a thing, fields class string", "class_value"),
        ("list posts'; DROP TABLE users; --", "does not say what is done"),
        ("list {{7*7}}", "does not say what is done"),
        ("list posts, filter by {{7*7}}", "cannot be called '7_7'"),
        ("list " + "a" * 300 + "s", "the name is too long"),
    ],
)
def test_what_cannot_be_designed_is_refused_with_the_way_out(text: str, told: str) -> None:
    assert told in refused(text)
    assert len(refused(text)) < 900


def test_a_refusal_speaks_of_the_description_and_not_of_a_text_that_nobody_wrote() -> None:
    assert "line 1" not in refused("create a thing, fields id uuid")


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "list posts, " * 9_000, "list a" + "a's b" * 20_000, "list " + "a " * 50_000]
)
def test_a_book_is_refused_by_its_length(text: str) -> None:  # fmt: skip
    assert (
        refused(text)
        == f"the description has {len(text):,} characters, more than {LONGEST:,}: write a blueprint instead"
    )


@given(st.text(max_size=300) | st.text(alphabet="list get a's ,;\n|posts of and by fields 0", max_size=200))
def test_any_text_is_designed_or_refused(text: str) -> None:
    try:
        assert isinstance(design_feature(text), Design)
    except FeatureError as error:
        assert str(error)


def test_a_word_and_a_list_are_told_apart() -> None:
    found = design_feature("list posts, filter by status and kind and newest first, public and with totals")
    listing = found.blueprint.resources["post"].operations.list
    assert listing is not None and list(listing.filter) == ["status", "kind"]
    assert listing.pagination == "offset" and list(map(str, listing.access)) == ["public"]


def test_a_type_may_be_said_after_the_field_was_named() -> None:
    found = design_feature("list posts, filter by status; create a post, fields status open|done")
    assert found.blueprint.resources["post"].fields["status"].values == ("open", "done")
    assert not [told for told in found.assumptions if "post.status" in told]


def test_events_are_those_that_can_happen() -> None:
    assert [*design_feature("create a post, emits events").blueprint.resources["post"].events] == ["created"]


def test_a_project_keeps_what_it_has() -> None:
    assert "has no field author" in refused("list posts, filter by status and author", BLOG)
    assert "it has" in refused("list posts, filter by colour", BLOG)
    assert "already, of type enum" in refused("create a post, fields status string", BLOG)
    found = design_feature("list posts", BLOG)
    assert found.blueprint.resources["post"].fields == BLOG.resources["post"].fields
    assert set(found.blueprint.resources) == set(BLOG.resources)


def test_what_a_sentence_changes_in_a_project_is_told() -> None:
    told = " ".join(design_feature("list posts, role editor", BLOG).assumptions)
    assert "is there already, and this changes its access" in told
    assert "no CDN keeps it" in told


def test_linked_rows_are_listed_where_the_link_is() -> None:
    assert design_feature("list a post's tags", BLOG).focus == ("list_post_tags",)
    assert "list a post's tags" in refused("list a tag's posts", BLOG)
    assert "nothing else can be said" in refused("list a post's tags, filter by name", BLOG)


def test_one_row_is_meant_where_many_are_named() -> None:
    assert any("about one row" in text for text in design_feature("delete all posts").assumptions)
    assert any("a row has one address" in text for text in design_feature("get a user's post").assumptions)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("addresses", "address"), ("statuses", "status"), ("status", "status"), ("news", "news"), ("mice", "mouse"),
        ("databases", "database"), ("sizes", "size"), ("buses", "bus"), ("people", "person"), ("lines", "line"),
        ("analyses", "analysis"), ("movies", "movie"), ("keys", "key"), ("invoices", "invoice"), ("houses", "house"),
    ],
)  # fmt: skip
def test_plurals_have_a_singular(plural: str, one: str) -> None:
    assert singular(plural) == one
