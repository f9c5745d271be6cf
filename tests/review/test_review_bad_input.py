"""Hostile and broken input: a clear answer each time, nothing outside touched, and the next call still works."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from review_harness import only, review, rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from backend.review.evidence import Limits, evidence_review
from backend.review.sources import from_text
from knowledge.rules import all_rules
from tools.review_schema import ReviewSchemaRequest, run
from tools.spec import ToolError
from tools.toolbox import Toolbox


@pytest.fixture
def box(tmp_path: Path, postgres: PostgresHost) -> Toolbox:
    return toolbox_at(tmp_path, postgres)


async def still_works(box: Toolbox) -> None:
    assert rules_of(await review(box, "CREATE TABLE a (x int);")) == ["no-primary-key"]


@pytest.mark.parametrize("prove", [True, False])
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("this is a shopping list", "not SQL that PostgreSQL can read"),
        ("-- only a comment\n", "no SQL statement"),
        ("CREATE TABLE a\0(x int)", "NUL"),
        (";;;", "no SQL statement"),
    ],
)
async def test_text_that_is_no_sql_is_refused(box: Toolbox, sql: str, words: str, prove: bool) -> None:
    with pytest.raises(ToolError, match=words):
        await review(box, sql, prove=prove)


async def test_fifty_megabytes_are_refused_before_anything_is_parsed(box: Toolbox) -> None:
    began = time.perf_counter()
    with pytest.raises(ToolError, match="limit is"):
        await review(box, "SELECT 1;\n" * 5_300_000)
    with (box.workspace.root / "big.sql").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(ToolError, match="limit is"):
        await run(ReviewSchemaRequest(path="big.sql"), box)
    assert time.perf_counter() - began < 5


async def test_a_file_that_is_not_utf8_is_refused_with_the_byte(box: Toolbox) -> None:
    (box.workspace.root / "latin.sql").write_bytes(b"-- caf\xe9\nSELECT 1;")
    with pytest.raises(ToolError, match="byte 6"):
        await run(ReviewSchemaRequest(path="latin.sql"), box)


@pytest.mark.parametrize("content", ["", "\n\n"])
async def test_an_empty_file_is_refused(box: Toolbox, content: str) -> None:
    (box.workspace.root / "empty.sql").write_text(content)
    with pytest.raises(ToolError, match="no SQL statement"):
        await run(ReviewSchemaRequest(path="empty.sql"), box)


async def test_an_empty_folder_is_refused(box: Toolbox) -> None:
    (box.workspace.root / "migrations").mkdir()
    with pytest.raises(ToolError, match="migrations"):
        await run(ReviewSchemaRequest(path="migrations"), box)


@pytest.mark.parametrize("path", ["../outside.sql", "/etc/passwd", "link.sql"])
async def test_paths_that_lead_out_of_the_workspace_are_refused(
    tmp_path: Path, postgres: PostgresHost, path: str
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.sql").write_text("CREATE TABLE secret (x int);")
    (inside / "link.sql").symlink_to(tmp_path / "outside.sql")
    with pytest.raises(ToolError, match="workspace"):
        await run(ReviewSchemaRequest(path=path), toolbox_at(inside, postgres))


async def test_a_source_of_another_language_is_refused_by_name(box: Toolbox) -> None:
    (box.workspace.root / "schema.prisma").write_text("model User { id Int @id }")
    with pytest.raises(ToolError, match="Prisma"):
        await run(ReviewSchemaRequest(path="schema.prisma"), box)


async def test_a_statement_that_never_ends_is_cut_and_the_rest_still_runs(postgres: PostgresHost, box: Toolbox) -> None:
    async def silent(_done: float, _total: float, _message: str) -> None:
        return None

    sql = "CREATE TABLE a (x int);\nSELECT pg_sleep(3600);\nCREATE TABLE b (x int);"
    began = time.perf_counter()
    found = await evidence_review(
        postgres, from_text(sql), all_rules(), progress=silent, limits=Limits(statement_seconds=0.5, proofs=0)
    )
    assert time.perf_counter() - began < 15
    rules = {(item.finding.rule, item.finding.location.line) for item in found.found}
    assert {("migration-fails", 2), ("no-primary-key", 1), ("no-primary-key", 3)} <= rules
    await still_works(box)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("COPY (SELECT 1) TO PROGRAM 'touch /tmp/backend_architect_was_here'", "permission denied"),
        ("COPY lines FROM '/etc/passwd'", "permission denied"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied"),
        ("DROP DATABASE postgres", "must be owner"),
        ("ALTER SYSTEM SET fsync = off", "permission denied"),
        ("ALTER ROLE CURRENT_USER SUPERUSER", "permission denied"),
    ],
)
async def test_reaching_out_of_the_sandbox_is_a_finding_with_the_engines_refusal(
    box: Toolbox, sql: str, words: str
) -> None:
    report = await review(box, f"CREATE TABLE lines (id bigint PRIMARY KEY, t text);\n{sql};")
    failure = only(report, "migration-fails")
    assert failure.location.line == 2
    assert words in failure.evidence[0].result
    assert not Path("/tmp/backend_architect_was_here").exists()
    await still_works(box)


async def test_a_script_that_kills_its_own_session_does_not_take_the_review_along(box: Toolbox) -> None:
    report = await review(box, "CREATE TABLE a (x int);\nSELECT pg_terminate_backend(pg_backend_pid());")
    assert only(report, "migration-fails").location.line == 2
    assert "no-primary-key" in rules_of(report)


async def test_dropping_the_public_schema_is_survived(box: Toolbox) -> None:
    report = await review(box, "CREATE TABLE a (x int);\nDROP SCHEMA public CASCADE;")
    assert report.fact("statements") == "2"
    await still_works(box)


async def test_deeply_nested_sql_does_not_end_the_process(box: Toolbox) -> None:
    report = await review(box, "SELECT " + "(" * 3000 + "1" + ")" * 3000 + ";")
    assert report.fact("statements") == "1"
    await still_works(box)
