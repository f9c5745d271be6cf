"""Claims about values, tried on values: JSON Schema has the last word on what narrows and what widens."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from diff_cases import HERE, contract, document, found
from diff_values import validator, values_of
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.api_diff.catalogue import SORTS
from knowledge.api_diff.change import Level
from knowledge.api_diff.sorts import Effect

PAIRS = yaml.safe_load((HERE / "schema_pairs.yaml").read_text(encoding="utf-8"))
WITHOUT_WITNESS = {
    "content encoding appears": "contentEncoding asserts nothing in JSON Schema 2020-12",
    "content media type changed": "contentMediaType asserts nothing in JSON Schema 2020-12",
    "content schema added": "contentSchema asserts nothing in JSON Schema 2020-12",
    "discriminator changed": "a discriminator asserts nothing in JSON Schema",
    "discriminator loses a kind": "a discriminator asserts nothing in JSON Schema",
    "end of a property moved closer": "it is about time",
    "stability of a property lowered": "it is about time",
}
"""Pairs whose breaking request change no value shows, and why."""


def changes(old: Any, new: Any, way: str) -> list[tuple[Level, str]]:
    made = found(document(contract(old, way)), document(contract(new, way)))
    return [(change.level, change.id.split(f"-{change.kind}-", 1)[1]) for change in made]


def seen(schema: Any, way: str) -> Any:
    """The schema as this direction sees it: what does not travel is neither demanded nor there."""
    if not isinstance(schema, dict):
        return [seen(item, way) for item in schema] if isinstance(schema, list) else schema
    hidden = "readOnly" if way == "request" else "writeOnly"
    made = {key: seen(value, way) for key, value in schema.items()}
    properties = made.get("properties")
    if isinstance(properties, dict):
        gone = {name for name, inner in properties.items() if isinstance(inner, dict) and inner.get(hidden) is True}
        made["properties"] = {name: inner for name, inner in properties.items() if name not in gone}
        if "required" in made:
            made["required"] = [name for name in made["required"] if name not in gone]
    return made


def witness(schema_in: Any, schema_out: Any, candidates: list[Any]) -> Any:
    """A value that the first schema admits and the second refuses."""
    admits, refuses = validator(schema_in), validator(schema_out)
    return next(([value] for value in candidates if admits(value) and not refuses(value)), None)


@pytest.mark.parametrize("name", PAIRS)
def test_what_breaks_requests_refuses_a_value_that_was_admitted(name: str) -> None:
    old, new, *_ = PAIRS[name]
    told = changes(old, new, "request")
    first, second = seen(old, "request"), seen(new, "request")
    shown = witness(first, second, values_of(first) + values_of(second))
    if any(level is Level.BREAKING for level, _ in told):
        assert (shown is not None) == (name not in WITHOUT_WITNESS), told
    else:
        noted = any(level is Level.RISKY for level, _ in told)
        declared = witness(first, second, values_of(first))
        assert declared is None or noted, (declared, told)


@pytest.mark.parametrize("name", PAIRS)
def test_what_widens_answers_admits_a_value_that_was_refused(name: str) -> None:
    old, new, *_ = PAIRS[name]
    told = changes(old, new, "response")
    first, second = seen(old, "response"), seen(new, "response")
    shown = witness(second, first, values_of(second))
    if shown is not None:
        assert any(level is not Level.SAFE for level, _ in told), (shown, told)


def texts(least: int, more: int) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": least + more}


def numbers(low: int, more: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": low + more}


SIMPLE: list[Any] = [
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": ["integer", "string"]},
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^a"},
    {"const": "a"},
    {"const": 1},
    {"type": "integer", "multipleOf": 2},
]
VALUES = st.lists(st.sampled_from(["a", "b", "x", 1, 2, None]), min_size=1, unique_by=str)
leaves = st.one_of(
    st.builds(texts, st.integers(0, 3), st.integers(0, 4)),
    st.sampled_from(SIMPLE),
    st.builds(lambda values: {"enum": values}, VALUES),
    st.builds(numbers, st.integers(-1, 3), st.integers(0, 5)),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low}, st.integers(-1, 3)),
)


def composites(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def an_object(properties: dict[str, Any], required: list[str], rest: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            made["required"] = required
        if rest is not None:
            made["additionalProperties"] = rest
        return made

    names = st.sampled_from(["a", "b", "c"])
    return st.one_of(
        st.builds(
            an_object,
            st.dictionaries(names, inner, max_size=3),
            st.lists(names, max_size=2, unique=True),
            st.one_of(st.none(), st.none(), st.just(False), inner),
        ),
        st.builds(lambda item, most: {"type": "array", "items": item, "maxItems": most}, inner, st.integers(0, 3)),
        st.builds(lambda items: {"anyOf": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"oneOf": items}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda items: {"allOf": items}, st.lists(inner, min_size=1, max_size=2)),
    )


schemas = st.recursive(leaves, composites, max_leaves=6)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A schema and one that differs from it in one place, or everywhere."""
    old = draw(schemas)
    new = json.loads(json.dumps(old))
    spots = list(places(new))
    holder, key = draw(st.sampled_from(spots)) if spots else (None, None)
    if holder is None or draw(st.integers(0, 4)) == 0:
        return old, draw(schemas)
    if draw(st.booleans()) and isinstance(holder, dict) and key not in ("items", "properties", "type", "allOf"):
        del holder[key]
    elif isinstance(holder[key], int) and not isinstance(holder[key], bool):
        holder[key] += 1
    elif isinstance(holder[key], dict) and key not in ("properties",):
        holder[key] = draw(schemas)
    return old, new


def places(value: Any) -> Any:
    for key, item in list(value.items()) if isinstance(value, dict) else enumerate(value):
        if key not in ("type", "enum", "const", "required", "format", "pattern") and not isinstance(value, str):
            yield value, key
            if isinstance(item, dict | list):
                yield from places(item)


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_no_value_that_requests_may_send_is_refused_without_a_word(pair: tuple[Any, Any]) -> None:
    old, new = pair
    told = changes(old, new, "request")
    shown = witness(old, new, values_of(old))
    if shown is not None and all(level is Level.SAFE for level, _ in told):
        raise AssertionError(f"{shown[0]!r} is refused now, and only {told} is said")


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_no_value_that_answers_may_hold_is_new_without_a_word(pair: tuple[Any, Any]) -> None:
    old, new = pair
    told = changes(old, new, "response")
    shown = witness(new, old, values_of(new))
    if shown is not None and all(level is Level.SAFE for level, _ in told):
        raise AssertionError(f"{shown[0]!r} is admitted now, and only {told} is said")


def test_the_effect_of_every_kind_of_change_agrees_with_its_levels() -> None:
    wrong = []
    for what, sort in SORTS.items():
        if sort.effect is Effect.NARROWS and sort.kind in ("constraints", "structure", "type", "requiredness"):
            is_announced = sort.request is not Level.SAFE
            if not is_announced:
                wrong.append(what)
        if sort.effect is Effect.WIDENS and sort.request is Level.BREAKING:
            wrong.append(what)
    assert wrong == []
