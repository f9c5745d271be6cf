from __future__ import annotations

import pytest

from knowledge.rules import all_rules, rule
from knowledge.rules.page import page
from knowledge.rules.rule import Rule


@pytest.mark.parametrize("each", all_rules(), ids=lambda each: each.id)
def test_a_page_holds_the_whole_record(each: Rule) -> None:
    text = page(each)
    assert text.startswith(f"# {each.id}\n\n{each.claim}\n")
    for part in (each.why, each.unless, each.failing, each.passing, *each.sources):
        assert part.strip() in text
    assert text.count("```") % 2 == 0
    assert "\n\n\n" not in text.replace(each.failing, "").replace(each.passing, "")


def test_a_page_shows_the_steps_of_the_fix() -> None:
    text = page(rule("unique-builds-index"))
    assert "-- 1. outside a transaction" in text
    assert "CREATE UNIQUE INDEX CONCURRENTLY t_n_key ON t (n);" in text
    assert "ALTER TABLE t ADD CONSTRAINT t_n_key UNIQUE USING INDEX t_n_key;" in text


def test_a_page_says_where_there_is_no_fix() -> None:
    assert "no mechanical fix" in page(rule("policy-locks-table"))
    assert "## Fix" not in page(rule("policy-locks-table"))
