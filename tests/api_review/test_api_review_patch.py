"""What is offered as a patch was applied and reviewed: the findings are gone, nothing new appeared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from knowledge.api.document import ApiDocument, read_document
from knowledge.api.json_patch import Operation, PatchError, apply
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.api.patch import Patch, prove, rendered
from knowledge.api.reading import read
from knowledge.api.review import hits
from knowledge.api.yaml_edits import edited
from knowledge.rules.api.path_no_trailing_slash import RULE
from knowledge.rules.api_rule import ApiRule, Check


def rule(name: str, check: Check, *on: Kind) -> ApiRule:
    return replace(RULE, id=name, on=on, check=check)


def no_summary(node: Node, _context: Any) -> Iterator[ApiHit]:
    if "summary" not in node.value:
        yield ApiHit("no summary", edits=(Edit("add", ("summary",), "Told."),))


def empty_tags(node: Node, _context: Any) -> Iterator[ApiHit]:
    for index, tag in enumerate(node.value.get("tags", [])):
        if not tag:
            yield ApiHit("empty tag", ("tags", index), edits=(Edit("remove", ("tags", index)),))


def no_x(node: Node, _context: Any) -> Iterator[ApiHit]:
    if "x-odd" in node.value:
        yield ApiHit("odd", edits=(Edit("move", ("x-even",), ("x-odd",)),))


def useless(node: Node, _context: Any) -> Iterator[ApiHit]:
    yield ApiHit("stays", edits=(Edit("add", ("x-useless",), True),))


def summaries_are_bad(node: Node, _context: Any) -> Iterator[ApiHit]:
    if "summary" in node.value:
        yield ApiHit("a summary")


SUMMARY = rule("summary", no_summary, Kind.OPERATION)
TAGS = rule("tags", empty_tags, Kind.OPERATION)
ODD = rule("odd", no_x, Kind.OPERATION)
USELESS = rule("useless", useless, Kind.OPERATION)
BAD = rule("bad", summaries_are_bad, Kind.OPERATION)

TREE = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/a": {"get": {"tags": ["", "x", "", ""], "x-odd": 1, "responses": {}}},
        "/b": {"get": {"summary": "B.", "tags": [""], "responses": {}}},
    },
}


def document(tree: Any = TREE, indent: Any = 2) -> ApiDocument:
    return read_document(json.dumps(tree, indent=indent))


def proven(rules: list[ApiRule], given: ApiDocument) -> Patch:
    return prove(given, hits(given, rules), lambda changed: hits(changed, rules))


def test_every_fix_is_in_the_patch_and_applies_to_the_original() -> None:
    given = document()
    patch = proven([SUMMARY, TAGS, ODD], given)
    assert (patch.places, patch.dropped) == (6, 0)
    assert patch.value["paths"] == {
        "/a": {"get": {"tags": ["x"], "x-even": 1, "responses": {}, "summary": "Told."}},
        "/b": {"get": {"summary": "B.", "tags": [], "responses": {}}},
    }
    assert apply(TREE, patch.operations) == patch.value
    assert given.raw == TREE
    assert ("tags", "/a") in patch.fixed


def test_an_edit_whose_finding_stays_is_not_offered() -> None:
    patch = proven([SUMMARY, USELESS], document())
    assert "x-useless" not in json.dumps(patch.value)
    assert {operation.path[-1] for operation in patch.operations} <= {"summary"}


def test_an_edit_that_brings_a_new_finding_is_not_offered() -> None:
    patch = proven([SUMMARY, BAD, TAGS], document())
    assert {key[0] for key in patch.fixed} == {"tags"}
    assert "Told." not in json.dumps(patch.value)


def test_a_weakened_check_would_let_the_new_finding_through() -> None:
    """The twin reviews again without the rule that objects: the same edit is then offered."""
    given = document()
    found = hits(given, [SUMMARY, BAD])
    assert "Told." in json.dumps(prove(given, found, lambda changed: hits(changed, [SUMMARY])).value)
    assert prove(given, found, lambda changed: hits(changed, [SUMMARY, BAD])).value is None


def test_an_edit_whose_harm_shows_elsewhere_is_traced_to_its_rule() -> None:
    def distant(node: Node, _context: Any) -> Iterator[ApiHit]:
        if node.value["paths"]["/a"]["get"].get("summary"):
            yield ApiHit("harm", at=("info",))

    patch = proven([SUMMARY, TAGS, rule("distant", distant, Kind.END)], document())
    assert {key[0] for key in patch.fixed} == {"tags"}


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"])
def test_a_printed_document_keeps_its_layout(indent: Any) -> None:
    given = document(indent=indent)
    patch = proven([SUMMARY], given)
    assert rendered(given, patch) == json.dumps(patch.value, indent=indent)


def test_a_layout_of_someone_s_own_is_left_alone() -> None:
    given = read_document(json.dumps(TREE, indent=2).replace('"get": {', '"get":{'))
    assert rendered(given, proven([SUMMARY], given)) == ""


YAML = """\
# The shop's API.
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /a: # the first
    get:
      x-odd: 1 # renamed
      tags:
      - ''
      - x # kept
      - ''
      responses: {}
  /b:
    get: {summary: B., tags: [x, '', ''], responses: {}}

