"""Whatever a caller can put right is a sentence; what cannot be judged is no PASS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from api_tool_help import Review, refusal, rules

from knowledge.report import Outcome

OK = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}\n"
BOMB = (
    "openapi: 3.1.0\nx-a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "\n".join(f"x-{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(9))
    + "\n"
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    (tmp_path / "ok.yaml").write_text(OK)
    (tmp_path / "prose.md").write_text("# Orders\n")
    (tmp_path / "broken.graphql").write_text("type Query {")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    (tmp_path / "baseline.json").write_text("{}")
    (tmp_path / "folder").mkdir()


@pytest.mark.parametrize(
    ("document", "fields", "told"),
    [
        (" ", {}, "`document` is empty: give a path"),
        ("nope.yaml", {}, "does not exist in the workspace"),
        ("../../etc/passwd", {}, "outside the workspace"),
        ("folder", {}, "folder is a folder: name the document in it"),
        ("binary.json", {}, "is not UTF-8"),
        ("ok.yaml", {"profiles": ["strict"]}, "there are default, documentation"),
        ("ok.yaml", {"profiles": []}, "no rule is left: name a profile"),
        ("ok.yaml", {"policy": ["paging"]}, "write setting=value"),
        ("ok.yaml", {"policy": ["paging=sometimes"]}, "paging is one of cursor, offset, any"),
        ("ok.yaml", {"policy": ["max_nesting=x"]}, "max_nesting is a number from 1 to 10, not 'x'"),
        ("ok.yaml", {"policy": ["colour=red"]}, "there is no setting 'colour'; there are"),
        ("ok.yaml", {"ignore": ["nope"]}, "there is no rule 'nope'"),
        ("ok.yaml", {"baseline": "baseline.json"}, "must be a JSON list of fingerprints"),
        ("ok.yaml", {"allow": "nope.yaml"}, "does not exist"),
        ("ok.yaml", {"older": "schema.graphql"}, "of two kinds"),
        ("schema.graphql", {"older": "ok.yaml"}, "of two kinds"),
        ("ok.yaml", {"older": "prose.md"}, "`older` cannot be compared with: prose.md, line 1"),
        ("schema.graphql", {"older": "broken.graphql"}, "`older` is no schema: broken.graphql, line 1"),
        ("schema.graphql", {"profiles": ["hardening"]}, "GraphQL has no profile 'hardening'"),
        ("schema.graphql", {"policy": ["paging=any"]}, "policy: only for OpenAPI"),
        ("schema.graphql", {"baseline": "baseline.json"}, "baseline: only for OpenAPI"),
        ("schema.graphql", {"url": "http://127.0.0.1:9"}, "exercise_backend"),
        ("ok.yaml", {"url": "http://127.0.0.1:9", "project": "folder"}, "give url or project"),
        ("ok.yaml", {"app": "main:app"}, "name its folder as project"),
        ("ok.yaml", {"tokens": ["owner=x"]}, "give url or project as well"),
        ("ok.yaml", {"url": "http://127.0.0.1:9", "tokens": ["x"]}, "write owner=TOKEN"),
        ("ok.yaml", {"url": "http://127.0.0.1:9"}, "nothing answers at"),
        ("ok.yaml", {"url": "http://169.254.169.254"}, "which is not this machine"),
        ("ok.yaml", {"url": "shop"}, "give it as http://127.0.0.1:8000"),
        ("prose.md", {"url": "http://127.0.0.1:9"}, "cannot be held against this document"),
        ("ok.yaml", {"project": "folder"}, "pass allow_project_code=true"),
        ("ok.yaml", {"project": "folder", "allow_project_code": True}, "say what to start"),
    ],
)
async def test_a_mistake_is_answered_with_what_to_do(
    review: Review, document: str, fields: dict[str, Any], told: str
) -> None:
    said = await refusal(review, document, **fields)
    assert told in said and len(said) < 600


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello\nworld", "not a mapping of openapi, info and paths"),
        ("hello: world\n", "says neither openapi nor swagger"),
        ("openapi: 3.1.0\n\tinfo: x\n", "found a tab character"),
        (BOMB, "more than 5,000,000 values"),
        ('{"openapi": "3.1.0", "x": ' + '{"a":' * 100_000 + "1" + "}" * 100_001, "nested more than 500 levels"),
        ("\0\n", "control characters are not allowed"),
        ("\ud800\n", "half a character"),
    ],
)
async def test_what_cannot_be_read_is_one_finding_and_no_rule_counts_as_tested(
    review: Review, text: str, told: str
) -> None:
    report = await review(text)
    assert report.outcome is Outcome.FINDINGS and report.headline.endswith("cannot be read as OpenAPI")
    assert len(report.findings) == 1 and told in report.findings[0].message
    assert report.not_tested[0].endswith("rules: the document cannot be read")


async def test_an_unreadable_new_version_is_not_compared(review: Review) -> None:
    report = await review("hello: world\n", older="ok.yaml")
    assert "what the new version breaks: it cannot be read" in report.not_tested
    schema = await review("broken.graphql", older="schema.graphql")
    assert "what the new version breaks: nothing of it can be read" in schema.not_tested
    assert "breaking" not in schema.headline


async def test_references_end_and_lead_nowhere_outside(review: Review, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text("secret: 12345678\n")
    (tmp_path / "refs.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths:\n"
        "  /net: {$ref: 'http://169.254.169.254/latest'}\n  /out: {$ref: '../outside.yaml#/secret'}\n"
        "  /file: {$ref: 'file:///etc/passwd'}\n  /self: {$ref: '#/paths/~1self'}\n"
        "components:\n  schemas:\n    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n"
        "    Tree: {type: object, properties: {child: {$ref: '#/components/schemas/Tree'}}}\n"
    )
    report = await review("refs.yaml", profiles=["all"])
    assert "doc-refs-resolve" in rules(report)
    assert "12345678" not in report.model_dump_json() and "root:" not in report.model_dump_json()
    assert any("169.254.169.254" in item for item in report.not_tested)


async def test_values_of_any_kind_in_any_place_are_told_and_nothing_breaks(review: Review) -> None:
    report = await review(
        '{"openapi": "3.1.0", "info": {"title": 5, "version": null}, "paths": {"/a": null, "/b": {"get": [],'
        ' "post": 5}, "/c": {"get": {"parameters": [1, null, {"name": 5}], "responses": {"200": null, "x": 5}}}},'
        ' "security": 5}',
        profiles=["all"],
    )
    assert report.outcome is Outcome.FINDINGS and "doc-valid-structure" in rules(report)
