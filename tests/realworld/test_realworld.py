"""The whole migration history of projects that others wrote, rehearsed without an internal error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.engines.postgres.host import PostgresHost
from benchmarks.realworld import Project, figures, graphile_worker, procrastinate, rehearse_project

OURS = {"sql-not-readable", "migration-fails"}
"""Findings that would mean we failed, for these projects' migrations are known to run."""


@pytest.mark.parametrize(
    ("project", "migrations", "statements"),
    [
        pytest.param(procrastinate, 38, 180, id="procrastinate"),
        pytest.param(graphile_worker, 21, 145, id="graphile-worker", marks=pytest.mark.node),
    ],
)
async def test_every_migration_of_the_history_is_read_and_runs(
    postgres: PostgresHost, project: Callable[[], Project], migrations: int, statements: int
) -> None:
    outcome = await rehearse_project(postgres, project())
    failed = [(one.migration.path, one.error) for one in outcome.migrations if one.failed]
    assert outcome.passed, failed
    assert len(outcome.migrations) >= migrations
    assert outcome.statements >= statements
    assert not outcome.not_tested
    assert not {finding.rule for finding in outcome.findings} & OURS
    assert figures(project(), outcome)["passed"] == "yes"


@pytest.mark.node
async def test_a_schema_that_the_projects_code_would_make_is_made_up_and_said(postgres: PostgresHost) -> None:
    outcome = await rehearse_project(postgres, replace(graphile_worker(), bootstrap=""))
    assert outcome.passed
    assert any("schema graphile_worker was assumed" in text for text in outcome.assumptions)


@pytest.mark.node
async def test_a_history_with_its_placeholder_unfilled_is_not_passed(postgres: PostgresHost) -> None:
    outcome = await rehearse_project(postgres, replace(graphile_worker(), placeholders={}))
    assert not outcome.passed
    assert {finding.rule for finding in outcome.findings} & OURS
