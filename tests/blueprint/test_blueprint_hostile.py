"""Texts made to hurt: whatever they hold, the answer is a BlueprintError, soon and on short lines."""

from __future__ import annotations

import json
import sys
import time

import pytest
import yaml
from blueprint_mutations import example
from blueprint_strategies import NASTY_TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.blueprint.problems import SHOWN, BlueprintError
from knowledge.blueprint.reader import read_blueprint

FEW = "fields: {a: {type: date}}, operations: {list: {}}"
BOMB = "\n".join(
    [f"a0: &a0 [{', '.join(['x'] * 9)}]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
)
HOSTILE = {
    "an empty text": "",
    "only a comment": "# nothing",
    "a number": "5",
    "a list": "[]",
    "a thousand million values by aliases": BOMB,
    "a value within itself": "&a [*a]",
    "an alias of nothing": "name: *who",
    "lists a hundred thousand deep": "[" * 100_000,
    "mappings deep in a default": "name: x\nresources: {a: {fields: {b: {type: json, default: " + '{"k": ' * 5000,
    "a NUL": "name: x\0",
    "a bell": "name: \x07",
    "a lone surrogate": "name: '\ud800'",
    "an escaped lone surrogate": '{"name": "\\ud800"}',
    "a byte order mark within": "name: a\ufeffb\n\ufffe",
    "more characters than fit": "#" * 600_000,
    "more values than fit": "[" + "1," * 60_000 + "]",
    "a long line of nonsense": "x" * 100_000,
    "an object of Python's": "!!python/object/apply:os.system ['true']",
    "an object of Python's as a value": "name: !!python/object:object {}\nresources: {}",
    "a tag of its own": "name: !secret x",
    "binary": "name: !!binary aGVsbG8=",
    "a key twice": "name: a\nname: b",
    "a key twice in JSON": '{"name": "a", "name": "b"}',
    "a key that is a list": "? [a, b]\n: c",
    "a merged key": "base: &b {a: 1}\nname: x\nresources: {a: {<<: *b}}",
    "two documents": "name: a\n---\nname: b",
    "a directive": "%YAML 9.9\n---\nname: a",
    "an unfinished quote": 'name: "abc',
    "tabs for indentation": "name:\n\tx: 1",
    "broken JSON": '{"name": "x",, }',
    "a huge number": "api_version: " + "9" * 5000,
    "a huge exponent": "rate_limit: {requests: 1e9999}",
    "not a number": "rate_limit: {requests: .nan}",
    "a path as a name": "name: ../../etc/passwd\nresources: {../../../root: {" + FEW + "}}",
    "a name with line breaks": 'name: "x\\ny: z"\nresources: {"a\\nb": {' + FEW + "}}",
    "a name of a megabyte's half": "name: " + "x" * 400_000,
    "terminal escapes": 'name: "\\e[2J\\e[1;31mred"\nresources: {}',
    "text from right to left": "name: \u202eshop\nresources: {a: {" + FEW + "}}",
    "a name that looks like another": "name: sh\u043ep\nresources: {a: {" + FEW + "}}",
    "names of 64 characters": "name: x\nresources: {" + "x" * 64 + ": {" + FEW + "}}",
    "a hundred required relations in a ring": json.dumps(
        {
            "name": "ring",
            "resources": {
                f"r{n}": {
                    "fields": {"a": {"type": "date"}},
                    "belongs_to": {f"to{m}": {"resource": f"r{(n + m) % 100}"} for m in range(1, 21)},
                    "operations": {"list": {}},
                }
                for n in range(100)
            },
        }
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_is_refused_within_two_seconds_on_short_lines(kind: str) -> None:
    started = time.perf_counter()
    with pytest.raises(BlueprintError) as caught:
        read_blueprint(HOSTILE[kind])
    assert time.perf_counter() - started < 2
    problems = caught.value.problems
    assert 1 <= len(problems) <= SHOWN
    for problem in problems:
        line = str(problem)
        assert line.isprintable() and len(line) < 2500
        assert problem.message and problem.remedy


def test_no_more_than_twenty_problems_are_listed_and_the_rest_counted() -> None:
    data = example("shop")
    for resource in data["resources"].values():
        resource["fields"] |= {f"f{n}": {"type": "nonsense"} for n in range(5)}
    with pytest.raises(BlueprintError) as caught:
        read_blueprint(json.dumps(data, indent=1))
    assert len(caught.value.problems) == SHOWN
    assert caught.value.more == 30
    assert str(caught.value).endswith("blueprint: 30 more problems")
    assert [problem.line for problem in caught.value.problems] == sorted(p.line for p in caught.value.problems)


def test_nothing_is_read_by_a_tag_that_python_would_run() -> None:
    with pytest.raises(BlueprintError, match="tag"):
        read_blueprint("name: !!python/name:sys.exit\nresources: {}")


def test_the_reader_keeps_to_its_depth_and_not_to_the_interpreters() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        with pytest.raises(BlueprintError, match="nested"):
            read_blueprint("{a: " * 300)
    finally:
        sys.setrecursionlimit(limit)


def _values() -> st.SearchStrategy[object]:
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    keys = st.sampled_from("name resources fields type operations list get access default values unique a".split())
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6))


@settings(max_examples=150, deadline=None)
@given(text=st.text() | st.text(alphabet="{}[]:,-&*!|>'\"%@`#\n a0") | st.sampled_from(NASTY_TEXTS))
def test_any_text_gives_a_blueprint_error_and_nothing_else(text: str) -> None:
    with pytest.raises(BlueprintError):
        read_blueprint(text)


@settings(max_examples=150, deadline=None)
@given(value=_values())
def test_any_values_give_a_blueprint_error_and_nothing_else(value: object) -> None:
    for text in (json.dumps(value), yaml.safe_dump(value)):
        with pytest.raises(BlueprintError):
            read_blueprint(text)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_example_with_anything_put_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    blueprint = example("every_feature")
    holder = blueprint
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], (dict, list)) or not holder[key] or data.draw(st.integers(0, 5)) == 0:
            break
        holder = holder[key]
    holder[key] = data.draw(_values())
    try:
        read_blueprint(json.dumps(blueprint))
    except BlueprintError as error:
        assert all(problem.remedy for problem in error.problems)
