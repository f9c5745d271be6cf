"""The JSON Schema that editors use: it takes what the reader takes, and refuses most of what the reader refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from blueprint_mutations import Mutant, badly_named, example, misshapen, missing, of_another_type, out_of_bounds
from blueprint_rules import broken_rules
from blueprint_strategies import DRAWN, blueprints
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.schema import json_schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", ["blog", "shop", "every_feature"])
def test_the_examples_fit_the_schema(validator: Draft202012Validator, name: str) -> None:
    assert [error.message for error in validator.iter_errors(example(name))] == []


@settings(DRAWN, max_examples=20)
@given(blueprint=blueprints())
def test_any_valid_blueprint_fits_the_schema(validator: Draft202012Validator, blueprint: Blueprint) -> None:
    data = blueprint.model_dump(mode="json", exclude_defaults=True)
    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize("kind", [misshapen, missing, out_of_bounds], ids=lambda kind: kind.__name__)
def test_values_of_the_wrong_shape_do_not_fit(
    validator: Draft202012Validator, kind: Callable[[Any], Iterator[Mutant]]
) -> None:
    fitting = [mutant.name for mutant in list(kind(example("every_feature")))[::7] if validator.is_valid(mutant.data)]
    # How long a string may be depends on its type, and how many operations there are is counted by the reader.
    assert [name for name in fitting if "_length" not in name and "nothing in" not in name] == []


@pytest.mark.parametrize("kind", [badly_named, of_another_type], ids=lambda kind: kind.__name__)
def test_most_bad_names_and_misplaced_options_do_not_fit(
    validator: Draft202012Validator, kind: Callable[[Any], Iterator[Mutant]]
) -> None:
    mutants = list(kind(example("every_feature")))[::7]
    refused = [mutant for mutant in mutants if not validator.is_valid(mutant.data)]
    assert len(refused) / len(mutants) > 0.5


def test_limits_are_in_the_schema(validator: Draft202012Validator) -> None:
    assert [mutant.name for mutant in broken_rules("structure") if validator.is_valid(mutant.data)] == []


def _described(schema: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for part in (schema, *schema["$defs"].values()):
        for name, value in part.get("properties", {}).items():
            yield f"{part['title']}.{name}", bool(value.get("description"))


def test_every_key_is_described() -> None:
    assert [name for name, described in _described(json_schema()) if not described] == []
