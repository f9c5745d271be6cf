"""Every rule about OpenAPI documents finds its own fault, and nothing in its good twin."""

from __future__ import annotations

import pytest

from knowledge.api.document import ApiDocument, read_document
from knowledge.api.node import Policy
from knowledge.api.patch import prove
from knowledge.api.review import hits
from knowledge.rules import api_rules
from knowledge.rules.api_rule import ApiRule

RULES = api_rules()


def document(text: str) -> ApiDocument:
    found = read_document(text)
    assert not found.problems
    return found


def found_by(rule: ApiRule, text: str) -> list[str]:
    return [hit.message for _, _, hit in hits(document(text), [rule], Policy())]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_of_a_rule_is_found_and_the_good_one_is_not(rule: ApiRule) -> None:
    assert found_by(rule, rule.failing)
    assert found_by(rule, rule.passing) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_record_is_complete(rule: ApiRule) -> None:
    assert rule.family == "api" and rule.sources and rule.on
    assert rule.claim.endswith(".") and rule.why.endswith(".") and rule.unless.endswith(".")
    assert all(source.startswith("https://") for source in rule.sources)


VALIDITY = {"doc-valid-structure", "doc-refs-resolve"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_are_valid_documents_otherwise(rule: ApiRule) -> None:
    others = [each for each in RULES if each.id in VALIDITY - {rule.id}]
    for text in (rule.failing, rule.passing):
        assert [hit.message for _, _, hit in hits(document(text), others, Policy())] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_fix_of_the_bad_example_is_proven_by_every_rule(rule: ApiRule) -> None:
    bad = document(rule.failing)
    everything = hits(bad, RULES, Policy(), [])
    fixable = [found for found in everything if found[0].id == rule.id and found[2].edits]
    if fixable:
        patch = prove(bad, fixable, lambda changed: hits(changed, RULES, Policy(), []), everything)
        assert rule.fix_safety != "none"
        assert (patch.places, patch.dropped) == (len(fixable), 0)
