"""CREATE ROLE in several databases of one server."""

from __future__ import annotations

from backend.engines.postgres.host import PostgresHost
from backend.engines.trace import trace_statements
from knowledge.formats.postgres_sql import read

SCRIPT = read("CREATE ROLE shop_app; CREATE TABLE t (id int); GRANT SELECT ON t TO shop_app;").statements


async def test_a_role_that_another_scratch_database_made_is_lent(postgres: PostgresHost) -> None:
    async with postgres.scratch() as first, postgres.scratch() as second:
        for scratch in (first, second):
            traces = await trace_statements(scratch, SCRIPT)
            assert [trace.error for trace in traces] == [None, None, None]


async def test_a_clone_may_make_the_roles_of_its_original_again(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        template = await scratch.snapshot()
        await trace_statements(scratch, SCRIPT)
        async with postgres.scratch(template) as clone:
            traces = await trace_statements(clone, SCRIPT)
            assert [trace.error for trace in traces] == [None, None, None]


async def test_a_role_made_twice_by_one_script_is_still_an_error(postgres: PostgresHost) -> None:
    async with postgres.scratch() as scratch:
        traces = await trace_statements(scratch, read("CREATE ROLE twice; CREATE ROLE twice;").statements)
        assert traces[0].error is None
        assert traces[1].error is not None
        assert traces[1].error.sqlstate == "42710"
