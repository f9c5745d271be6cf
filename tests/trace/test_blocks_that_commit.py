"""DO blocks that end transactions themselves, as backfills in batches do."""

from __future__ import annotations

from tracing_help import statements, traced

from backend.engines.postgres.host import Scratch
from backend.engines.trace.kinds import Course, course

BATCHES = """DO $$ BEGIN FOR place IN 1..5 LOOP
  UPDATE t SET n = n + 100 WHERE id = place;
  COMMIT;
END LOOP; END $$;"""
PLAIN = "DO $$ BEGIN UPDATE t SET n = 0; END $$;"


async def test_a_block_that_commits_runs_where_it_may_and_its_work_stands(world: Scratch) -> None:
    (trace,) = await traced(world, BATCHES, transactional=False)
    assert trace.error is None
    session = await world.connect()
    assert await session.fetchval("SELECT min(n) FROM t") == 101
    await session.close()


async def test_inside_a_transaction_it_fails_as_the_server_would_have_it(world: Scratch) -> None:
    (trace,) = await traced(world, BATCHES, transactional=True)
    assert trace.error is not None
    assert trace.error.sqlstate == "2D000"


def test_a_block_without_a_commit_is_watched_in_a_transaction() -> None:
    assert [course(statement) for statement in statements(BATCHES + PLAIN)] == [Course.ALONE, Course.PLAIN]
