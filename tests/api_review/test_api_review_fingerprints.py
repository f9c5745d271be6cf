"""A fingerprint stays the same when things move, and changes when they are other things."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.api.document import read_document
from knowledge.api.examination import examine
from knowledge.api.node import Policy
from knowledge.rules import api_rules

TREE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "tags": [{"name": "b"}, {"name": "a"}],
    "paths": {
        "/a/": {
            "parameters": [{"name": "x", "in": "query", "schema": {"type": "string"}}],
            "get": {
                "parameters": [
                    {"name": "Limit", "in": "query", "schema": {"type": "integer"}},
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"description": "A.", "content": {"application/json": {"schema": {}}}}},
            },
        },
        "/b/": {"get": {"responses": {"200": {"description": "B."}}}},
    },
    "components": {
        "schemas": {
            "User": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "array"}}},
            "Post": {"type": "object", "properties": {"a": {"type": "integer"}}},
        }
    },
}


def marks(tree: Any) -> Counter[str]:
    document = read_document(json.dumps(tree))
    rules = [rule for rule in api_rules() if not rule.id.endswith(("sorted", "order"))]
    return Counter(examine(document, rules, Policy(), date(2026, 1, 1), with_patch=False).fingerprints)


def shuffled(value: Any, dice: random.Random) -> Any:
    """Members of objects, tags and parameters in another order."""
    if isinstance(value, dict):
        names = list(value)
        dice.shuffle(names)
        made = {name: shuffled(value[name], dice) for name in names}
        for name in ("parameters", "tags"):
            if isinstance(made.get(name), list):
                dice.shuffle(made[name])
        return made
    return [shuffled(item, dice) for item in value] if isinstance(value, list) else value


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_reordering_changes_no_fingerprint(seed: int) -> None:
    assert marks(shuffled(TREE, random.Random(seed))) == marks(TREE)


def test_another_path_has_fingerprints_of_its_own() -> None:
    other = json.loads(json.dumps(TREE).replace("/b/", "/c/"))
    assert marks(other) != marks(TREE)


def test_a_fingerprint_has_the_form_of_a_baseline() -> None:
    for mark in marks(TREE):
        rule, *owner, digest = mark.split(" ")
        assert rule and owner and len(digest) == 16
