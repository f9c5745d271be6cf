"""The parts of explaining a query of SQLite's: its words for another grammar, its catalog, the weight of its plans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_shop import DDL, SHOP_ROWS

from backend.engines.sqlite import open_scratch
from backend.engines.sqlite_catalog import SqliteCatalog, read_sqlite_catalog
from backend.plans.sqlite_dialect import postgres_words, sqlite_quoted
from backend.plans.sqlite_weight import Scales, Weight
from knowledge.formats.explain_sqlite import read_text
from knowledge.query.shape import QueryShape
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics


async def _catalog(ddl: str) -> SqliteCatalog:
    async with open_scratch() as database:
        for outcome in await database.run_script(ddl):
            assert not outcome.error
        return await read_sqlite_catalog(database.connection)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT [A b], `C`, \"D\" FROM t", 'SELECT "a b" , "c" , "d" FROM t'),
        ("SELECT ? , ?2, :a, @a, $b, :a", "SELECT $1 , $2 , $3 , $4 , $5 , $3"),
        ("SELECT 1 -- c\n/* d */ WHERE a == 'x--y'", "SELECT 1 WHERE a = 'x--y'"),
        ("SELECT * FROM t NOT INDEXED, u INDEXED BY i", "SELECT * FROM t , u"),
        ("INSERT OR IGNORE INTO t VALUES (1)", "INSERT INTO t VALUES ( 1 )"),
        ("REPLACE INTO t VALUES (1)", "insert INTO t VALUES ( 1 )"),
        ("SELECT a FROM t WHERE a GLOB 'x*?'", "SELECT a FROM t WHERE a like 'x%_'"),
        ("SELECT a FROM t LIMIT 5, 10", "SELECT a FROM t LIMIT 10 OFFSET 5"),
        ("SELECT a FROM t WHERE a IS 5 AND b IS NOT 'x' AND c IS NULL",
         "SELECT a FROM t WHERE a = 5 AND b <> 'x' AND c IS NULL"),
        ("SELECT user FROM user u", 'SELECT "user" FROM "user" u'),
        ("SELECT * FROM v WHERE v.a = 1", 'SELECT * FROM ( SELECT a FROM t ) as "v" WHERE v . a = 1'),
        ("SELECT * FROM v x, V AS y", "SELECT * FROM ( SELECT a FROM t ) x , ( SELECT a FROM t ) AS y"),
    ],
)  # fmt: skip
def test_sqlite_is_put_into_words_of_postgresql(sql: str, words: str) -> None:
    assert postgres_words(sql, {"user"}, {"v": "CREATE VIEW v AS SELECT a FROM t"}) == words


def test_a_view_that_names_itself_ends() -> None:
    assert len(postgres_words("SELECT * FROM v", (), {"v": "CREATE VIEW v AS SELECT * FROM v"})) < 2_000


@given(st.text(max_size=200))
def test_any_text_is_put_into_words(text: str) -> None:
    postgres_words(text, {"a"}, {"a": "CREATE VIEW a AS SELECT 1"})


@pytest.mark.parametrize(
    ("name", "written"), [("plain", "plain"), ("Group", '"Group"'), ("a b", '"a b"'), ('x"y', '"x""y"')]
)
def test_names_are_quoted_where_sqlite_needs_it(name: str, written: str) -> None:
    assert sqlite_quoted(name) == written


async def test_the_catalog_knows_keys_flags_listed_values_and_indexes() -> None:
    catalog = await _catalog(f"{DDL} CREATE INDEX late ON orders (placed_at DESC) WHERE total > 5;")
    schema = catalog.schema
    assert catalog.table("public.orderitems") == "OrderItems" and catalog.column("customers", "name") == "Name"
    orders = schema.by_name["public.orders"]
    assert orders.primary_key == ("id",)
    assert [(key.columns, key.target) for key in orders.constraints_of("foreign")] == [
        (("customer_id",), "public.customers")
    ]
    checks = [each.definition for each in orders.constraints_of("check")]
    assert checks == ["CHECK ((state = ANY (ARRAY['open'::text, 'paid'::text, 'sent'::text, 'done'::text])))"]
    assert [each.columns for each in schema.by_name["public.customers"].constraints_of("check")] == [("active",)]
    late = next(index for index in orders.indexes if index.name == "late")
    assert (late.columns, late.partial, late.unique) == (("placed_at",), "total > 5", False)
    assert late.definition == "CREATE INDEX late ON orders (placed_at DESC) WHERE total > 5"
    rates = schema.by_name["public.rates"]
    assert rates.primary_key == ("currency", "day") and rates.indexes[0].primary


@pytest.mark.parametrize(
    ("plan", "weight"),
    [
        ("`--SCAN orders", (1, 0, 0)),
        ("`--SCAN settings", (0, 0, 0)),
        ("`--SEARCH orders", (1, 0, 0)),
        ("`--SEARCH orders USING INDEX orders_customer (customer_id=?)", (0, 0, 0)),
        ("|--SCAN orders\n`--USE TEMP B-TREE FOR ORDER BY", (1, 0, 1)),
        ("|--SEARCH orders USING INDEX orders_customer (customer_id=?)\n`--USE TEMP B-TREE FOR ORDER BY", (0, 0, 0)),
        ("|--SCAN settings\n`--SEARCH orders USING AUTOMATIC COVERING INDEX (total=?)", (1, 1, 0)),
        ("|--SCAN orders\n`--CORRELATED SCALAR SUBQUERY 1\n   `--SCAN customers", (3, 0, 0)),
        ("`--COMPOUND QUERY\n   |--LEFT-MOST SUBQUERY\n   |  `--SCAN orders\n   `--UNION USING TEMP B-TREE\n      "
         "`--SCAN customers", (2, 0, 0)),
    ],
)  # fmt: skip
async def test_a_plan_weighs_what_it_reads_whole_builds_and_sorts(plan: str, weight: tuple[int, int, int]) -> None:
    catalog = await _catalog(DDL)
    references = (ColumnStatistics("customer_id", n_distinct=5_000),)
    known = DatabaseStatistics(
        tuple(
            RelationStatistics("public", name.lower(), "r", pages=1, tuples=rows, columns=references)
            for name, rows in SHOP_ROWS.items()
        )
    )
    scales = Scales(QueryShape(), catalog.schema, known, {})
    assert scales.tally(read_text(f"QUERY PLAN\n{plan}")).weight.faults == weight


def test_the_lesser_weight_is_the_better_plan() -> None:
    assert Weight(0, 2, 5) < Weight(1, 0, 0) and Weight(0, 0, 1) < Weight(0, 1, 0)
