"""However a plan is pasted, it is the same plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_corpus import Telling
from plan_wrappings import ONLY_TEXT, WRAPPINGS
from test_plan_reading_corpus import tellings, tree  # noqa: F401  (a fixture)

from knowledge.formats.explain import read
from knowledge.plan.model import Plan
from knowledge.plan.reckoning import reckon


def sure(telling: Telling) -> bool:
    """Whether a text keeps its shape in a table cell: no line ends in a constant, nothing that looks like a plan."""
    return "two\nlines" not in telling.query


def same(found: Plan, plan: Plan, where: str) -> None:
    assert found.problems == (), where
    assert tree(found.root, verbose=True) == tree(plan.root, verbose=True), where
    assert found.triggers == plan.triggers, where
    assert reckon(found) == reckon(replace(plan, root=plan.root)), where


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_plan_in_any_wrapping_is_the_same_plan(name: str, tellings: list[Telling]) -> None:  # noqa: F811
    chosen = [telling for place, telling in enumerate(filter(sure, tellings)) if place % 5 == len(name) % 5]
    for telling in chosen:
        for notation, text in telling.texts.items():
            wrapped = WRAPPINGS[name](text)
            same(read(wrapped), read(text), f"{notation}: {telling.query}\n{wrapped}")


@pytest.mark.parametrize("name", ONLY_TEXT)
def test_a_text_broken_over_lines_is_the_same_plan(name: str, tellings: list[Telling]) -> None:  # noqa: F811
    for telling in filter(sure, tellings):
        text = telling.texts["text"]
        wrapped = ONLY_TEXT[name](text)
        same(read(wrapped), read(text), f"{telling.query}\n{wrapped}")
