"""A schema as it comes: read with its faults, reviewed, excused, and never a reason to stop."""

from __future__ import annotations

from datetime import date

import pytest
from graphql import GraphQLError, parse
from graphql_pairs import BASE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from knowledge.formats.graphql import read
from knowledge.formats.graphql.document import place
from knowledge.formats.graphql.read import SdlTooLarge, read_sdl
from knowledge.formats.graphql.tokens import depth
from knowledge.graphql.review import review_sdl
from knowledge.report import Basis, Finding

BROKEN = '''# a library
type Query {
  book(id: ID!): Book
}

type Book {
  title:
}

"""
Whoever writes.
"""
type Author {
  id: ID!
  name: String @nonsense

enum Binding {
  PAPER
}

extend type Query { authors: [Author!] }
'''


def lines(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{one.rule} {one.location} {one.message}" for one in findings]


def test_what_cannot_be_parsed_is_told_and_the_rest_is_reviewed() -> None:
    document = read_sdl(BROKEN)
    assert list(document.types) == ["Query", "Binding"]
    assert lines(review_sdl(BROKEN, "library.graphql").findings) == snapshot(
        [
            "gql-valid-sdl library.graphql:8:1 Expected Name, found '}'. (and 1 more place in the schema)",
        ]
    )


def test_places_are_the_same_whether_the_text_is_read_in_one_or_in_pieces() -> None:
    whole, pieces = read_sdl(BASE), read_sdl(BASE + "type {")
    assert not whole.problems and len(pieces.problems) == 1
    assert [place(kind.node) for kind in whole.types.values()] == [place(kind.node) for kind in pieces.types.values()]
    fields = [[place(node) for kind in one.types.values() for node in kind.fields.values()] for one in (whole, pieces)]
    assert fields[0] == fields[1]


def test_findings_of_one_rule_and_type_are_told_once_with_their_number() -> None:
    text = "type Query {\n" + "".join(f"  some_{index}: Int\n" for index in range(40)) + "}\n"
    review = review_sdl(text, "a.graphql", only=["gql-naming"])
    (finding,) = review.findings
    assert finding.message.endswith("(and 39 more places in Query)")
    assert len(finding.evidence) == 3 and finding.basis is Basis.DERIVED
    assert review.counts == {"gql-naming": 40}
    assert str(finding.location) == "a.graphql:2:3"


def test_an_exception_with_a_reason_is_obeyed_until_its_day() -> None:
    text = (
        "type Query {\n  # architect: allow gql-naming until 2027-01-31 because a client reads it\n  some_thing: Int\n}"
    )
    before = review_sdl(text, only=["gql-naming"], today=date(2027, 1, 31))
    assert before.findings == () and before.suppressed == 1 and before.counts == {}
    after = review_sdl(text, only=["gql-naming"], today=date(2027, 2, 1))
    assert [one.rule for one in after.findings] == ["suppression-expired", "gql-naming"]


def test_an_exception_without_a_reason_is_not_obeyed() -> None:
    text = "type Query {\n  some_thing: Int # architect: allow gql-naming\n}"
    assert [one.rule for one in review_sdl(text, only=["gql-naming"]).findings] == [
        "suppression-without-reason",
        "gql-naming",
    ]


def test_what_reads_like_an_exception_in_a_description_is_none() -> None:
    text = 'type Query {\n  """# architect: allow gql-naming because it looks so"""\n  some_thing: Int\n}'
    assert [one.rule for one in review_sdl(text, only=["gql-naming"]).findings] == ["gql-naming"]


def test_an_exception_is_no_comment_in_place_of_a_description() -> None:
    text = '"""\nA.\n"""\ntype Query {\n  # architect: allow gql-described because it is plain\n  a: Int\n}'
    assert review_sdl(text, only=["gql-described"]).findings == ()


@pytest.mark.parametrize("bracket", ["[", "{", "("])
def test_brackets_are_counted_before_anything_calls_itself(bracket: str) -> None:
    with pytest.raises(SdlTooLarge, match="nested 100001 deep"):
        read_sdl("type Query { a(x: I = " + bracket * 99_999)


@pytest.mark.parametrize("text", ['"{[("', '"""\n{{{ \\""" ((\n"""', "# {{{", '"\\"{"'])
def test_brackets_in_strings_and_comments_nest_nothing(text: str) -> None:
    assert depth(text) == 0


def test_a_text_that_is_too_long_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_CHARACTERS", 100)
    with pytest.raises(SdlTooLarge, match="up to 100"):
        read_sdl(BASE)
    monkeypatch.setattr(read, "MAX_CHARACTERS", 10_000)
    monkeypatch.setattr(read, "MAX_TOKENS", 100)
    with pytest.raises(SdlTooLarge, match="more than 100 tokens"):
        read_sdl(BASE)


def test_inputs_that_need_each_other_in_a_long_row_are_no_reason_to_stop() -> None:
    row = "".join(f"input I{index} {{ next: I{index + 1}! }}\n" for index in range(5000))
    review = review_sdl(f"type Query {{ a(by: I0): Int }}\n{row}input I5000 {{ a: Int }}\n")
    assert review.types == 5002


DAMAGE = ["", "}", "{", '"""', '"', "type ", "@", "#", "\\", "\x00", "\ud800", "é", "extend ", "!", "[", "input A {"]


@given(st.integers(0, len(BASE)), st.integers(0, 40), st.sampled_from(DAMAGE))
@settings(max_examples=150, deadline=None)
@example(0, len(BASE), "\ufeff")
def test_damaged_schemas_are_reviewed_and_every_finding_stands_in_the_text(start: int, cut: int, put: str) -> None:
    text = BASE[:start] + put + BASE[start + cut :]
    review = review_sdl(text, profile="all")
    last = text.count("\n") + 1
    assert all(1 <= one.location.line <= last and one.location.column >= 1 for one in review.findings)
    try:
        parse(text)
    except GraphQLError:
        assert "gql-valid-sdl" in review.counts


@given(st.text(alphabet='{}[]()"#@!:|&= \n\\typeinput', max_size=60))
@settings(max_examples=150, deadline=None)
def test_noise_is_reviewed(text: str) -> None:
    assert review_sdl(text, profile="all").counts.get("gql-valid-sdl", 0) >= 0
