from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from lab_help import shape

from backend.engines.lab.lab import Lab, LabError
from knowledge.formats.explain import read

if TYPE_CHECKING:
    import asyncpg
    from conftest import Populated

    from knowledge.plan.model import Plan

NEW = {
    "plain": ("CREATE INDEX fresh ON orders (total)", "SELECT * FROM orders WHERE total > 499", 0.1),
    "composite": (
        "CREATE INDEX fresh ON orders (status, placed)",
        "SELECT * FROM orders WHERE status = 'held' AND placed > '2024-06-01'",
        0.1,
    ),
    "descending": (
        "CREATE INDEX fresh ON orders (placed DESC)",
        "SELECT * FROM orders ORDER BY placed DESC LIMIT 9",
        0.1,
    ),
    "partial": (
        "CREATE INDEX fresh ON orders (total) WHERE status = 'held'",
        "SELECT * FROM orders WHERE status = 'held' AND total > 450",
        0.1,
    ),
    "covering": (
        "CREATE INDEX fresh ON items (product_id) INCLUDE (quantity, price)",
        "SELECT sum(quantity * price) FROM items WHERE product_id = 42",
        0.1,
    ),
    "expression": (
        "CREATE INDEX fresh ON customers (upper(email))",
        "SELECT * FROM customers WHERE upper(email) = 'USER9@POST.ORG'",
        0.15,
    ),
    "duplicates": ("CREATE INDEX fresh ON items (quantity)", "SELECT count(*) FROM items WHERE quantity = 3", 0.1),
    "two dependent columns": (
        "CREATE INDEX fresh ON orders (customer_id, status)",
        "SELECT count(*) FROM orders WHERE customer_id = 9 AND status = 'done'",
        0.25,
    ),
    "with NULLs": ("CREATE INDEX fresh ON orders (note)", "SELECT * FROM orders WHERE note = 'abc'", 0.1),
    "unique": ("CREATE UNIQUE INDEX fresh ON customers (email)", "SELECT * FROM customers WHERE email = 'u@b.c'", 0.1),
    "hash": (
        "CREATE INDEX fresh ON customers USING hash (email)",
        "SELECT * FROM customers WHERE email = 'u@b.c'",
        0.1,
    ),
    "brin": (
        "CREATE INDEX fresh ON events_2025 USING brin (at)",
        "SELECT count(*) FROM events WHERE at BETWEEN '2025-03-01' AND '2025-03-02'",
        0.1,
    ),
    "trigram": (
        "CREATE INDEX fresh ON customers USING gin (email gin_trgm_ops)",
        "SELECT * FROM customers WHERE email LIKE '%r2999%'",
        1.0,
    ),
    "array": (
        "CREATE INDEX fresh ON items USING gin (tags)",
        "SELECT count(*) FROM items WHERE tags && ARRAY['t3', 't4'] AND line = 1",
        0.6,
    ),
    "json": (
        "CREATE INDEX fresh ON events_2024 USING gin (payload)",
        "SELECT * FROM events_2024 WHERE payload @> '{\"n\": 5}'",
        0.6,
    ),
    "gist": (
        "CREATE INDEX fresh ON orders USING gist (tstzrange(placed, placed))",
        "SELECT * FROM orders WHERE tstzrange(placed, placed) && tstzrange('2024-01-01', '2024-01-02')",
        0.6,
    ),
    "spgist": (
        "CREATE INDEX fresh ON orders USING spgist (note)",
        "SELECT * FROM orders WHERE note = 'abc'",
        0.6,
    ),
    "on a partitioned table": (
        "CREATE INDEX fresh ON events (kind, at)",
        "SELECT * FROM events WHERE kind = 3 AND at > '2025-05-01'",
        0.1,
    ),
}
"""A new index, a query for it, and how far its estimated size may lie from the real one."""

_SIZE = """
SELECT sum(pg_relation_size(c.oid)) / 8192 FROM pg_class c
WHERE c.oid = 'fresh'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'fresh'::regclass)
"""


async def real_index(session: asyncpg.Connection, ddl: str, query: str) -> tuple[Plan, int]:
    """The plan with the index really built, and its pages."""
    await session.execute("BEGIN")
    try:
        await session.execute(ddl)
        plan = read(await session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE) {query}"))
        return plan, int(await session.fetchval(_SIZE))
    finally:
        await session.execute("ROLLBACK")


@pytest.mark.parametrize("kind", NEW)
async def test_a_new_index_serves_in_the_lab_as_it_does_over_rows(lab: Lab, populated: Populated, kind: str) -> None:
    ddl, query, tolerance = NEW[kind]
    real, pages = await real_index(populated.session, ddl, query)
    async with lab.what_if(ddl) as changed:
        planned = await changed.explain(query)
    assert shape(planned) == shape(real)
    cost, true_cost = planned.root.number_of("Total Cost"), real.root.number_of("Total Cost")
    (index,) = changed.indexes
    print(
        f"{kind:22} {pages:5} pages, {index.pages:5} in the lab ({index.pages / pages - 1:+.0%}),"
        f" cost {true_cost} and {cost} ({cost / true_cost - 1:+.2%})"
    )
    assert abs(cost - true_cost) <= 0.05 * true_cost
    assert abs(index.pages - pages) <= max(3, tolerance * pages)


