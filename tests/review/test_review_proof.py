"""A fix is offered as proven only if it was: twins that do too little, too much or nothing at all are caught."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from review_harness import review, toolbox_at

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost
from backend.review.evidence import Limits, evidence_review
from backend.review.proof import NOT_TRIED, prove_schema_fix
from backend.review.sources import from_text
from knowledge.report import Fix, Step
from knowledge.rules import all_rules, rule
from knowledge.rules.rule import SchemaRule
from knowledge.schema import Schema

TABLES = (
    "CREATE TABLE users (id bigint PRIMARY KEY);"
    "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), draft boolean);"
)
RULES = [found for found in all_rules() if isinstance(found, SchemaRule)]


@pytest.fixture
async def state(postgres: PostgresHost) -> AsyncIterator[tuple[str, Schema]]:
    """A template with the finding in it, and its schema."""
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        await session.execute(TABLES)
        schema = await read_schema(session)
        await session.close()
        template = await scratch.snapshot()
    yield template, schema
    await postgres.drop(template)


async def proof_of(host: PostgresHost, state: tuple[str, Schema], *steps: str) -> Fix:
    each = rule("foreign-key-without-index")
    assert isinstance(each, SchemaRule)
    return await prove_schema_fix(
        host,
        template=state[0],
        before=state[1],
        rule=each,
        subject="public.posts.user_id",
        fix=Fix(summary="fix", steps=[Step(sql=step) for step in steps]),
        rules=RULES,
    )


async def test_the_right_index_is_proven_with_the_lock_it_took(
    postgres: PostgresHost, state: tuple[str, Schema]
) -> None:
    fix = await proof_of(postgres, state, "CREATE INDEX CONCURRENTLY ON posts (user_id);")
    assert fix.proven
    assert "ShareUpdateExclusiveLock on public.posts" in fix.proof


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (["CREATE INDEX ON posts (draft);"], "still finds public.posts.user_id"),
        (["CREATE INDEX ON posts (user_id) WHERE draft;"], "still finds public.posts.user_id"),
        (["CREATE INDEX ON posts (author_id);"], "it fails (42703"),
        ([], "still finds public.posts.user_id"),
        (
            ["CREATE INDEX ON posts (user_id);", "CREATE INDEX ON posts (user_id);"],
            "it brings duplicate-index on public.posts.posts_user_id_idx1",
        ),
        (
            ["ALTER TABLE posts DROP CONSTRAINT posts_user_id_fkey, DROP CONSTRAINT posts_pkey;"],
            "it brings no-primary-key on public.posts",
        ),
    ],
)
async def test_a_fix_that_does_not_hold_is_refused_with_the_reason(
    postgres: PostgresHost, state: tuple[str, Schema], steps: list[str], reason: str
) -> None:
    fix = await proof_of(postgres, state, *steps)
    assert not fix.proven
    assert reason in fix.proof


async def test_a_new_finding_of_less_weight_does_not_refuse_a_fix(
    postgres: PostgresHost, state: tuple[str, Schema]
) -> None:
    """redundant-prefix-index is low, foreign-key-without-index medium."""
    steps = ["CREATE INDEX ON posts (user_id);", "CREATE INDEX ON posts (user_id, draft);"]
    assert (await proof_of(postgres, state, *steps)).proven


async def test_a_rule_whose_remedy_is_wrong_is_never_shown_as_proven(postgres: PostgresHost) -> None:
    each = rule("foreign-key-without-index")
    assert isinstance(each, SchemaRule)
    wrong = replace(each, remedy=lambda hit, schema: Fix(summary="wrong", steps=[Step(sql="ANALYZE posts;")]))
    found = await evidence_review(postgres, from_text(TABLES), [wrong], progress=silent)
    assert [item.finding.fixes[0].proven for item in found.found] == [False]


async def silent(_done: float, _total: float, _message: str) -> None:
    return None


async def test_beyond_the_budget_fixes_say_that_nobody_tried(postgres: PostgresHost) -> None:
    found = await evidence_review(
        postgres, from_text(TABLES + TABLES.replace("users", "u").replace("posts", "p")), all_rules(),
        progress=silent, limits=Limits(proofs=1),
    )  # fmt: skip
    proofs = [item.finding.fixes[0].proof for item in found.found]
    assert len(proofs) == 2
    assert proofs[0] != NOT_TRIED
    assert proofs[1] == NOT_TRIED


async def test_proofs_leave_no_database_behind(tmp_path, postgres: PostgresHost) -> None:  # type: ignore[no-untyped-def]
    await postgres.start()
    session = await postgres.connect("postgres")
    try:
        query = "SELECT datname FROM pg_database WHERE datname LIKE 'architect%'"
        before = set(await session.fetch(query))
        await review(toolbox_at(tmp_path, postgres), TABLES + "ALTER TABLE accounts ADD UNIQUE (email);")
        assert set(await session.fetch(query)) == before
    finally:
        await session.close()
