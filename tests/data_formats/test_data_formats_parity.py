"""One set of values, three judges: contract, document validator and table agree, or differ for a named reason."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from data_formats_catalog import EXAMPLES, connected, example
from hypothesis import HealthCheck, given, settings

from backend.engines.postgres.host import Scratch
from backend.schema_parity import INHERENT, Sides, parity
from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column
from knowledge.blueprint.tables import condition
from knowledge.formats.mongodb.validator import value_schema
from knowledge.formats.openapi.values import sent

sys.path.insert(0, str(Path(__file__).parents[1] / "blueprint"))
from blueprint_strategies import blueprints


@pytest.mark.parametrize("name", EXAMPLES)
async def test_all_three_admit_the_same_values(name: str, scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        found = await parity(example(name), connection)
    assert found.unexplained == ()
    assert found.checked > 50
    assert found.admitted > found.checked // 10
    assert found.refused > found.checked // 3


async def test_every_named_difference_is_one_that_shows(scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        shown = {each.inherent for name in EXAMPLES for each in (await parity(example(name), connection)).disagreements}
    assert shown == {reason.name for reason in INHERENT.values()}


@given(blueprint=blueprints())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
async def test_of_random_blueprints_too(scratch: Scratch, blueprint: Blueprint) -> None:
    async with connected(scratch) as connection:
        found = await parity(blueprint, connection)
    assert [str(each) for each in found.unexplained] == []


def _longer(column: Column, spec: FieldSpec) -> dict[str, Any]:
    """A validator without the greatest length."""
    return {key: value for key, value in value_schema(column, spec).items() if key != "maxLength"}


def _any_value(spec: FieldSpec) -> dict[str, Any]:
    """A contract without the values of enums."""
    return {key: value for key, value in sent(spec).items() if key != "enum"}


def _unbounded(name: str, spec: FieldSpec) -> str:
    """No condition where the blueprint has a greatest value."""
    return "" if spec.maximum is not None else condition(name, spec)


@pytest.mark.parametrize(
    ("sides", "case"),
    [
        (Sides(document=_longer), "too long"),
        (Sides(contract=_any_value), "other value"),
        (Sides(condition=_unbounded), "too large"),
    ],
    ids=["document", "contract", "table"],
)
async def test_a_weakened_judge_is_found_out(sides: Sides, case: str, scratch: Scratch) -> None:
    async with connected(scratch) as connection:
        found = await parity(example("shop"), connection, sides)
    assert case in {each.case for each in found.unexplained}
