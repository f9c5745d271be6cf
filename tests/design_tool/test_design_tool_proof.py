"""A design is run, fuzzed and planned; each guard notices what was taken away from it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from design_tool_help import Design, fact, rules, table, text_of

import backend.design.mounted as mounting
import backend.design.proof as proving
import tools.design_endpoint.answering as answering
from backend.design.planned import schema_sql
from backend.engines.postgres.host import PostgresHost
from backend.scaffold.render import render_project
from benchmarks.mutants.record import Edit
from knowledge.blueprint.model import Blueprint
from knowledge.report import Basis, Outcome, Report

FEATURE = "list a user's posts, newest first, filter by status"
NESTED = "GET /api/v1/users/{user_id}/posts"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short fuzz: what these tests are after shows without it."""
    monkeypatch.setattr(answering, "CASES", 60)


def test_the_example_holds(posts: Report) -> None:
    assert posts.outcome is Outcome.PASS and not posts.findings
    assert posts.headline.startswith(f"{NESTED}: designed, run and fuzzed: nothing broke; 2 SQL statements at most")
    assert fact(posts, "access").startswith("35 of 35 cells tried, 0 wrong")
    assert fact(posts, "fuzz").endswith("requests against the contract, 0 failures")
    assert not [item for item in posts.not_tested if "list_user_posts" in item]


def test_every_statement_is_planned_at_the_sizes_that_were_said_and_without_its_index(posts: Report) -> None:
    assert fact(posts, "rows") == "users 100,000, posts 2,000,000"
    rows = {
        (way, re.sub(r" LIMIT.*", "", sql)): (cost, index) for way, sql, cost, index in table(posts, "SQL as it ran")
    }
    assert {way for way, _ in rows} == {"plain", "filter status", "next page"}
    for (way, sql), (cost, index) in rows.items():
        name, without = index.rsplit(": ", 1)
        assert name in text_of(posts, "schema.sql"), (way, sql)
        assert float(without.replace(",", "")) > 10 * float(cost.replace(",", "")), (way, sql)


def test_documents_are_the_contract_the_blueprint_the_schema_and_a_diagram(posts: Report) -> None:
    names = [artifact.name for artifact in posts.artifacts]
    assert names[:4] == ["blueprint.yaml", "openapi.yaml", "schema.sql", "list_user_posts.mmd"]
    assert "sequenceDiagram" in text_of(posts, "list_user_posts.mmd")
    assert "/api/v1/users/{user_id}/posts:" in text_of(posts, "openapi.yaml")


async def test_an_index_that_is_taken_away_is_missed(
    design: Design, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = schema_sql

    async def without(host: PostgresHost, url: str) -> str:
        ddl = await real(host, url)
        assert "ix_posts_user_id_created_at_id" in ddl
        return re.sub(r"CREATE INDEX ix_posts_\w+ [^;]*;", "", ddl)

    monkeypatch.setattr(proving, "schema_sql", without)
    report = await design(FEATURE, rows=["posts=2M"])
    assert report.outcome is Outcome.FINDINGS
    missed = next(finding for finding in report.findings if finding.rule == "design.unindexed")
    assert missed.subject == NESTED and "reads all of posts" in missed.message
    assert missed.evidence[0].basis is Basis.OBSERVED and "posts = 2,000,000 rows" in missed.evidence[0].action


PLANTED = {
    "rows of other parents are served": Edit(
        "app/posts/queries.py",
        'Post.user_id == bindparam("within_user")',
        'bindparam("within_user", type_=Uuid).is_not(None)',
    ),
    "the next page begins with the last row": Edit("app/posts/queries.py", "    < tuple_(", "    <= tuple_("),
    "If-None-Match is not looked at": Edit(
        "app/core/conditional.py",
        "    if value == etag:\n        return True\n",
        "    if value is not None:\n        return False\n",
    ),
}
CAUGHT_BY = {"law.child-scoped", "law.page-partition", "law.etag-not-modified"}


async def test_faults_in_what_was_written_are_found(
    design: Design, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(blueprint: Blueprint) -> Mapping[str, str]:
        files = dict(render_project(blueprint))
        for edit in PLANTED.values():
            assert files[edit.path].count(edit.old) == 1, edit
            files[edit.path] = files[edit.path].replace(edit.old, edit.new)
        return files

    monkeypatch.setattr(mounting, "render_project", faulty)
    report = await design(FEATURE)
    assert report.outcome is Outcome.FINDINGS
    assert rules(report.findings) >= CAUGHT_BY, rules(report.findings)
    assert "nothing broke" not in report.headline


async def test_a_search_tells_what_a_word_that_nobody_wrote_costs(
    design: Design, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "CHECKS", ())
    report = await design("search posts, search title, filter by status, with totals", rows=["posts=2M"])
    found = {finding.rule: finding for finding in report.findings}
    assert set(found) == {"design.search", "design.total"}
    assert "trigrams" in found["design.search"].fixes[0].summary
    assert "(asked by: the plain request, page 2)" in found["design.total"].message


async def test_a_filter_is_planned_also_where_the_rows_at_hand_have_no_value(
    design: Design, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "CHECKS", ())
    report = await design("list posts, filter by status and slug, fields status open|done optional, slug optional")
    assert {"filter status", "filter slug"} <= {row[0] for row in table(report, "SQL as it ran")}
