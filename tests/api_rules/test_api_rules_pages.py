"""Every rule has a page and an id of its own, whatever it is about."""

from __future__ import annotations

from knowledge.rules import every_rule, rule
from knowledge.rules.page import page


def test_every_rule_has_an_id_of_its_own_and_is_found_by_it() -> None:
    known = every_rule()
    assert len({each.id for each in known}) == len(known)
    assert all(rule(each.id) is each for each in known)


def test_pages_show_examples_in_their_language() -> None:
    languages = {"api": "```yaml", "graphql": "```graphql"}
    for each in every_rule():
        text = page(each)
        assert text.startswith(f"# {each.id}\n")
        assert languages.get(each.family, "```") in text
        assert all(f"<{source}>" in text for source in each.sources)
