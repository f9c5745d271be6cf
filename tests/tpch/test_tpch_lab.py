"""The empty lab plans TPC-H as the populated server does, before and after eight indexes."""

from __future__ import annotations

from backend.advice.workload import advise_workload
from backend.advice.workload_model import WeightedQuery
from backend.engines.lab.lab import open_lab
from backend.engines.postgres.scratch import Scratch
from benchmarks.tpch import EIGHT_INDEXES, FOREIGN_KEYS, SCHEMA, TABLES, production_session
from benchmarks.tpch_fidelity import fidelity, shape, statistics_of
from benchmarks.tpch_queries import LONG_RUNNING, QUERIES
from knowledge.formats.explain import read


async def test_all_22_plans_are_the_same_in_the_lab_and_the_clone_takes_less_than_two_seconds(tpch: Scratch) -> None:
    found = await fidelity(tpch)
    assert found.different == ()
    assert found.cost_error < 0.001
    assert found.clone_seconds < 2


async def test_all_22_plans_are_the_same_with_eight_more_indexes(tpch: Scratch) -> None:
    session = await production_session(tpch)
    try:
        for index in EIGHT_INDEXES:
            await session.execute(index)
        found = await fidelity(tpch, EIGHT_INDEXES)
    finally:
        names = ", ".join(index.split()[2] for index in EIGHT_INDEXES)
        await session.execute(f"DROP INDEX {names}")
        await session.close()
    assert found.different == ()
    assert found.cost_error < 0.01


async def test_a_plan_with_another_index_does_not_pass_for_the_same(tpch: Scratch) -> None:
    """The weakened twin: a lab that lacks an index of the server is found out."""
    session = await production_session(tpch)
    try:
        await session.execute("CREATE INDEX o_custkey_twin ON orders (o_custkey)")
        assert 22 in (await fidelity(tpch)).different
        real = read(await session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {QUERIES[22]}"))
        assert shape(real.root) == shape(real.root)
    finally:
        await session.execute("DROP INDEX o_custkey_twin")
        await session.close()


async def test_the_recommended_indexes_are_used_on_the_populated_database(tpch: Scratch) -> None:
    queries = [WeightedQuery(sql, name=str(number)) for number, sql in QUERIES.items() if number not in LONG_RUNNING]
    async with open_lab(tpch.host, SCHEMA + FOREIGN_KEYS, await statistics_of(tpch)) as lab:
        advice = await advise_workload(lab, queries, budget_bytes=42_000_000, seconds=8)
    assert 0 < advice.bytes <= 42_000_000
    assert advice.relative < 0.75
    session = await production_session(tpch)
    used: set[str] = set()
    try:
        transaction = session.transaction()
        await transaction.start()
        for index in advice.indexes:
            await session.execute(index.candidate.ddl)
        for query in queries:
            plan = read(await session.fetchval(f"EXPLAIN (FORMAT JSON) {query.sql}"))
            used |= {node.index for node in plan.nodes if node.index}
        await transaction.rollback()
    finally:
        await session.close()
    assert {index.candidate.name for index in advice.indexes} <= used


async def test_every_table_was_loaded(tpch: Scratch) -> None:
    session = await tpch.connect()
    try:
        rows = {table: await session.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}
    finally:
        await session.close()
    assert (rows["region"], rows["nation"], rows["supplier"], rows["orders"]) == (5, 25, 1_000, 150_000)
    assert rows["lineitem"] == 600_572
