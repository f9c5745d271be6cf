"""How a review uses the engine: it batches, it can be cancelled, it runs beside others, it leaves nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from review_ddl import large_ddl
from review_harness import review, rules_of, toolbox_at

from backend.engines.postgres.host import PostgresHost
from backend.review.evidence import Limits, evidence_review
from backend.review.found import Review
from backend.review.sources import from_text
from backend.review.static import static_review
from knowledge.rules import all_rules
from knowledge.rules.rule import SchemaRule


async def silent(_done: float, _total: float, _message: str) -> None:
    return None


def found_in(result: Review) -> set[tuple[str, str, str]]:
    return {(item.finding.rule, item.finding.subject, str(item.finding.location)) for item in result.found}


async def databases(postgres: PostgresHost) -> set[str]:
    await postgres.start()
    session = await postgres.connect("postgres")
    try:
        rows = await session.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'architect%'")
    finally:
        await session.close()
    return {row["datname"] for row in rows}


async def test_text_and_engine_agree_on_a_large_schema(postgres: PostgresHost) -> None:
    sources = from_text(large_ddl(80_000))
    rules = [rule for rule in all_rules() if isinstance(rule, SchemaRule)]
    read = static_review(sources, rules)
    ran = await evidence_review(postgres, sources, rules, progress=silent, limits=Limits(proofs=0))
    assert found_in(read) == found_in(ran) != set()
    assert ran.not_tested == []


async def test_statements_nobody_suspects_are_not_observed_one_by_one(postgres: PostgresHost) -> None:
    sources = from_text(large_ddl(20_000) + "ALTER TABLE elsewhere ADD COLUMN x int;")
    ran = await evidence_review(postgres, sources, all_rules(), progress=silent, limits=Limits(proofs=0))
    assert ran.observed == 1
    assert ran.statements > 100


async def test_an_error_in_a_batch_is_found_at_its_own_line(postgres: PostgresHost) -> None:
    lines = [f"CREATE TABLE t{number} (id bigint PRIMARY KEY);" for number in range(450)]
    lines[137] = "CREATE TABLE t1 (id bigint PRIMARY KEY);"
    lines[301] = "INSERT INTO t1 VALUES ('x');"
    ran = await evidence_review(postgres, from_text("\n".join(lines)), all_rules(), progress=silent)
    assert [(item.finding.rule, item.finding.location.line) for item in ran.found] == [
        ("migration-fails", 138),
        ("migration-fails", 302),
    ]


async def test_a_cancelled_review_frees_the_engine_at_once(tmp_path: Path, postgres: PostgresHost) -> None:
    running = asyncio.Event()

    async def progress(_done: float, _total: float, message: str) -> None:
        if message == "executing statements":
            running.set()

    before = await databases(postgres)
    box = replace(toolbox_at(tmp_path, postgres), progress=progress)
    work = asyncio.create_task(review(box, "ALTER TABLE a ADD b int;\nSELECT pg_sleep(600) FROM a;"))
    await asyncio.wait_for(running.wait(), 30)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(work, 15)
    assert await databases(postgres) == before
    assert rules_of(await review(box, "CREATE TABLE a (x int);")) == ["no-primary-key"]


async def test_reviews_side_by_side_do_not_meet(tmp_path: Path, postgres: PostgresHost) -> None:
    before = await databases(postgres)
    box = toolbox_at(tmp_path, postgres)
    sql = "CREATE ROLE clerk;\nGRANT SELECT ON orders TO clerk, reader;\nCREATE TABLE a (x int REFERENCES orders);"
    reports = await asyncio.gather(*(review(box, sql.replace("clerk", f"clerk{n}")) for n in range(4)))
    assert len({tuple(rules_of(report)) for report in reports}) == 1
    assert "migration-fails" not in rules_of(reports[0])
    assert await databases(postgres) == before


def test_the_tool_is_known_without_importing_an_engine_or_a_parser() -> None:
    code = (
        "import sys, backend_architect, tools.registry\n"
        "assert 'review_schema' in [tool.name for tool in tools.registry.all_tools()]\n"
        "print(sorted({'asyncpg', 'postgast', 'sqlalchemy', 'alembic'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
