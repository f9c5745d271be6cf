"""Each rule is called once for each place it is about; what many places share is told once, and told short."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from benchmarks.api.documents import LARGE, Published
from benchmarks.api.measure import measured
from benchmarks.api.pairs import PAIRS
from benchmarks.api.tools import Run
from benchmarks.api_linters import page
from knowledge.api.collapse import OWNERS_SHOWN, SHOWN, collapse, fold
from knowledge.api.context import ApiContext
from knowledge.api.document import ApiDocument, read_document
from knowledge.api.examination import examine
from knowledge.api.node import ApiHit, Kind, Node, Policy
from knowledge.api.profiles import SettingError, policy_from, select
from knowledge.api.review import hits, review
from knowledge.rules import api_rules, rule
from knowledge.rules.api.path_no_trailing_slash import RULE
from knowledge.rules.api_rule import ApiRule, Profile
from knowledge.rules.page import page as rule_page


def shop(size: int) -> dict[str, Any]:
    """A document with ``size`` resources, each with faults of its own."""
    paths = {
        f"/orders{number}/": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "Done.",
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Order{number}"}}},
                    }
                },
            }
        }
        for number in range(size)
    }
    schemas = {
        f"Order{number}": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("id", "name", "note", "city")},
        }
        for number in range(size)
    }
    info = {"title": "Shop", "version": "1.0.0"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def document(tree: Any) -> ApiDocument:
    return read_document(json.dumps(tree, indent=1), "api.json")


def counting(seen: list[Node], **changes: Any) -> ApiRule:
    def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
        seen.append(node)
        yield ApiHit("here")

    return replace(RULE, check=check, **changes)


def test_a_rule_is_called_once_for_each_place_of_its_kinds() -> None:
    seen: list[Node] = []
    hits(document(shop(5)), [counting(seen, on=(Kind.OPERATION, Kind.SCHEMA))])
    assert Counter(node.kind for node in seen) == {Kind.OPERATION: 5, Kind.SCHEMA: 5 + 5 + 5 * 5}
    assert len({node.pointer for node in seen}) == len(seen)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"keywords": ("properties",)}, 2),
        ({"keywords": ("properties", "$ref", "type")}, 14),
        ({"keywords": ("prop*",)}, 2),
        ({"keywords": ("x-*",)}, 0),
        ({"types": ("object", "integer")}, 6),
        ({"types": ("string",), "keywords": ("properties",)}, 0),
        ({"documents": ("3.0",)}, 0),
    ],
)
def test_a_rule_is_called_only_where_its_keywords_and_types_stand(changes: dict[str, Any], count: int) -> None:
    seen: list[Node] = []
    hits(document(shop(2)), [counting(seen, on=(Kind.SCHEMA,), **changes)])
    assert len(seen) == count


def test_hits_of_one_component_are_one_finding_with_the_worst_places() -> None:
    def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
        if node.role == "properties":
            yield ApiHit(f"{node.key} is odd", subject=node.key)

    (first, second) = review(document(shop(2)), [replace(RULE, on=(Kind.SCHEMA,), check=check)])
    assert first.subject == "schemas/Order0"
    assert first.message == "id is odd (and 3 more places in schemas/Order0)"
    assert len(first.evidence) == SHOWN
    assert first.location.line < second.location.line
    assert first.evidence[1].action.startswith("read #/components/schemas/Order0/properties/name (api.json:")


def test_a_rule_with_hits_everywhere_is_told_in_a_bounded_number_of_findings() -> None:
    seen: list[Node] = []
    found = review(document(shop(50)), [counting(seen, on=(Kind.OPERATION, Kind.SCHEMA))])
    assert len(found) == OWNERS_SHOWN + 1
    told = collapse(hits(document(shop(50)), [counting([], on=(Kind.OPERATION, Kind.SCHEMA))]))
    assert len(told) == 100
    assert sum(len(group.places) for group in fold(told)) == sum(len(group.places) for group in told) == len(seen)
    assert [item for item in found if "all in findings.json" in item.message]


def test_a_shared_part_that_many_complain_about_is_one_place() -> None:
    def check(_node: Node, _context: ApiContext) -> Iterator[ApiHit]:
        yield ApiHit("shared", at=("components", "schemas", "Order0"))

    (finding,) = review(document(shop(9)), [replace(RULE, on=(Kind.OPERATION,), check=check)])
    assert finding.message == "shared"


def test_the_answer_is_the_same_every_time() -> None:
    texts = [
        [item.model_dump_json() for item in review(document(shop(8)), api_rules())],
        [item.model_dump_json() for item in review(document(shop(8)), tuple(reversed(api_rules())))],
    ]
    assert sorted(texts[0]) == sorted(texts[1])
    assert texts[0] == [item.model_dump_json() for item in review(document(shop(8)), api_rules())]


def test_a_rule_that_gives_up_is_named_and_the_others_go_on() -> None:
    def breaks(_node: Node, _context: ApiContext) -> Iterator[ApiHit]:
        raise TypeError("odd")

    broken = replace(RULE, id="broken", check=breaks)
    found = examine(document(shop(2)), [broken, RULE], Policy(), date(2026, 1, 1))
    assert [item.rule for item in found.findings] == [RULE.id, RULE.id]
    assert found.not_tested == ["broken could not judge 2 places that are not what OpenAPI allows"]
    with pytest.raises(TypeError):
        hits(document(shop(2)), [broken])


def test_time_grows_with_the_document_and_not_faster() -> None:
    rules = api_rules()

    def seconds(size: int) -> float:
        given = document(shop(size))
        began = time.process_time()
        hits(given, rules)
        return time.process_time() - began

    seconds(20)
    assert min(seconds(400) for _ in range(2)) < 30 * min(seconds(40) for _ in range(2))


def test_profiles_are_chosen_by_name() -> None:
    assert {each.profile for each in select()} == {Profile.DEFAULT}
    assert select(["all"]) == api_rules()
    assert RULE.id not in {each.id for each in select(without=[RULE.id])}
    with pytest.raises(SettingError, match="no profile 'nice'"):
        select(["nice"])
    with pytest.raises(SettingError, match="no rule 'nice'"):
        select(without=["nice"])


def test_settings_are_checked_before_they_are_obeyed() -> None:
    assert policy_from({"property_case": "camel", "max_nesting": 3}).property_case == "camel"
    for settings, said in (
        ({"colour": "red"}, "no setting 'colour'"),
        ({"property_case": "odd"}, "one of snake"),
        ({"version_in_url": "yes"}, "true or false"),
        ({"max_nesting": True}, "from 1 to 10"),
        ({"extra": {"extensions": 1}}, "mapping of texts"),
        ({"extra": {"extensions": "("}}, "not a regular expression"),
    ):
        with pytest.raises(SettingError, match=said):
            policy_from(settings)


def test_every_rule_has_a_page_with_its_examples_and_profile() -> None:
    for each in api_rules():
        text = rule_page(rule(each.id))
        assert f"profile {each.profile}" in text and each.failing.strip() in text and "```yaml" in text


def test_rules_that_are_compared_with_linters_exist() -> None:
    known = {each.id for each in api_rules()}
    assert {name for pair in PAIRS for name in pair.ours} <= known


def test_the_page_about_linters_counts_and_explains() -> None:
    here = Published("Shop", "a", "b", "small")
    large = LARGE
    results = {
        (name, tool): Run(1.0, 10, Counter({"doc-unused-components": 3, "oas3-unused-component": 2, "odd-rule": 1}))
        for name in ("Shop", "GitHub")
        for tool in ("review_api", "Spectral", "Redocly")
    }
    text = page(results, [here, large])
    assert "| Shop (small) | 6 places by 3 rules; 1.0 s, 10 MB |" in text
    assert "| `doc-unused-components` | 3 + 3 / 2 + 2 / 0 + 0 | what only unused" in text
    assert "`odd-rule` 2" in text


def test_the_benchmark_measures_a_document(tmp_path: Any) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(shop(3)))
    found = measured(file, with_patch=True)
    assert found["rules"] == len(api_rules()) and found["places"] >= found["findings"] > 0
    assert found["by_rule"]["path-no-trailing-slash"] == 3
