from __future__ import annotations

from dataclasses import replace

import pytest
from advice_help import SCHEMA_MODEL

from knowledge.advice.candidates import MAX_CANDIDATES, candidates
from knowledge.advice.existing import made_redundant, read_definition, serves_as
from knowledge.advice.index import Candidate, IndexKey, named
from knowledge.advice.rollout import rollout
from knowledge.query.shape import read_query
from knowledge.schema import Index, Relation, Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

KNOWN = DatabaseStatistics(
    (
        RelationStatistics(
            "public",
            "orders",
            "r",
            20_000,
            1_000_000,
            columns=(
                ColumnStatistics("customer_id", n_distinct=-0.1, avg_width=8, correlation=0.01),
                ColumnStatistics(
                    "status",
                    n_distinct=3,
                    avg_width=5,
                    most_common_vals="{done,sent,open}",
                    most_common_freqs=(0.7, 0.29, 0.01),
                ),
                ColumnStatistics("placed", n_distinct=-1, avg_width=8, correlation=0.999),
                ColumnStatistics("total", n_distinct=-0.5, avg_width=8, correlation=0.02),
            ),
        ),
    )
)


def ideas(sql: str, schema: Schema = SCHEMA_MODEL, statistics: DatabaseStatistics = KNOWN) -> list[str]:
    found = candidates(read_query(sql, schema), schema, statistics)
    return [each.body.removeprefix("ON public.") for each in found]


def with_index(definition: str, **details: object) -> Schema:
    index = Index("old_idx", "btree", (), definition, **details)  # type: ignore[arg-type]
    tables = [replace(t, indexes=(index,)) if t.name == "orders" else t for t in SCHEMA_MODEL.tables]
    return Schema(tuple(tables))


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("customer_id = 5 AND total > 3", "orders (customer_id, total)"),
        ("customer_id = 5 ORDER BY placed DESC LIMIT 3", "orders (customer_id, placed)"),
        ("status = 'open' AND total > 3", "orders (total) WHERE status = 'open'"),
        ("note IS NULL AND total > 3", "orders (total) WHERE note IS NULL"),
        ("lower(note) = 'a'", "orders (lower(note))"),
        ("doc ->> 'kind' = 'a'", "orders ((doc ->> 'kind'))"),
        ("day::date = '2024-01-01'", "orders ((day::date))"),
        ("doc @> '{}'", "orders USING gin (doc jsonb_path_ops)"),
        ("doc ? 'a'", "orders USING gin (doc)"),
        ("tags && ARRAY['a']", "orders USING gin (tags)"),
        ("to_tsvector('english', note) @@ to_tsquery('a')", "orders USING gin (to_tsvector('english', note))"),
        ("note LIKE '%abc%'", "orders USING gin (note gin_trgm_ops)"),
        ("note LIKE 'abc%'", "orders (note text_pattern_ops)"),
        ("placed > '2024-01-01'", "orders USING brin (placed)"),
        ("true ORDER BY customer_id, placed DESC", "orders (customer_id, placed DESC)"),
        ("true ORDER BY total DESC NULLS LAST", "orders (total NULLS FIRST)"),
        ("customer_id = 5 OR total > 3", "orders (total)"),
        ("true GROUP BY customer_id, status", "orders (customer_id, status)"),
    ],
)
def test_a_query_brings_the_index_made_for_it(condition: str, index: str) -> None:
    assert index in ideas(f"SELECT 1 FROM orders WHERE {condition}")


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ("date_trunc('day', placed) = '2024-01-01'", "date_trunc"),
        ("placed::date = '2024-01-01'", "::date"),
        ("to_char(total, '9') = '3'", "to_char"),
        ("to_tsvector(note) @@ to_tsquery('a')", "gin"),
        ("note LIKE '%ab%'", "gin"),
        ("total > 3", "brin"),
        ("status = 'done'", "WHERE"),
        ("status = $1", "WHERE"),
        ("customer_id = 5", "WHERE"),
    ],
)
def test_an_index_that_cannot_be_made_or_cannot_help_is_not_proposed(condition: str, word: str) -> None:
    assert not [index for index in ideas(f"SELECT 1 FROM orders WHERE {condition}") if word in index]


def test_the_most_selective_column_comes_first_and_other_orders_after_it() -> None:
    found = ideas("SELECT * FROM orders WHERE status = 'sent' AND customer_id = 5")
    assert found.index("orders (customer_id, status)") < found.index("orders (status, customer_id)")


def test_columns_a_query_needs_are_included_as_long_as_they_are_few() -> None:
    assert "orders (customer_id) INCLUDE (total)" in ideas("SELECT total FROM orders WHERE customer_id = 5")
    assert not [each for each in ideas("SELECT * FROM orders WHERE customer_id = 5") if "INCLUDE" in each]


