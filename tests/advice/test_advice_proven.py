from __future__ import annotations

import pytest
from advice_help import SCHEMA
from real_rows import RealRows

from backend.advice.advise import Demands, advise
from backend.advice.trials import Trials
from backend.engines.lab.lab import Lab, LabError, open_lab
from backend.engines.postgres.host import PostgresHost
from knowledge.advice.index import Candidate, IndexKey, named
from knowledge.query.shape import read_query

ADVISED = {
    "SELECT * FROM orders WHERE customer_id = 17": ["orders (customer_id)"],
    "SELECT * FROM orders WHERE customer_id = 17 ORDER BY placed DESC LIMIT 5": ["orders (customer_id)"],
    "SELECT * FROM orders WHERE code = 'ABC' ORDER BY placed LIMIT 3": ["orders (placed) WHERE code = 'ABC'"],
    "SELECT id, total FROM orders WHERE status = 'open' AND placed > '2023-03-01'": [
        "orders (placed) INCLUDE (id, total) WHERE status = 'open'"
    ],
    "SELECT * FROM orders WHERE status = 'open' ORDER BY placed DESC LIMIT 20": [
        "orders (placed) WHERE status = 'open'"
    ],
    "SELECT * FROM orders WHERE NOT paid ORDER BY total DESC LIMIT 5": ["orders (total) WHERE NOT paid"],
    "SELECT * FROM customers WHERE lower(email) = 'user99@example.org'": ["customers (lower(email))"],
    "SELECT * FROM customers WHERE email LIKE 'User99%'": ["customers (email text_pattern_ops)"],
    "SELECT * FROM customers WHERE email LIKE '%r1999%'": ["customers USING gin (email gin_trgm_ops)"],
    "SELECT * FROM customers WHERE gone IS NULL AND country = 'de'": ["customers (gone) WHERE country = 'de'"],
    "SELECT * FROM customers WHERE active": ["customers (id) WHERE active"],
    "SELECT * FROM orders WHERE tags @> ARRAY['t7']": ["orders USING gin (tags)"],
    'SELECT * FROM orders WHERE doc @> \'{"kind": "k5"}\'': ["orders USING gin (doc jsonb_path_ops)"],
    "SELECT * FROM orders WHERE doc ->> 'kind' = 'k5'": ["orders ((doc ->> 'kind'))"],
    "SELECT * FROM orders WHERE date_trunc('day', day) = '2023-02-03'": ["orders (date_trunc('day', day))"],
    "SELECT * FROM orders WHERE to_tsvector('english', note) @@ to_tsquery('english', 'abc')": [
        "orders USING gin (to_tsvector('english', note))"
    ],
    "SELECT * FROM orders WHERE placed BETWEEN '2023-05-01' AND '2023-05-03'": ["orders (placed)"],
    "SELECT o.id, i.price FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer_id = 17": [
        "items (order_id)",
        "orders (customer_id)",
    ],
    "SELECT * FROM orders WHERE customer_id = 5 OR total BETWEEN 250 AND 250.1": [
        "orders (customer_id)",
        "orders (total)",
    ],
    "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = 'User5@post.org'": [
        "customers (email)",
        "orders (customer_id)",
    ],
    "SELECT * FROM orders ORDER BY total DESC LIMIT 10": ["orders (total)"],
    "SELECT * FROM orders ORDER BY customer_id, placed DESC LIMIT 20": ["orders (customer_id, placed DESC)"],
    "SELECT max(total) FROM orders": ["orders (total)"],
    "SELECT * FROM items WHERE order_id IN (SELECT id FROM orders WHERE code = 'ABC' AND status = 'open')": [
        "items (order_id)",
        "orders (code)",
    ],
    "UPDATE orders SET status = 'done' WHERE customer_id = 17 AND status = 'open'": ["orders (customer_id)"],
    "DELETE FROM items WHERE order_id = 77": ["items (order_id)"],
    "WITH big AS (SELECT * FROM orders WHERE total BETWEEN 250 AND 250.5) SELECT * FROM big WHERE code = 'abc'": [
        "orders (total)"
    ],
}
"""Queries, and the indexes that are to be advised for them."""

NOTHING = {
    "SELECT * FROM orders WHERE code = 'abc'": "no index tried is used by the plan: tried 1 index",
    "SELECT * FROM orders WHERE status = 'done'": "no index tried is used by the plan: tried 1 index",
    "SELECT * FROM orders WHERE customer_id = 17.5": "no index tried is used by the plan: tried 1 index",
    "SELECT * FROM items WHERE product_id = 42": "every index that could serve the query is there already",
    "SELECT * FROM kinds WHERE label = 'kind 7'": "no index tried is used by the plan: tried 2 indexes",
    "SELECT * FROM orders WHERE id = 7": "every index that could serve the query is there already",
    "SELECT * FROM orders WHERE to_char(placed, 'YYYY') = '2023'": "every index that could serve the query",
    "SELECT 1": "the query names no table of the schema",
    "DELETE FROM customers WHERE gone IS NULL": "no index tried lowers the cost by 10%",
    "INSERT INTO kinds VALUES (99, 'x')": "every index that could serve the query",
}
"""Traps: queries that no index helps, and how the reason begins."""


