"""Every labelled pair gives exactly the changes of its label."""

from __future__ import annotations

import pytest
from diff_cases import Case, contract_cases, document, equal_cases, found, schema_cases, told

from knowledge.api_diff.catalogue import SORTS

ALL = (*schema_cases(), *contract_cases())
AREAS = {
    "paths": {"existence", "lifecycle"},
    "parameters": {"existence", "requiredness", "type", "constraints", "values", "lifecycle"},
    "request-body": {"existence", "requiredness", "type"},
    "responses": {"existence", "type"},
    "headers": {"existence", "requiredness", "type"},
    "schema": {
        "existence", "requiredness", "type", "constraints", "values", "structure", "lifecycle", "mutability"
    },
    "security": {"existence", "type"},
    "components": {"existence"},
    "tags": {"existence"},
    "info": {"lifecycle"},
}  # fmt: skip
"""The 29 categories of the reference."""


def names(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", ALL, ids=names)
def test_a_labelled_pair_gives_its_changes_and_no_other(case: Case) -> None:
    assert told(found(*case.documents)) == case.expected


@pytest.mark.parametrize("case", equal_cases(), ids=names)
def test_two_ways_to_write_the_same_are_no_change(case: Case) -> None:
    old, new = case.documents
    assert told(found(old, new)) == ()
    assert told(found(new, old)) == ()


@pytest.mark.parametrize("case", ALL, ids=names)
def test_the_way_back_gives_the_inverse_changes(case: Case) -> None:
    old, new = case.documents
    there, back = found(old, new), found(new, old)
    undone = sorted(f"{change.area} {SORTS[what_of(change.id, change.kind)].inverse}" for change in there)
    assert sorted(f"{change.area} {what_of(change.id, change.kind)}" for change in back) == undone


@pytest.mark.parametrize("case", ALL, ids=names)
def test_a_document_against_itself_gives_nothing(case: Case) -> None:
    assert found(document(case.old), document(case.old)) == ()
    assert found(document(case.new), document(case.new)) == ()


def what_of(change_id: str, kind: str) -> str:
    return change_id.split(f"-{kind}-", 1)[1]


def test_there_are_pairs_of_every_category_and_of_every_kind_of_change() -> None:
    assert len(ALL) >= 200
    labelled = {label.split(" ")[1] for case in ALL for label in case.expected}
    missing = [
        f"{area}-{kind}"
        for area, kinds in AREAS.items()
        for kind in kinds
        if not any(label.startswith(f"{area}-{kind}-") for label in labelled)
    ]
    assert missing == []
    assert sum(map(len, AREAS.values())) == 30 - 1
    whats = {label.split(f"-{sort.kind}-", 1)[-1] for label in labelled for sort in SORTS.values()}
    assert sorted(set(SORTS) - whats) == []


def test_the_inverse_of_an_inverse_is_the_change_itself() -> None:
    assert [what for what, sort in SORTS.items() if SORTS[sort.inverse].inverse != what] == []