def test_an_index_that_exists_is_not_proposed_again_nor_the_beginning_of_one() -> None:
    sql = "SELECT * FROM orders WHERE customer_id = 5"
    assert ideas(sql) == ["orders (customer_id)"]
    wider = "CREATE INDEX old_idx ON public.orders USING btree (customer_id DESC, placed)"
    assert ideas(sql, with_index(wider)) == []
    assert ideas(sql, with_index(wider, valid=False)) == ["orders (customer_id)"]
    partial = "CREATE INDEX old_idx ON public.orders USING btree (customer_id) WHERE paid"
    assert ideas(sql, with_index(partial)) == ["orders (customer_id)"]


def test_candidates_are_bounded_and_have_names_of_their_own() -> None:
    sql = (
        "SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id JOIN items i ON i.order_id = o.id"
        " WHERE status = 'open' AND paid AND note IS NULL AND o.total > 3 AND placed > '2024-01-01' AND code IN ('a')"
        " AND c.country = 'de' AND i.product_id = 4 ORDER BY placed, o.id LIMIT 4"
    )
    found = candidates(read_query(sql, SCHEMA_MODEL), SCHEMA_MODEL, KNOWN)
    assert len(found) == MAX_CANDIDATES
    assert len({each.name for each in found}) == MAX_CANDIDATES
    assert list(found) == sorted(found, key=lambda each: -each.rank)


def test_names_follow_the_convention_and_are_cut_at_63_bytes() -> None:
    short = Candidate("public.orders", (IndexKey("customer_id"), IndexKey(expression="lower(note)")))
    assert named(short, ()).name == "orders_customer_id_lower_note_idx"
    assert named(short, {"orders_customer_id_lower_note_idx"}).name == "orders_customer_id_lower_note_idx1"
    long = named(Candidate("public." + "ü" * 30, (IndexKey("c" * 60),)), ())
    assert len(long.name.encode()) <= 63


def test_the_statement_quotes_what_needs_quotes() -> None:
    odd = Candidate("My Schema.Order", (IndexKey("user"), IndexKey("Größe", "", "", True, True)), include=("a b",))
    assert named(odd, ()).online_ddl == (
        'CREATE INDEX CONCURRENTLY "Order_user_Größe_a b_idx" ON "My Schema"."Order"'
        ' ("user", "Größe" DESC) INCLUDE ("a b")'
    )


def test_a_definition_of_the_catalog_is_read_back() -> None:
    text = (
        "CREATE UNIQUE INDEX i ON s.t USING btree (a DESC NULLS LAST, lower(b) text_pattern_ops)"
        " INCLUDE (c) WHERE (d IS NULL)"
    )
    assert read_definition(text, "s.t") == Candidate(
        "s.t",
        (IndexKey("a", "", "", True, False), IndexKey("", "lower(b)", "text_pattern_ops")),
        "btree",
        ("c",),
        "d IS NULL",
        "i",
    )
    assert read_definition("SELECT 1", "s.t") is None


def test_an_index_over_part_of_the_rows_is_no_substitute_for_one_over_all() -> None:
    whole = Candidate("public.orders", (IndexKey("total"),))
    part = replace(whole, predicate="paid")
    assert not serves_as(part, whole)
    assert not serves_as(whole, part)
    assert serves_as(replace(whole, keys=(IndexKey("total"), IndexKey("id"))), whole)


def test_old_indexes_that_begin_the_new_one_are_named() -> None:
    table = with_index("CREATE INDEX old_idx ON public.orders USING btree (customer_id)").by_name["public.orders"]
    new = Candidate("public.orders", (IndexKey("customer_id"), IndexKey("placed")))
    assert [old.index.name for old in made_redundant(table, new)] == ["old_idx"]
    assert not list(made_redundant(table, replace(new, keys=new.keys[::-1])))


def test_on_a_partitioned_table_each_partition_gets_its_index_first() -> None:
    schema = Schema(
        (
            Relation("public", "events", partitioned=True),
            Relation("public", "events_1", partition_of="public.events"),
            Relation("public", "events_2", partition_of="public.events"),
        )
    )
    steps = rollout(named(Candidate("public.events", (IndexKey("kind"),)), ()), schema)
    assert [step.sql for step in steps] == [
        "CREATE INDEX events_kind_idx ON ONLY public.events (kind)",
        "CREATE INDEX CONCURRENTLY events_1_kind_idx ON public.events_1 (kind)",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION public.events_1_kind_idx",
        "CREATE INDEX CONCURRENTLY events_2_kind_idx ON public.events_2 (kind)",
        "ALTER INDEX public.events_kind_idx ATTACH PARTITION public.events_2_kind_idx",
    ]
