"""One finding is allowed with a reason and an end, in the document, its comments or a file; nothing else is."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from knowledge.api.document import read_document
from knowledge.api.examination import Examination, examine
from knowledge.api.node import Policy
from knowledge.rules.api.path_no_trailing_slash import RULE

TODAY = date(2026, 11, 24)
YAML = """\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /a/:
    get: {responses: {'200': {description: A.}}}
  /b/:
    get: {responses: {'200': {description: B.}}}
"""


def examined(text: str, file: str = "", known: Counter[str] | None = None) -> Examination:
    document = read_document(text, "api.yaml")
    return examine(document, [RULE], Policy(), TODAY, allow_file=file, allow_path="allow.yaml", known=known)


def told(found: Examination) -> list[tuple[str, str]]:
    return [(item.rule, item.subject) for item in found.findings]


def test_without_allowances_both_are_told() -> None:
    assert told(examined(YAML)) == [(RULE.id, "/a/"), (RULE.id, "/b/")]


@pytest.mark.parametrize(
    "at", ["  /a/: # architect: allow {} because it stays", "  # architect: allow {} because it stays\n  /a/:"]
)
def test_a_comment_speaks_for_the_key_on_its_line_or_the_next(at: str) -> None:
    found = examined(YAML.replace("  /a/:", at.format(RULE.id)))
    assert told(found) == [(RULE.id, "/b/")]
    assert [(item.suppression.reason, count) for item, count in found.allowed] == [("it stays", 1)]


def test_a_mapping_in_the_document_speaks_for_what_is_below_it() -> None:
    entry = f"    x-architect-allow: [{{rule: {RULE.id}, reason: it stays, until: 2027-01-31}}]\n"
    assert told(examined(YAML.replace("  /a/:\n", f"  /a/:\n{entry}"))) == [(RULE.id, "/b/")]
    everywhere = f"x-architect-allow: {{rule: {RULE.id}, reason: it stays}}\n"
    assert told(examined(YAML + everywhere)) == []


def test_json_is_allowed_in_the_same_way() -> None:
    raw = read_document(YAML).raw
    tree = json.loads(json.dumps(raw))
    tree["paths"]["/a/"]["x-architect-allow"] = [{"rule": RULE.id, "reason": "it stays"}]
    assert told(examined(json.dumps(tree, indent=2))) == [(RULE.id, "/b/")]


@pytest.mark.parametrize("at", ["'#/paths/~1a~1'", "/a/"])
def test_a_file_names_the_place(at: str) -> None:
    found = examined(YAML, f"- {{rule: {RULE.id}, at: {at}, reason: it stays}}\n")
    assert told(found) == [(RULE.id, "/b/")]


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (f"{{rule: {RULE.id}}}", "suppression-without-reason"),
        (f"{{rule: {RULE.id}, reason: x, until: 2026-11-23}}", "suppression-expired"),
        (f"{{rule: {RULE.id}, reason: x, until: soon}}", "suppression-unreadable"),
        ("{rule: 'not a rule', reason: x}", "suppression-unreadable"),
        ("just words", "suppression-unreadable"),
    ],
)
def test_what_is_over_or_unexplained_is_a_finding_and_allows_nothing(entry: str, complaint: str) -> None:
    found = examined(YAML.replace("  /a/:\n", f"  /a/:\n    x-architect-allow: [{entry}]\n"))
    assert sorted(item.rule for item in found.findings) == sorted([complaint, RULE.id, RULE.id])
    (about,) = [item for item in found.findings if item.rule == complaint]
    assert about.location.line == 5


def test_the_last_day_still_counts() -> None:
    entry = f"x-architect-allow: {{rule: {RULE.id}, reason: x, until: 2026-11-24}}\n"
    assert told(examined(YAML + entry)) == []


def test_what_allows_nothing_is_named() -> None:
    found = examined(YAML, f"- {{rule: {RULE.id}, at: /c, reason: it stays}}\n")
    assert len(found.findings) == 2
    assert [item.owner for item in found.unused] == ["/c"]


def test_a_file_that_is_no_list_is_a_finding() -> None:
    assert "suppression-unreadable" in [item.rule for item in examined(YAML, "rule: x\n").findings]


def test_a_baseline_leaves_only_what_is_new() -> None:
    known = Counter(examined(YAML).fingerprints)
    again = examined(YAML, known=known)
    assert (again.findings, again.known) == ([], 2)
    more = YAML + "  /c/:\n    get: {responses: {'200': {description: C.}}}\n"
    assert told(examined(more, known=known)) == [(RULE.id, "/c/")]
