"""Entity tags and preconditions, by RFC 9110."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.reference.conditional import (
    EntityTags,
    etag_of,
    etag_of_version,
    expected_versions,
    if_none_match,
    parse_entity_tags,
    require_match,
)
from backend.reference.errors import AppError, PreconditionFailedError, PreconditionRequiredError, ValidationError

OPAQUE = st.text([chr(code) for code in (0x21, *range(0x23, 0x7F), *range(0x80, 0x100))], max_size=12)
TAGS = st.builds(lambda weak, text: f'{weak}"{text}"', st.sampled_from(["", "W/"]), OPAQUE)
LIST_SEPARATORS = st.sampled_from([",", ", ", " , ", ",,", ", ,", "\t,"])


@st.composite
def tag_lists(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    tags = draw(st.lists(TAGS, min_size=1, max_size=5))
    text = tags[0]
    for tag in tags[1:]:
        text += draw(LIST_SEPARATORS) + tag
    return draw(st.sampled_from(["", " ", ", "])) + text + draw(st.sampled_from(["", " ", ","])), tuple(tags)


def split_at_commas(value: str) -> EntityTags:
    return EntityTags(tuple(part.strip() for part in value.split(",") if part.strip()))


def reads_lists(parse: Callable[[str], EntityTags]) -> bool:
    return parse('"a,b", W/"c", ,"d"').tags == ('"a,b"', 'W/"c"', '"d"')


@given(tag_lists())
def test_a_list_of_entity_tags_is_read_as_it_was_sent(sent: tuple[str, tuple[str, ...]]) -> None:
    text, tags = sent
    assert parse_entity_tags(text) == EntityTags(tags)


def test_a_comma_inside_a_tag_does_not_split_it() -> None:
    assert reads_lists(parse_entity_tags)
    assert not reads_lists(split_at_commas)


@given(st.text(st.sampled_from('W/"*,ab \t\\\x7fé'), max_size=30) | st.text(max_size=30))
def test_any_text_is_read_or_refused_and_never_does_harm(value: str) -> None:
    try:
        parse_entity_tags(value)
        readable = True
    except ValueError:
        readable = False
    assert if_none_match(value, '"other"') in ((True, False) if readable else (False,))
    try:
        require_match(value, '"other"')
    except (PreconditionFailedError, ValidationError) as error:
        assert isinstance(error, ValidationError) is not readable


@pytest.mark.parametrize("value", ["", "abc", '"open', "W/*", '*, "a"', '"a" "b"', 'w/"a"', '"a"b', '"\x7f"', '"a b"'])
def test_what_is_no_list_of_entity_tags_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_entity_tags(value)


@pytest.mark.parametrize(
    "value", ['"a"' + " , " * 20_000 + "x", '"' * 60_000, " \t" * 30_000 + "x", '"a",' * 15_000 + "x"]
)
def test_a_long_crafted_field_is_refused_without_trying_every_way_to_read_it(value: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_entity_tags(value)


@pytest.mark.parametrize(
    ("one", "other", "strong", "weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
    ],
)
def test_tags_compare_as_in_the_table_of_rfc_9110_section_8_8_3_2(
    one: str, other: str, strong: bool, weak: bool
) -> None:
    assert EntityTags((one,)).matches_strongly(other) is strong
    assert EntityTags((one,)).matches_weakly(other) is weak
    assert EntityTags((other,)).matches_strongly(one) is strong
    assert EntityTags((other,)).matches_weakly(one) is weak


@pytest.mark.parametrize(
    ("field", "current"),
    [(None, False), ('"v"', True), ('W/"v"', True), ('"a", "v"', True), ("*", True), ('"a"', False), ("v", False)],
)
def test_a_client_that_has_the_representation_is_told_so(field: str | None, current: bool) -> None:
    assert if_none_match(field, '"v"') is current


@pytest.mark.parametrize(
    ("field", "error"),
    [
        (None, PreconditionRequiredError),
        ('"old"', PreconditionFailedError),
        ('W/"v"', PreconditionFailedError),
        ("v", ValidationError),
        ("", ValidationError),
    ],
)
def test_a_change_without_the_current_tag_is_refused(field: str | None, error: type[AppError]) -> None:
    with pytest.raises(error):
        require_match(field, '"v"')


@pytest.mark.parametrize("field", ['"v"', '"old", "v"', "*"])
def test_a_change_of_the_current_representation_passes(field: str) -> None:
    require_match(field, '"v"')


def test_an_unreadable_precondition_is_reported_on_its_header() -> None:
    with pytest.raises(ValidationError) as caught:
        expected_versions("seven")
    assert [detail["field"] for detail in caught.value.details] == ["header.if-match"]


@pytest.mark.parametrize(
    ("field", "versions"),
    [
        ("*", None),
        ('"7"', {7}),
        ('"7", "8"', {7, 8}),
        ('W/"7"', set()),
        ('"x"', set()),
        ('"07"', set()),
        ('"9999999999999999999999"', set()),
        ('"\xb2"', set()),
    ],
)
def test_the_versions_a_client_is_ready_to_change(field: str, versions: set[int] | None) -> None:
    assert expected_versions(field) == versions


@given(st.integers(0, 2**62))
def test_a_version_comes_back_from_its_tag(version: int) -> None:
    assert expected_versions(etag_of_version(version)) == {version}


@given(st.binary(), st.binary())
def test_bodies_share_a_tag_only_if_they_are_the_same(one: bytes, other: bytes) -> None:
    assert (etag_of(one) == etag_of(other)) is (one == other)
    assert parse_entity_tags(etag_of(one)).matches_strongly(etag_of(one))
