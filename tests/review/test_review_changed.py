"""Only findings in lines that changed in git, without running anything the repository configures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from review_harness import rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from backend.review.changed import GitError, changed_lines
from tools.review_schema import ReviewSchemaRequest, run
from tools.spec import ToolError

OLD = "CREATE TABLE users (\n    id bigint PRIMARY KEY,\n    seen timestamp\n);\n\nCREATE TABLE audit (line text);\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "schema.sql").write_text(OLD)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


async def findings(folder: Path, host: PostgresHost, path: str = "schema.sql", base: str = "HEAD") -> list[str]:
    request = ReviewSchemaRequest(path=path, changed=True, base=base, prove=False)
    return rules_of(await run(request, toolbox_at(folder, host)))


async def test_nothing_changed_means_no_findings(repository: Path, postgres: PostgresHost) -> None:
    assert await findings(repository, postgres) == []


async def test_a_changed_line_brings_the_findings_of_its_statement_only(
    repository: Path, postgres: PostgresHost
) -> None:
    (repository / "schema.sql").write_text(OLD.replace("seen timestamp", "seen timestamp NOT NULL"))
    assert await findings(repository, postgres) == ["timestamp-without-time-zone"]


async def test_a_new_file_counts_as_changed_throughout(repository: Path, postgres: PostgresHost) -> None:
    (repository / "new.sql").write_text(OLD)
    assert sorted(await findings(repository, postgres, "new.sql")) == ["no-primary-key", "timestamp-without-time-zone"]


async def test_a_base_further_back_sees_more(repository: Path, postgres: PostgresHost) -> None:
    (repository / "schema.sql").write_text(OLD + "CREATE TABLE more (x int);\n")
    git(repository, "commit", "-q", "-a", "-m", "second")
    assert await findings(repository, postgres) == []
    assert await findings(repository, postgres, base="HEAD~1") == ["no-primary-key"]


@pytest.mark.parametrize(
    "base", ["--output=stolen", "-O/etc/passwd", "no-such-branch", "", "HEAD; touch stolen", "a b"]
)
async def test_a_base_that_is_no_revision_is_refused(repository: Path, postgres: PostgresHost, base: str) -> None:
    with pytest.raises(ToolError, match="base"):
        await findings(repository, postgres, base=base)
    assert not (repository / "stolen").exists()


async def test_outside_a_repository_the_refusal_names_git(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="git"):
        await changed_lines(tmp_path, "HEAD")


async def test_nothing_that_the_repository_configures_is_run(repository: Path) -> None:
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\ncat\n")
    trap.chmod(0o755)
    (repository / ".gitattributes").write_text("*.sql filter=trap diff=trap\n")
    for key in ("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.trap.textconv"):
        git(repository, "config", key, str(trap))
    for key in ("diff.trap.command", "diff.external", "core.fsmonitor", "core.pager", "core.sshCommand"):
        git(repository, "config", key, str(trap))
    (repository / "schema.sql").write_text(OLD + "SELECT 1;\n")
    found = await changed_lines(repository, "HEAD")
    assert found.touches("schema.sql", 7, 7)
    assert not (repository / "sprung").exists()


def test_the_trap_springs_where_git_is_run_without_care(repository: Path) -> None:
    """The weakened twin: a plain git diff runs what the repository says."""
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\ncat\n")
    trap.chmod(0o755)
    (repository / ".gitattributes").write_text("*.sql filter=trap\n")
    git(repository, "config", "filter.trap.clean", str(trap))
    (repository / "schema.sql").write_text(OLD + "SELECT 1;\n")
    git(repository, "diff", "HEAD")
    assert (repository / "sprung").exists()


async def test_names_with_spaces_and_accents_are_followed(repository: Path) -> None:
    name = "übersicht neu.sql"
    (repository / name).write_text("SELECT 1;\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "more")
    (repository / name).write_text("SELECT 1;\nSELECT 2;\n")
    found = await changed_lines(repository, "HEAD")
    assert found.touches(name, 2, 2)
    assert not found.touches(name, 1, 1)


async def test_a_workspace_below_the_repository_root_sees_its_own_paths(repository: Path) -> None:
    below = repository / "db"
    below.mkdir()
    (below / "a.sql").write_text("SELECT 1;\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "more")
    (below / "a.sql").write_text("SELECT 2;\n")
    (below / "b.sql").write_text("SELECT 2;\n")
    found = await changed_lines(below, "HEAD")
    assert found.touches("a.sql", 1, 1)
    assert found.touches("b.sql", 1, 1)


async def test_in_a_folder_only_the_migrations_that_changed_are_reported(
    repository: Path, postgres: PostgresHost
) -> None:
    folder = repository / "db" / "migrations"
    folder.mkdir(parents=True)
    (folder / "001_users.sql").write_text("CREATE TABLE users (id bigint PRIMARY KEY, seen timestamp);\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "migrations")
    (folder / "002_drop.sql").write_text("ALTER TABLE users DROP COLUMN seen;\nALTER TABLE users ADD born timestamp;\n")
    request = ReviewSchemaRequest(path="db/migrations", changed=True, prove=False, ignore=["no-lock-timeout"])
    report = await run(request, toolbox_at(repository, postgres))
    assert [str(finding.location) for finding in report.findings] == [
        "db/migrations/002_drop.sql:1:1",
        "db/migrations/002_drop.sql:2:23",
    ]
