"""Every mutation of an example is refused, and the refusal names the path and a remedy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from blueprint_mutations import (
    Mutant,
    badly_named,
    example,
    misshapen,
    missing,
    of_another_type,
    out_of_bounds,
    pointing_nowhere,
)
from blueprint_rules import GROUPS, broken_rules
from pydantic import ValidationError

from knowledge.blueprint.checks import CHECKS
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import BlueprintError, dotted
from knowledge.blueprint.reader import named, read_blueprint

KINDS = [misshapen, missing, out_of_bounds, badly_named, of_another_type, pointing_nowhere]


def _told(mutant: Mutant) -> str:
    """What is wrong with how a mutant is refused; empty where nothing is."""
    text = json.dumps(mutant.data, indent=1)
    try:
        read_blueprint(text)
    except BlueprintError as error:
        problems = error.problems
    else:
        return f"{mutant.name}: not refused"
    silent = [problem for problem in problems if not problem.remedy or not problem.message or not problem.line]
    if silent:
        return f"{mutant.name}: no remedy or place: {silent[0]!r}"
    if any("\n" in str(problem) for problem in problems):
        return f"{mutant.name}: breaks the line"
    if mutant.path not in [problem.path for problem in problems]:
        return f"{mutant.name}: expected {dotted(mutant.path)}, told\n    " + "\n    ".join(map(str, problems))
    return ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_mutated_example_is_refused_by_path_and_remedy(kind: Callable[[Any], Iterator[Mutant]]) -> None:
    mutants = list(kind(example("every_feature")))
    assert len(mutants) >= 15
    survivors = [told for mutant in mutants if (told := _told(mutant))]
    assert not survivors, "\n".join(survivors)


@pytest.mark.parametrize("group", GROUPS)
def test_a_broken_rule_is_told_by_path_and_remedy(group: str) -> None:
    survivors = [told for mutant in broken_rules(group) if (told := _told(mutant))]
    assert not survivors, "\n".join(survivors)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_without_one_check_something_broken_would_be_let_through(check: Callable[[Blueprint], Any]) -> None:
    others = [other for other in CHECKS if other is not check]
    for mutant in (mutant for group in GROUPS for mutant in broken_rules(group)):
        try:
            blueprint = named(Blueprint.model_validate(mutant.data))
        except ValidationError:
            continue
        if not any(problem for other in others for problem in other(blueprint)):
            return
    pytest.fail("every mutant is refused without it")