@pytest.mark.parametrize("sql", ADVISED)
async def test_the_advised_index_is_used_over_real_rows_as_it_was_in_the_lab(
    shop_lab: Lab, shop: RealRows, sql: str
) -> None:
    advice = await advise(shop_lab, sql)
    bodies = [each.candidate.body.removeprefix("ON public.") for each in advice.recommendations]
    assert sorted(bodies) == ADVISED[sql]
    names = {each.candidate.name for each in advice.recommendations}
    assert names <= {node.index for node in advice.after.nodes}
    before = (await shop.explain(sql)).root.number_of("Total Cost")
    async with shop.what_if(*(each.candidate.ddl for each in advice.recommendations)) as real:
        plan = await real.explain(sql)
    assert names <= {node.index for node in plan.nodes}
    assert plan.root.number_of("Total Cost") <= 0.9 * before
    assert plan.root.number_of("Total Cost") == pytest.approx(advice.after.root.number_of("Total Cost"), rel=0.1)


@pytest.mark.parametrize("sql", NOTHING)
async def test_where_no_index_helps_none_is_advised_and_the_reason_told(shop_lab: Lab, sql: str) -> None:
    advice = await advise(shop_lab, sql)
    assert advice.recommendations == ()
    assert advice.reason.startswith(NOTHING[sql])
    assert (advice.after, advice.cost_after) == (advice.before, advice.cost_before)


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM orders WHERE customer_id = 17.5", "SELECT * FROM orders WHERE code = 'abc'"]
)
async def test_without_the_check_of_use_and_demands_a_useless_index_would_be_advised(shop_lab: Lab, sql: str) -> None:
    weak = await advise(shop_lab, sql, demands=Demands(share=0, floor=0), check_use=False)
    assert weak.recommendations
    assert not (await advise(shop_lab, sql, demands=Demands(share=0, floor=0))).recommendations


async def test_without_the_floor_an_index_for_a_tiny_table_would_be_advised(shop_lab: Lab) -> None:
    sql = "SELECT * FROM kinds k JOIN kinds o ON o.label = k.label WHERE k.id = 3"
    assert not (await advise(shop_lab, sql)).recommendations


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders WHERE status = 'open' AND placed > '2023-03-01'",
        "SELECT * FROM customers WHERE gone IS NULL AND country = 'de'",
        "SELECT * FROM orders WHERE customer_id = 5 OR total BETWEEN 250 AND 250.1",
        "SELECT o.id, i.price FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer_id = 17",
        "SELECT * FROM orders WHERE code = 'abc'",
        "DELETE FROM items WHERE order_id = 77",
    ],
)
async def test_advice_from_the_lab_is_the_advice_that_real_rows_give(shop_lab: Lab, shop: RealRows, sql: str) -> None:
    lab, real = await advise(shop_lab, sql), await advise(shop, sql)
    assert [each.ddl for each in lab.recommendations] == [each.ddl for each in real.recommendations]
    assert lab.cost_after == pytest.approx(real.cost_after, rel=0.1)
    for one, other in zip(lab.recommendations, real.recommendations, strict=True):
        assert one.bytes == pytest.approx(other.bytes, rel=0.25)


async def test_literals_are_planned_as_written(shop_lab: Lab) -> None:
    rare = await advise(shop_lab, "SELECT * FROM orders WHERE code = 'ABC'")
    common = await advise(shop_lab, "SELECT * FROM orders WHERE code = 'abc'")
    assert [each.candidate.keys[0].column for each in rare.recommendations] == ["code"]
    assert not common.recommendations


async def test_parameters_are_planned_for_any_value(shop_lab: Lab) -> None:
    advice = await advise(shop_lab, "SELECT * FROM items WHERE order_id = $1")
    assert [each.candidate.body for each in advice.recommendations] == ["ON public.items (order_id)"]
    assert "$1" in advice.after.root.text("Index Cond")


async def test_like_is_not_promised_an_index_that_serves_it_under_one_collation_only(shop_lab: Lab) -> None:
    sql = "SELECT * FROM customers WHERE email LIKE 'User99%' ORDER BY email"
    advice = await advise(shop_lab, sql)
    assert [each.candidate.keys[0].operator_class for each in advice.recommendations] == ["text_pattern_ops"]
    assert any("collation C" in note for note in advice.notes)
    plain = named(Candidate("public.customers", (IndexKey("email"),)), ())
    shape = read_query(sql, shop_lab.schema)
    assert await Trials(shop_lab, sql, shape).outcome([plain]) is None
    weak = await Trials(shop_lab, sql, shape, check_use=False).outcome([plain])
    assert weak is not None
    assert weak.cost < 0.5 * advice.cost_before


