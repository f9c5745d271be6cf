"""Documents with anything in any place: rules say what they can, and do not fail."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.api.document import read_document
from knowledge.api.review import Failure, hits
from knowledge.rules import api_rules

OURS = [rule for rule in api_rules() if rule.id.startswith(("resp-", "hdr-", "schema-", "name-", "id-", "new-"))]
JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [None],
    {"a": None},
    {"$ref": "#/no"},
    {"$ref": 5},
    [[]],
    10**30,
]
Pointer = tuple[str | int, ...]


def places(value: Any, start: Pointer = ()) -> Iterator[Pointer]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*start, step)
        yield from places(item, (*start, step))


def broken(value: Any, choose: random.Random) -> Any:
    changed = copy.deepcopy(value)
    for _ in range(choose.randint(1, 6)):
        *way, last = choose.choice(list(places(changed)) or [("x",)])
        holder = changed
        for step in way:
            holder = holder[step]
        holder[last] = copy.deepcopy(choose.choice(JUNK))
    return changed


@pytest.mark.parametrize("seed", range(4))
def test_no_rule_fails_on_documents_with_anything_in_any_place(seed: int) -> None:
    choose = random.Random(seed)
    failures: list[Failure] = []
    for rule in OURS:
        for text in (rule.failing, rule.passing):
            document = read_document(json.dumps(broken(read_document(text).raw, choose)))
            hits(document, OURS, None, failures)
    assert [(failure.rule.id, repr(failure.error)) for failure in failures] == []
