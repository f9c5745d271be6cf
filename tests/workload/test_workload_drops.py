"""Indexes are advised to be dropped only where nothing needs them and no query's cost rises."""

from __future__ import annotations

from workload_shop import READS

from backend.advice.unused import advise_drops
from backend.advice.workload_model import WeightedQuery
from backend.engines.lab.lab import Lab


async def test_duplicate_redundant_and_unused_indexes_go_and_what_constraints_need_stays(shop: Lab) -> None:
    advice = await advise_drops(shop, READS)
    found = {drop.name: (drop.reason, drop.stands_in) for drop in advice.drops}
    assert found["orders_placed_at_again"] == ("duplicate", "orders_placed_at")
    assert found["orders_customer"] == ("unused", "")
    assert not {"orders_pkey", "customers_pkey", "orders_unique", "customers_country"} & set(found)
    kept = {each.name: each.why for each in advice.kept}
    assert kept["orders_unique"] == "it keeps its columns unique"
    assert all(drop.ddl.startswith("DROP INDEX CONCURRENTLY ") for drop in advice.drops)


async def test_without_all_dropped_indexes_no_query_costs_more(shop: Lab) -> None:
    before = [(await shop.cost(query.sql))[0] for query in READS]
    advice = await advise_drops(shop, READS)
    async with shop.what_if(without=[drop.name for drop in advice.drops]) as without:
        after = [(await without.cost(query.sql))[0] for query in READS]
    assert all(new <= old * 1.001 for old, new in zip(before, after, strict=True))


async def test_an_index_that_was_scanned_on_the_live_server_is_not_called_unused(shop: Lab) -> None:
    advice = await advise_drops(shop, READS, scans={"public.orders_customer": 3})
    assert "orders_customer" not in {drop.name for drop in advice.drops}


async def test_the_replica_identity_stays(shop: Lab) -> None:
    advice = await advise_drops(shop, READS, identity=frozenset({"public.orders_placed_at_again"}))
    assert {each.name: each.why for each in advice.kept}[
        "orders_placed_at_again"
    ] == "it is the table's replica identity"


async def test_a_prefix_that_is_smaller_and_read_stays_because_its_query_would_cost_more(shop: Lab) -> None:
    query = WeightedQuery("SELECT count(*) FROM orders WHERE placed_at > date '2024-01-01'")
    advice = await advise_drops(shop, [query])
    names = {drop.name for drop in advice.drops}
    assert not {"orders_placed_at", "orders_placed_at_again"} <= names or all(
        drop.stands_in for drop in advice.drops if drop.name.startswith("orders_placed_at")
    )
