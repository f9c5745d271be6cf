"""Planted bugs keep fitting the shop as it is rendered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from mutants_yard import BY_ID

from benchmarks.mutants import all_mutants
from benchmarks.mutants.record import Edit, Mutant, MutantError, mutated
from benchmarks.mutants.shop import blueprint, shop_files


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.id)
def test_every_planted_bug_fits(mutant: Mutant) -> None:
    changed = mutated(shop_files(), mutant)
    assert {path for path, text in changed.items() if text != shop_files()[path]} == {e.path for e in mutant.edits}
    assert set(mutant.resources) <= set(blueprint().resources)
    assert mutant.caught_by
    assert mutant.mistake.endswith(".")


def test_there_are_enough_of_them_and_no_two_are_called_the_same() -> None:
    ids = Counter(mutant.id for mutant in all_mutants())
    assert set(ids.values()) == {1}
    assert len(ids) >= 40


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("app/nowhere.py", "a", "b"), "no file"),
        (Edit("app/main.py", "no such text", "b"), "0 times"),
        (Edit("app/main.py", "import", "b"), "times 'import'"),
        (Edit("app/main.py", "def create_app(", "def create_app)"), "no Python"),
    ],
)
def test_one_that_does_not_fit_is_an_error(edit: Edit, said: str) -> None:
    with pytest.raises(MutantError, match=said):
        mutated(shop_files(), replace(BY_ID["wrong-status"], edits=(edit,)))
