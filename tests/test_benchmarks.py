"""The benchmarks run, on input too small to measure anything."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import BEGIN, END, measure, updated
from benchmarks.ddl import generated_ddl
from benchmarks.figures import Comparison, Figure, table
from knowledge.formats.postgres_sql import read


async def test_every_comparison_of_the_benchmarks_runs() -> None:
    measured = await measure(characters=3_000, statements=16, runs=1)
    assert len(measured) == 6
    assert all(item.ratio > 0 for item in measured if isinstance(item, Comparison))


def test_the_generated_schema_has_the_size_that_was_asked_for_and_parses() -> None:
    text = generated_ddl(50_000)
    script = read(text)
    assert len(text) >= 50_000
    assert not script.problems
    assert len(script.statements) > 250


def test_the_table_shows_ratios_and_budgets() -> None:
    shown = table([Comparison("a", "b", 3.0, 2.0, "s", "<= 2 x"), Figure("c", 4.0, "ms", "<= 5 ms")])
    assert "**1.50 x**" in shown
    assert "<= 5 ms" in shown


def test_the_table_replaces_what_stands_between_its_marks_and_nothing_else() -> None:
    assert updated(f"a\n{BEGIN}\nold\n{END}\nz\n", "new") == f"a\n{BEGIN}\nnew\n{END}\nz\n"
    with pytest.raises(ValueError, match="has no"):
        updated("a file without marks", "new")
