"""No rule stumbles over a document that is not what OpenAPI allows: each part of its examples is spoilt in turn."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.api.document import read_document
from knowledge.api.node import Policy
from knowledge.api.review import Failure, hits
from knowledge.rules import api_rules
from knowledge.rules.api_rule import ApiRule

SPOILT: tuple[Any, ...] = (None, 3, "x", [], [None, 3, "x"], {}, {"x": None}, {"$ref": "#/nowhere"})


def parts(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every part of a value stands."""
    for step, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*steps, step)
        yield from parts(item, (*steps, step))


def spoil(text: str) -> Iterator[str]:
    """The document with one part after the other replaced by what it must not be."""
    whole = read_document(text).raw
    for number, steps in enumerate(parts(whole)):
        changed = copy.deepcopy(whole)
        holder: Any = changed
        for step in steps[:-1]:
            holder = holder[step]
        for item in (
            SPOILT[number % len(SPOILT)],
            SPOILT[(number + 3) % len(SPOILT)],
            SPOILT[(number + 6) % len(SPOILT)],
        ):
            holder[steps[-1]] = copy.deepcopy(item)
            yield json.dumps(changed)


@pytest.mark.parametrize("rule", api_rules(), ids=lambda rule: rule.id)
def test_a_rule_passes_over_what_it_cannot_read(rule: ApiRule) -> None:
    failures: list[Failure] = []
    for text in spoil(rule.failing):
        hits(read_document(text), [rule], Policy(), failures)
    assert [(failure.node.pointer, repr(failure.error)) for failure in failures] == []
