"""Lines and columns of findings are those of a reader that looks at every character."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.api.document import read_document
from knowledge.api.positions import json_positions
from knowledge.api.reading import containers, read

Pointer = tuple[str | int, ...]
Places = dict[Pointer, tuple[int, int]]


class SlowJson:
    """Reads JSON character by character and notes where each member stands."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.places: Places = {}
        self.blank()
        self.mark(())
        self.value(())

    def mark(self, pointer: Pointer) -> None:
        before = self.text[: self.at]
        for known in [known for known in self.places if known[: len(pointer)] == pointer]:
            del self.places[known]  # of equal keys the last one counts
        self.places[pointer] = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    def blank(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\r\n":
            self.at += 1

    def string(self) -> str:
        began = self.at
        self.at += 1
        while self.text[self.at] != '"':
            self.at += 2 if self.text[self.at] == "\\" else 1
        self.at += 1
        found: str = json.loads(self.text[began : self.at])
        return found

    def value(self, pointer: Pointer) -> None:
        first = self.text[self.at]
        if first == '"':
            self.string()
        elif first in "{[":
            self.members(pointer, first == "{")
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]} \t\r\n":
                self.at += 1

    def members(self, pointer: Pointer, is_object: bool) -> None:
        self.at += 1
        self.blank()
        index = 0
        while self.text[self.at] not in "]}":
            if self.text[self.at] == ",":
                self.at += 1
                self.blank()
            began = self.at
            step: str | int = self.string() if is_object else index
            after, self.at = self.at, began
            self.mark((*pointer, step))
            self.at = after
            index += 1
            if is_object:
                self.blank()
                self.at += 1
                self.blank()
            self.value((*pointer, step))
            self.blank()
        self.at += 1


def yaml_places(text: str) -> Places:
    """From the nodes of the pure Python composer."""
    found: Places = {}

    def visit(node: Any, pointer: Pointer) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*pointer, key.value)] = key.start_mark.line + 1, key.start_mark.column + 1
                visit(value, (*pointer, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                found[(*pointer, index)] = item.start_mark.line + 1, item.start_mark.column + 1
                visit(item, (*pointer, index))

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found[()] = root.start_mark.line + 1, root.start_mark.column + 1
    visit(root, ())
    return found


keys = st.sampled_from(["a", "b/c", "~", "0", "paths", '"', "\\", "é", "x y", "\u2028"])
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**6), st.sampled_from(["", "text", "{[", '\\"', "a\nb"])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=25,
)
trees = st.one_of(st.lists(values, max_size=4), st.dictionaries(keys, values, max_size=5))


@given(trees, st.sampled_from([None, 0, 1, 2, "\t"]), st.data())
@settings(deadline=None)
def test_places_in_json_are_those_of_a_reader_of_every_character(tree: Any, indent: Any, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(["", "\n", " \n\n "])) + json.dumps(tree, indent=indent)
    expected = SlowJson(text).places
    asked = data.draw(st.lists(st.sampled_from(sorted(expected, key=repr)), min_size=1))
    assert json_positions(text, asked) == {pointer: expected[pointer] for pointer in asked}


@given(trees, st.booleans())
@settings(deadline=None)
def test_places_in_yaml_are_those_of_the_pure_composer(tree: Any, flow: bool) -> None:
    text = "# head\n" + yaml.safe_dump(tree, default_flow_style=flow, sort_keys=False, allow_unicode=True)
    reading = read(text)
    assert reading.value == tree
    assert reading.marks is not None
    expected = yaml_places(text)
    assert {pointer: reading.marks.place(pointer) for pointer in expected} == expected


def test_of_what_does_not_exist_the_nearest_thing_above_is_shown() -> None:
    for text in ('{\n "a": {\n  "b": [1,\n 2]}}', "a:\n  b:\n  - 1\n  - 2\n"):
        document = read_document(text)
        exact, beyond = document.locate(("a", "b", 1)), document.locate(("a", "b", 1, "x", 3))
        assert (exact.line, exact.column) == (beyond.line, beyond.column)
        assert document.locate(("a", "c")) == document.locate(("a",))
        assert exact.line == 4


def test_of_equal_keys_the_last_counts_and_the_doubling_is_reported() -> None:
    for text in ('{"openapi": "3.1.0",\n"a": {"b": 1},\n "a": 2}', "openapi: 3.1.0\na: {b: 1}\na: 2\n"):
        document = read_document(text)
        (problem,) = document.problems
        assert document.raw["a"] == 2
        assert document.locate(("a",)).line == 3
        place = document.locate(problem.pointer) if problem.pointer is not None else problem
        assert (problem.rule, place.line) == ("document-duplicate-key", 3)


def test_members_of_an_aliased_mapping_stand_where_the_anchor_is() -> None:
    document = read_document("openapi: 3.1.0\nx: &here\n  k: 1\ny: *here\nz:\n  <<: *here\n  m: 2\n")
    assert document.raw["y"] == {"k": 1} and document.raw["z"] == {"m": 2, "k": 1}
    assert document.locate(("y",)).line == 4
    assert document.locate(("y", "k")).line == 3
    assert document.locate(("z", "m")).line == 7
    assert document.locate(("z", "k")).line == 5


@pytest.mark.parametrize("step", ["\n", "\r\n"])
def test_lines_count_alike_with_either_kind_of_line_end(step: str) -> None:
    text = step.join(['{"openapi": "3.1.0",', ' "info": {', '  "title": "x"}}'])
    assert read_document(text).locate(("info", "title")).line == 3
    assert read_document(step.join(["openapi: 3.1.0", "info:", "  title: x"])).locate(("info", "title")).line == 3


def test_a_pointer_for_every_container_of_a_document_is_found_in_one_scan() -> None:
    tree = {"paths": {f"/p{number}": {"get": {"tags": ["a", "b"]}} for number in range(200)}}
    text = json.dumps(tree, indent=1)
    pointers = [pointer for pointer, _ in containers(tree)]
    assert json_positions(text, pointers) == {
        pointer: place for pointer, place in SlowJson(text).places.items() if pointer in set(pointers)
    }