async def test_the_statements_for_production_do_not_lock_writers_out(shop_lab: Lab) -> None:
    advice = await advise(shop_lab, "SELECT * FROM customers WHERE lower(email) = 'a'")
    (one,) = advice.recommendations
    assert [(step.sql, step.alone) for step in one.steps] == [
        ("CREATE INDEX CONCURRENTLY customers_lower_email_idx ON public.customers (lower(email))", True),
        ("ANALYZE public.customers", False),
    ]
    trigram = await advise(shop_lab, "SELECT * FROM customers WHERE email LIKE '%r1999%'")
    assert trigram.recommendations[0].steps[0].sql == "CREATE EXTENSION IF NOT EXISTS pg_trgm"


async def test_the_cost_of_writing_is_told(shop_lab: Lab, shop: RealRows) -> None:
    advice = await advise(shop_lab, "DELETE FROM items WHERE order_id = 77")
    (one,) = advice.recommendations
    pages = next(each.pages for each in shop.statistics.relations if each.name == "items")
    assert one.write.share == pytest.approx(one.bytes / (pages * 8192))
    assert one.write.hot_lost == ("order_id",)
    assert one.upkeep > 0
    assert one.cost_with == pytest.approx(advice.after.root.number_of("Total Cost") + one.upkeep)


async def test_an_old_index_that_the_new_one_stands_in_for_is_named_and_tried_without(shop_lab: Lab) -> None:
    sql = "SELECT * FROM items WHERE product_id = 42 ORDER BY price LIMIT 2"
    advice = await advise(shop_lab, sql)
    (one,) = advice.recommendations
    assert one.candidate.body == "ON public.items (product_id, price)"
    assert [(old.name, old.droppable) for old in one.replaced] == [("items_product_id_idx", True)]


async def test_an_index_that_cannot_be_built_is_noted(postgres: PostgresHost, shop: RealRows) -> None:
    sql = "SELECT * FROM orders WHERE concat_lower(note) = 'abc'"
    function = "CREATE FUNCTION concat_lower(text) RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1; END'"
    async with open_lab(postgres, f"{SCHEMA};{function}", shop.statistics) as lab:
        advice = await advise(lab, sql)
    assert advice.recommendations == ()
    assert advice.notes == (
        "not tried: equality index on concat_lower(note): functions in index expression must be marked IMMUTABLE",
    )


async def test_a_plain_index_serves_like_under_no_other_collation(shop: RealRows) -> None:
    async with shop.what_if(
        "CREATE COLLATION words (provider = libc, locale = 'C.UTF-8')",
        "ALTER TABLE customers ALTER email TYPE text COLLATE words",
        "CREATE INDEX plain ON customers (email)",
        "ANALYZE customers",
    ) as other:
        assert not (await other.cost("SELECT * FROM customers WHERE email LIKE 'User99%'"))[1]
    pattern = "CREATE INDEX pattern ON customers (email text_pattern_ops)"
    async with shop.what_if(pattern) as other:
        assert (await other.cost("SELECT * FROM customers WHERE email LIKE 'User99%'"))[1] == {"pattern"}


async def test_a_statement_that_cannot_be_planned_is_refused(shop_lab: Lab) -> None:
    with pytest.raises(LabError):
        await advise(shop_lab, "SELECT * FROM nowhere")


async def test_no_more_indexes_are_advised_than_asked_for(shop_lab: Lab) -> None:
    sql = "SELECT o.id, i.price FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer_id = 17"
    assert len((await advise(shop_lab, sql, limit=1)).recommendations) == 1


async def test_an_index_of_a_partitioned_table_is_used_through_its_partitions(shop_lab: Lab, shop: RealRows) -> None:
    sql = "SELECT * FROM events WHERE kind = 3"
    advice = await advise(shop_lab, sql)
    (one,) = advice.recommendations
    assert one.candidate.body == "ON public.events (kind)"
    assert [step.sql.partition(" ON ")[0] for step in one.steps] == [
        "CREATE INDEX events_kind_idx",
        "CREATE INDEX CONCURRENTLY events_2024_kind_idx",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION public.events_2024_kind_idx",
        "CREATE INDEX CONCURRENTLY events_2025_kind_idx",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION public.events_2025_kind_idx",
    ]
    async with shop.what_if(*(step.sql.replace(" CONCURRENTLY", "") for step in one.steps)) as real:
        cost, used = await real.cost(sql)
    assert used == {"events_2024_kind_idx", "events_2025_kind_idx"}
    assert cost == pytest.approx(advice.cost_after, rel=0.1)


async def test_an_update_of_an_indexed_column_pays_for_the_index(shop_lab: Lab) -> None:
    (one,) = (await advise(shop_lab, "UPDATE orders SET code = 'x' WHERE code = 'ABC'")).recommendations
    assert one.upkeep > 0
    (free,) = (await advise(shop_lab, "UPDATE orders SET note = 'x' WHERE code = 'ABC'")).recommendations
    assert free.upkeep == 0
    assert free.cost_with < one.cost_with