async def test_after_the_block_the_lab_is_as_before(lab: Lab) -> None:
    query = "SELECT * FROM orders WHERE total > 499"
    before = await lab.cost(query)
    async with lab.what_if("CREATE INDEX CONCURRENTLY ON orders (total)") as changed:
        assert (await changed.cost(query))[1] == {"orders_total_idx"}
        assert changed.indexes[0].name == "orders_total_idx"
        assert changed.indexes[0].table == "public.orders"
        assert changed.indexes[0].bytes == changed.indexes[0].pages * 8192
    assert await lab.cost(query) == before


async def test_an_index_can_be_taken_away(lab: Lab) -> None:
    query = "SELECT * FROM orders WHERE customer_id = 17"
    cost, used = await lab.cost(query)
    assert used == {"orders_customer"}
    async with lab.what_if(without=["orders_customer"]) as changed:
        more, instead = await changed.cost(query)
    assert more > 5 * cost
    assert "orders_customer" not in instead
    assert await lab.cost(query) == (cost, used)


async def test_an_index_of_a_primary_key_and_of_partitions_can_be_taken_away(lab: Lab) -> None:
    async with lab.what_if(without=["orders_pkey", "public.events_kind"]) as changed:
        assert (await changed.cost("SELECT * FROM orders WHERE id = 7"))[1] == set()
        assert (await changed.cost("SELECT * FROM events WHERE kind = 3"))[1] == set()
    assert (await lab.cost("SELECT * FROM orders WHERE id = 7"))[1] == {"orders_pkey"}


async def test_built_indexes_are_seen_only_when_named(populated: Populated, fresh_lab: Lab) -> None:
    query = "SELECT * FROM orders WHERE total > 499"
    plain = await fresh_lab.cost(query)
    built = await fresh_lab.build("CREATE INDEX t1 ON orders (total)", "CREATE INDEX t2 ON orders (total, placed)")
    assert [index.name for index in built] == ["t1", "t2"]
    await fresh_lab.only([])
    assert await fresh_lab.cost(query) == plain
    await fresh_lab.only(["t2"])
    assert (await fresh_lab.cost(query))[1] == {"t2"}
    await fresh_lab.only(["t1", "t2"])
    assert (await fresh_lab.cost(query))[1] == {"t1"}
    with pytest.raises(LabError, match="no index t3 was built"):
        await fresh_lab.only(["t3"])


@pytest.mark.parametrize(
    ("ddl", "message"),
    [
        ("DROP TABLE orders", "not a CREATE INDEX"),
        ("CREATE INDEX ON orders (total); DROP TABLE orders", "one statement"),
        ("CREATE INDEX ON orders (absent)", 'column "absent" does not exist'),
        ("CREATE INDEX ON nowhere (x)", "there is no table nowhere"),
        ("CREATE INDEX IF NOT EXISTS orders_customer ON orders (total)", "exists already"),
        ("CREATE INDEX orders_customer ON orders (total)", "already exists"),
    ],
)
async def test_what_is_no_new_index_is_refused_and_leaves_the_lab_usable(lab: Lab, ddl: str, message: str) -> None:
    files = lab._builder.files.files
    path = next(table.path for table in lab._builder.tables.values() if table.name == "orders")
    pages = files.pages(path)
    with pytest.raises(LabError, match=message):
        async with lab.what_if(ddl):
            pass
    assert files.pages(path) == pages
    assert (await lab.cost("SELECT * FROM orders WHERE id = 7"))[1] == {"orders_pkey"}


async def test_a_cancelled_creation_gives_the_table_its_length_back(lab: Lab) -> None:
    files = lab._builder.files.files
    path = next(table.path for table in lab._builder.tables.values() if table.name == "orders")
    pages, before = files.pages(path), await lab.cost("SELECT * FROM orders WHERE total > 499")

    async def try_it() -> None:
        async with lab.what_if("CREATE INDEX ON orders (total)"):
            await asyncio.Event().wait()

    for turns in range(0, 40, 3):
        task = asyncio.ensure_future(try_it())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert files.pages(path) == pages
    assert await lab.cost("SELECT * FROM orders WHERE total > 499") == before


async def test_an_expression_index_says_that_its_statistics_are_missing(lab: Lab) -> None:
    async with lab.what_if("CREATE INDEX ON customers (upper(email))") as changed:
        assert any("until ANALYZE" in difference for difference in changed.differences)


async def test_the_lab_itself_refuses_to_be_asked_inside_a_what_if(lab: Lab) -> None:
    async with lab.what_if("CREATE INDEX ON orders (total)"):
        with pytest.raises(RuntimeError, match="inside what_if"):
            await lab.cost("SELECT 1")


async def test_a_generic_plan_is_made_anew_when_other_indexes_are_visible(fresh_lab: Lab) -> None:
    await fresh_lab.build("CREATE INDEX g1 ON orders (total)")
    sql = "SELECT * FROM orders WHERE total = $1"
    await fresh_lab.only([])
    without, _ = await fresh_lab.cost(sql)
    await fresh_lab.only(["g1"])
    cost, used = await fresh_lab.cost(sql)
    assert used == {"g1"} and cost < without
    assert any(node.index == "g1" for node in (await fresh_lab.explain(sql)).nodes)
    await fresh_lab.only([])
    assert await fresh_lab.cost(sql) == (without, frozenset())
