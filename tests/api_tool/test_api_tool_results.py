"""What a review answers: the examples, the patch, the baseline, exceptions, comparisons, budgets, a running app."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from api_tool_help import EXAMPLES, Review, data_of, names, refusal, rules
from mcp.client import Client
from mcp.types import TextContent

import knowledge.api.examination as examination
import tools.review_api.answering as answering
from knowledge.api.review import hits
from knowledge.blueprint.reader import read_blueprint
from knowledge.formats.openapi.write import write_openapi
from knowledge.report import Outcome, Severity
from server.app import build_server
from server.settings import Settings
from tools.review_api import TOOL
from tools.scaffold_backend import TOOL as SCAFFOLD
from tools.toolbox import Toolbox

PLANTED = {
    "srv-https-only", "sec-write-protected", "op-id-unique", "op-id-present", "path-no-trailing-slash",
    "path-kebab-case", "op-no-body-on-read", "ex-valid-media", "schema-required-defined", "schema-enum-unique",
    "schema-bounds-consistent", "doc-unused-components", "resp-object-root",
}  # fmt: skip
BROKEN = {
    "schema-requiredness-property-optional", "schema-constraints-minimum-added", "schema-constraints-maximum-added",
    "schema-requiredness-property-required", "schema-existence-property-removed",
    "parameters-existence-parameter-removed",
}  # fmt: skip
TINY = """
name: tiny
resources:
  note:
    fields:
      title: {type: string, max_length: 100}
    operations:
      list: {access: [public]}
      get: {access: [public]}
      create: {access: [public]}
      delete: {access: [public]}
"""


async def test_every_flaw_of_the_example_is_found_and_its_improved_version_passes(review: Review) -> None:
    flawed = await review("flawed.yaml")
    assert rules(flawed) >= PLANTED
    assert flawed.findings == sorted(flawed.findings, key=lambda finding: finding.severity.rank)
    improved = await review("improved.yaml")
    assert improved.outcome is Outcome.PASS and not improved.findings
    assert improved.not_tested == ["whether an application keeps this contract: give url or project to call it"]


async def test_what_a_new_version_breaks_comes_first_with_both_places(review: Review) -> None:
    report = await review("flawed.yaml", older="older.yaml")
    assert rules(report) >= BROKEN
    first = report.findings[0]
    assert first.severity is Severity.HIGH and first.location.path == "flawed.yaml" and first.location.line
    assert "compared with older.yaml:" in first.evidence[0].action and "GET /orders/{id}" in first.evidence[0].result
    assert report.fact("next version").startswith("major: 4 of")
    assert {change["level"] for change in data_of(report, "changes.json")} == {"breaking", "risky", "safe"}


async def test_a_document_against_itself_changes_nothing(review: Review) -> None:
    report = await review("flawed.yaml", older="flawed.yaml")
    assert "no change to the earlier version" in report.headline
    assert "changes.json" not in names(report)


async def test_the_patch_repairs_what_it_says_and_the_rest_is_as_it_was(review: Review, tmp_path: Path) -> None:
    (tmp_path / "flawed.json").write_text(json.dumps(yaml.safe_load((EXAMPLES / "flawed.yaml").read_text())))
    before = await review("flawed.json")
    fixed = {finding.rule for finding in before.findings if finding.fixes}
    assert fixed == {"op-id-present", "schema-enum-unique", "doc-unused-components"}
    assert len(data_of(before, "patch.json")) == 3
    patched = next(each.text for each in before.artifacts if each.name == "patched.json")
    (tmp_path / "patched.json").write_text(patched)
    after = await review("patched.json", older="flawed.json")
    assert {finding.rule for finding in after.findings if finding.fixes} == set()
    assert fixed.isdisjoint(rules(after)) and rules(before) - fixed <= rules(after)


async def test_a_fix_that_does_not_hold_is_not_offered(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the proof: a review to which every edit does nothing keeps every finding, so no fix is offered."""
    real = hits
    first: list[Any] = []

    def unchanged(document: Any, *arguments: Any) -> Any:
        first.append(document)
        return real(first[0], *arguments)

    monkeypatch.setattr(examination, "hits", unchanged)
    report = await review("flawed.yaml")
    assert len(first) > 1
    assert not [finding for finding in report.findings if finding.fixes]
    assert "patch.json" not in names(report)


async def test_a_rule_that_is_left_out_finds_nothing(review: Review) -> None:
    report = await review("flawed.yaml", ignore=["op-id-unique"])
    assert rules(report) >= PLANTED - {"op-id-unique"}
    assert "op-id-unique" not in rules(report)


