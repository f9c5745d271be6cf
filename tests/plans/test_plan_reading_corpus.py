"""The same plan in all notations, from the real server, gives the same tree and the same times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plan_corpus
import pytest
from plan_corpus import Telling

from backend.engines.postgres.host import PostgresHost
from knowledge.formats.explain import read
from knowledge.plan.model import Node, Plan, Trigger
from knowledge.plan.reckoned_times import Times
from knowledge.plan.reckoning import reckon


@pytest.fixture(scope="session")
async def tellings(postgres: PostgresHost) -> list[Telling]:
    return await plan_corpus.make(postgres)


def said(value: Any) -> Any:
    """A value without what text passes over in silence: zeros, false, empty groups."""
    if isinstance(value, Mapping):
        return {name: said(inner) for name, inner in value.items() if said(inner) not in (0, False, None, {}, [], "")}
    return [said(inner) for inner in value] if isinstance(value, list | tuple) else value


def tree(node: Node, *, verbose: bool) -> Any:
    properties = dict(node.properties)
    if not verbose:
        properties.pop("Inner Unique", None)  # text says it with VERBOSE only
    return [node.kind, said(properties), [tree(child, verbose=verbose) for child in node.children]]


def trigger(item: Trigger, *, verbose: bool) -> Any:
    """What text says of a trigger: its name or its constraint, and the table only where several can be meant."""
    name = item.name if verbose or not item.constraint else ""
    return [name, item.constraint, item.milliseconds, item.calls]


def told(plan: Plan, telling: Telling) -> Any:
    return [
        tree(plan.root, verbose=telling.verbose),
        [trigger(item, verbose=telling.verbose) for item in plan.triggers],
    ]


def test_the_server_made_at_least_150_texts(tellings: list[Telling]) -> None:
    assert len({text for telling in tellings for text in telling.texts.values()}) >= 150


def test_every_text_is_read_without_a_problem(tellings: list[Telling]) -> None:
    for telling in tellings:
        for notation, text in telling.texts.items():
            plan = read(text)
            assert (plan.problems, plan.notation) == ((), notation), text


def test_every_notation_gives_the_same_tree(tellings: list[Telling]) -> None:
    for telling in tellings:
        plans = [read(text) for text in telling.texts.values()]
        for other in plans[1:]:
            assert told(plans[0], telling) == told(other, telling), telling.query


def test_every_notation_gives_the_same_self_times(tellings: list[Telling]) -> None:
    for telling in tellings:
        first, *others = (reckon(read(text)) for text in telling.texts.values())
        for other in others:
            assert first == other, telling.query


def test_settings_are_the_same_in_every_notation(tellings: list[Telling]) -> None:
    for telling in tellings:
        assert len({tuple(read(text).settings.items()) for text in telling.texts.values()}) == 1


def test_self_times_make_up_the_time_of_the_root(tellings: list[Telling]) -> None:
    timed = 0
    for telling in tellings:
        plan = read(telling.texts["text"])
        figures = reckon(plan)
        timed += plan.is_timed
        assert sum(item.self_ms for item in figures.values()) == pytest.approx(figures[1].inclusive_ms, abs=0.0006)
        assert sum(item.self_cost for item in figures.values()) == pytest.approx(figures[1].inclusive_cost)
    assert timed >= 40


def test_no_serial_node_is_longer_than_the_node_it_ran_in(tellings: list[Telling]) -> None:
    """Were a CTE or an InitPlan put into the wrong node, its claim would not fit beside the others."""
    for telling in tellings:
        plan = read(telling.texts["text"])
        if plan.is_timed and not telling.parallel:
            times = Times(plan)
            for item in plan.nodes:
                parts = times.inside[item.number]
                room = times.inclusive(item) + times.slack(item) + sum(part.slack for part in parts)
                assert sum(part.amount for part in parts) <= room + 1e-9, (telling.query, item.number)