# the end
"""


def test_only_what_the_patch_is_about_changes_in_yaml() -> None:
    given = read_document(YAML)
    patch = proven([SUMMARY, TAGS, ODD], given)
    assert patch.dropped == 0
    made = rendered(given, patch)
    assert read_document(made).raw == patch.value
    assert made == snapshot(
        """\
# The shop's API.
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /a: # the first
    get:
      summary: Told.
      x-even: 1 # renamed
      tags:
      - x # kept
      responses: {}
  /b:
    get: {summary: B., tags: [x], responses: {}}

# the end
"""
    )


def test_a_change_that_yaml_s_text_cannot_take_is_left_to_the_patch() -> None:
    given = read_document(YAML.replace("[x, '', '']", "['']"))
    patch = proven([TAGS], given)
    assert patch.value["paths"]["/b"]["get"]["tags"] == []
    assert rendered(given, patch) == ""


trees = st.recursive(
    st.integers(0, 3),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abc"), trees, min_size=1), st.data())
@settings(deadline=None)
def test_applying_leaves_the_original_and_matches_a_plain_copy(tree: dict[str, Any], data: st.DataObject) -> None:
    paths = list(everywhere(tree))
    path = data.draw(st.sampled_from(paths))
    op = data.draw(st.sampled_from(["replace", "remove", "add"]))
    before = json.dumps(tree)
    changed = apply(tree, [Operation(op, path, 9)])
    assert json.dumps(tree) == before
    copy = json.loads(before)
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    if op == "remove":
        del holder[path[-1]]
    elif op == "add" and isinstance(holder, list):
        holder.insert(path[-1], 9)
    else:
        holder[path[-1]] = 9
    assert changed == copy


def everywhere(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield (*path, step)
        yield from everywhere(item, (*path, step))


@pytest.mark.parametrize(
    "operation",
    [
        Operation("remove", ("x",)),
        Operation("replace", ("a", 5), 1),
        Operation("add", ("a", 5), 1),
        Operation("add", ("n", "x"), 1),
        Operation("move", ("a", "b"), source=("a",)),
        Operation("copy", ("a",)),
        Operation("replace", (), {}),
    ],
)
def test_what_does_not_fit_is_refused(operation: Operation) -> None:
    with pytest.raises(PatchError):
        apply({"a": [1], "n": 1}, [operation])


@given(st.dictionaries(st.sampled_from("abc"), trees, min_size=1), st.booleans(), st.data())
@settings(deadline=None)
def test_a_changed_yaml_text_reads_as_the_patched_value_or_is_not_offered(
    tree: dict[str, Any], flow: bool, data: st.DataObject
) -> None:
    text = "# head\n" + yaml.safe_dump(tree, default_flow_style=flow, sort_keys=False) + "# tail\n"
    path = data.draw(st.sampled_from(list(everywhere(tree))))
    op = data.draw(st.sampled_from(["replace", "remove", "add"]))
    operation = Operation(op, (*path[:-1], "new") if op == "add" and isinstance(path[-1], str) else path, 9)
    value = apply(tree, [operation])
    made = edited(text, [operation], value)
    assert made == "" or (read(made).value == value and made.startswith("# head\n") and made.endswith("# tail\n"))
    if op == "add":
        assert made