async def test_policies_turn_contradicting_rules(review: Review) -> None:
    profiles = ["all"]
    cursor = rules(await review("improved.yaml", profiles=profiles, policy=["paging=cursor"]))
    offset = rules(await review("improved.yaml", profiles=profiles, policy=["paging=offset"]))
    assert cursor < offset
    snake = rules(await review("improved.yaml", profiles=profiles, policy=["property_case=snake"]))
    camel = rules(await review("improved.yaml", profiles=profiles, policy=["property_case=camel"]))
    assert camel - snake == {"name-property-case"}


async def test_a_baseline_leaves_out_what_is_known_and_nothing_else(review: Review, tmp_path: Path) -> None:
    report = await review("flawed.yaml")
    known = next(each.text for each in report.artifacts if each.name == "baseline.json")
    (tmp_path / "baseline.json").write_text(known)
    again = await review("flawed.yaml", baseline="baseline.json")
    assert again.outcome is Outcome.PASS and again.fact("baseline").startswith("41 places")
    worse = (EXAMPLES / "flawed.yaml").read_text().replace("operationId: createOrder", "operationId: getOrder")
    (tmp_path / "worse.yaml").write_text(worse)
    assert rules(await review("worse.yaml", baseline="baseline.json")) == {"op-id-unique"}


async def test_an_exception_has_a_reason_and_an_end(review: Review, tmp_path: Path) -> None:
    (tmp_path / "allow.yaml").write_text(
        "- {rule: srv-https-only, reason: behind the gateway, until: 2999-01-01}\n"
        "- {rule: op-id-unique, reason: old clients, until: 2001-01-01}\n"
        "- {rule: sec-write-protected}\n- {rule: new-error-code-registry, reason: never needed}\n"
    )
    report = await review("flawed.yaml", allow="allow.yaml")
    assert "srv-https-only" not in rules(report)
    assert rules(report) >= {"op-id-unique", "sec-write-protected", "suppression-without-reason"}
    assert any("new-error-code-registry" in item and "allows nothing" in item for item in report.not_tested)


async def test_schemas_of_graphql_are_compared(review: Review) -> None:
    report = await review("schema.graphql", older="schema_before.graphql")
    assert rules(report) == {
        "field-argument-type-changed", "field-type-changed", "field-removed", "enum-value-added",
    }  # fmt: skip
    assert report.headline.endswith("3 types: 3 breaking, 1 dangerous changes; 4 findings, 3 of them severe")


async def test_low_severity_is_told_once_a_rule(review: Review) -> None:
    report = await review("flawed.yaml", profiles=["all"])
    low = [finding.rule for finding in report.findings if finding.severity is Severity.LOW]
    assert len(low) == len(set(low)) > 20


def large(paths: int) -> str:
    operation = {"responses": {"200": {"description": "ok"}}, "parameters": [{"name": "X y", "in": "query"}]}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Large", "version": "1"},
            "paths": {f"/getThing{n}/{{Id}}/": {"get": operation, "post": operation} for n in range(paths)},
        }
    )


async def test_a_review_of_many_findings_fits_its_budgets_in_both_channels(toolbox: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(large(300))
    (tmp_path / "before.json").write_text(large(600))
    arguments = {"document": "large.json", "older": "before.json", "profiles": ["all"]}
    async with Client(build_server(Settings(workspace=tmp_path), toolbox, [TOOL])) as client:
        for detail, budget in (("summary", 2_500), ("normal", 8_000), ("full", 12_500)):
            result = await client.call_tool("review_api", {**arguments, "detail": detail})
            words = result.content[0]
            assert isinstance(words, TextContent) and not result.is_error
            structure = json.dumps(result.structured_content, separators=(",", ":"), ensure_ascii=False)
            assert len(words.text) < budget and len(structure) < budget, detail
            assert "HIGH" in words.text and "All of it:" in words.text


async def test_an_application_is_held_to_its_contract(
    review: Review, toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "CASES", 100)
    (tmp_path / "tiny.blueprint.yaml").write_text(TINY)
    scaffold = {"path": "tiny", "blueprint": "tiny.blueprint.yaml"}
    plan = await SCAFFOLD.run(SCAFFOLD.request.model_validate(scaffold), toolbox)
    await SCAFFOLD.run(
        SCAFFOLD.request.model_validate({**scaffold, "action": "apply", "plan_hash": plan.fact("plan_hash")}), toolbox
    )
    blueprint = read_blueprint(TINY)
    contract = write_openapi(blueprint)
    (tmp_path / "tiny.yaml").write_text(contract)
    assert "allow_project_code" in await refusal(review, "tiny.yaml", project="tiny")
    sound = await review("tiny.yaml", project="tiny", allow_project_code=True)
    assert {finding.severity for finding in sound.findings} <= {Severity.LOW}, sound.findings
    assert sound.fact("operations") == "4 of 4 reached"

    (tmp_path / "tiny.yaml").write_text(contract.replace("'201':", "'202':"))
    wrong = await review("tiny.yaml", project="tiny", allow_project_code=True)
    assert {rule for rule in rules(wrong) if rule.startswith(("law.", "fuzz."))}
