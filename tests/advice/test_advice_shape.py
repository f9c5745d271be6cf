from __future__ import annotations

import pytest
from advice_help import SCHEMA_MODEL
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.advice.candidates import candidates
from knowledge.query.shape import QueryShape, TableUse, read_query
from knowledge.statistics import DatabaseStatistics


def shape(sql: str) -> QueryShape:
    return read_query(sql, SCHEMA_MODEL)


def use(sql: str, table: str = "orders") -> TableUse:
    return next(each for each in shape(sql).uses if each.table == f"public.{table}")


def asked_of(mention: TableUse) -> list[tuple[str, str]]:
    return [(condition.test.value, str(condition.key)) for condition in mention.conditions]


@pytest.mark.parametrize(
    ("condition", "test", "key"),
    [
        ("status = 'open'", "equal", "status"),
        ("'open' = status", "equal", "status"),
        ("status IN ('a', 'b')", "in", "status"),
        ("customer_id = ANY ($1)", "in", "customer_id"),
        ("total > 3", "range", "total"),
        ("3 > total", "range", "total"),
        ("placed BETWEEN '2024-01-01' AND '2024-02-01'", "range", "placed"),
        ("note LIKE 'abc%'", "prefix", "note"),
        ("note LIKE '%abc'", "infix", "note"),
        ("note ILIKE 'abc%'", "infix", "note"),
        ("note ~ 'abc'", "infix", "note"),
        ("note IS NULL", "null", "note"),
        ("note IS NOT NULL", "not null", "note"),
        ("paid", "true", "paid"),
        ("NOT paid", "false", "paid"),
        ("paid IS FALSE", "false", "paid"),
        ("doc @> '{\"a\": 1}'", "json contains", "doc"),
        ("doc ? 'a'", "json key", "doc"),
        ("doc ->> 'kind' = 'x'", "equal", "doc ->> 'kind'"),
        ("tags @> ARRAY['a']", "array", "tags"),
        ("tags && ARRAY['a']", "array", "tags"),
        ("to_tsvector('english', note) @@ to_tsquery('a')", "full text", "to_tsvector('english', note)"),
        ("lower(note) = 'a'", "equal", "lower(note)"),
        ("total + 0 = 4", "equal", "total + 0"),
        ("status <> 'open'", "other", "status"),
    ],
)
def test_a_condition_is_read_for_what_an_index_could_do_with_it(condition: str, test: str, key: str) -> None:
    assert asked_of(use(f"SELECT 1 FROM orders WHERE {condition}")) == [(test, key)]


def test_literals_are_kept_as_the_query_has_them() -> None:
    (condition,) = use("SELECT 1 FROM orders WHERE status = 'ABC'").conditions
    assert [(each.sql, each.value) for each in condition.constants] == [("'ABC'", "ABC")]
    assert condition.sql == "status = 'ABC'"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM orders o JOIN customers c ON o.customer_id = c.id",
        "SELECT 1 FROM orders o, customers c WHERE c.id = o.customer_id",
        "SELECT 1 FROM orders o WHERE EXISTS (SELECT FROM customers c WHERE c.id = o.customer_id)",
        "SELECT 1 FROM orders o WHERE customer_id IN (SELECT id FROM customers)",
        "SELECT 1 FROM orders o, (SELECT id AS k FROM customers) c WHERE c.k = o.customer_id",
        "WITH c AS (SELECT id FROM customers) SELECT 1 FROM c JOIN orders o ON c.id = o.customer_id",
        "DELETE FROM orders USING customers c WHERE c.id = customer_id",
        "UPDATE orders SET note = '' FROM customers c WHERE c.id = customer_id",
        "MERGE INTO orders o USING customers c ON c.id = o.customer_id WHEN MATCHED THEN DELETE",
    ],
)
def test_a_join_is_found_however_it_is_written(sql: str) -> None:
    assert [(str(join.key), str(join.other_key)) for join in use(sql).joins] == [("customer_id", "id")]
    assert [(str(join.key), str(join.other_key)) for join in use(sql, "customers").joins] == [("id", "customer_id")]


def test_using_and_natural_joins_name_the_columns_both_tables_have() -> None:
    assert [str(join.key) for join in use("SELECT 1 FROM orders JOIN items USING (id)").joins] == ["id"]
    assert [str(join.key) for join in use("SELECT 1 FROM orders NATURAL JOIN items").joins] == ["id"]


def test_order_by_position_and_output_name_mean_the_column() -> None:
    by_place = use("SELECT id, total AS t FROM orders ORDER BY 2 DESC NULLS LAST, id")
    assert by_place.sort == use("SELECT total AS t FROM orders ORDER BY t DESC NULLS LAST, id").sort
    assert [(str(key.key), key.descending, key.nulls_first) for key in by_place.sort] == [
        ("total", True, False),
        ("id", False, False),
    ]


def test_an_order_over_two_tables_belongs_to_the_first_as_far_as_it_goes() -> None:
    mention = use("SELECT 1 FROM orders o JOIN customers c ON c.id = customer_id ORDER BY o.placed, c.email")
    assert [str(key.key) for key in mention.sort] == ["placed"]
    assert not mention.sort_complete


def test_groups_distinct_and_windows_are_groups() -> None:
    assert [str(key) for key in use("SELECT status, count(*) FROM orders GROUP BY 1").groups[0]] == ["status"]
    assert [str(key) for key in use("SELECT DISTINCT status FROM orders").groups[0]] == ["status"]
    window = use("SELECT row_number() OVER (PARTITION BY customer_id ORDER BY placed) FROM orders")
    assert [str(key) for key in window.groups[0]] == ["customer_id", "placed"]


def test_the_sides_of_an_or_are_alternatives_and_no_conditions() -> None:
    mention = use("SELECT 1 FROM orders WHERE customer_id = 1 OR (status = 'a' AND total > 3)")
    assert not mention.conditions
    assert [[str(each.key) for each in arm] for arm in mention.alternatives] == [["customer_id"], ["status", "total"]]


def test_columns_without_a_table_are_found_through_the_schema() -> None:
    found = shape("SELECT email FROM orders, customers WHERE customer_id = 5 AND country = 'de'")
    assert [asked_of(each) for each in found.uses] == [[("equal", "customer_id")], [("equal", "country")]]
    assert found.uses[1].needed == {"email", "country"}


def test_a_condition_over_a_subquery_reaches_the_table_unless_a_limit_is_between() -> None:
    sql = "SELECT * FROM (SELECT customer_id AS who FROM orders{}) x WHERE who = 5"
    assert asked_of(use(sql.format(""))) == [("equal", "customer_id")]
    assert asked_of(use(sql.format(" LIMIT 3"))) == []


def test_what_an_update_sets_is_told_from_what_it_reads() -> None:
    mention = use("UPDATE orders SET status = 'done', total = total + 1 WHERE id = 5")
    assert (mention.role, mention.changed, mention.needed) == ("update", {"status", "total"}, {"id", "total"})


def test_nothing_of_the_select_list_of_an_exists_is_needed() -> None:
    sql = "SELECT 1 FROM customers c WHERE {} EXISTS (SELECT * FROM orders o WHERE o.customer_id = c.id)"
    for word in ("", "NOT"):
        mention = use(sql.format(word))
        assert (mention.needed, mention.whole_row) == ({"customer_id"}, False)


def test_a_view_is_noted_and_nothing_is_made_of_it() -> None:
    found = shape("SELECT * FROM summary WHERE total > 3")
    assert found.uses == ()
    assert found.notes == ("summary is no table of the schema: what is asked of it was not looked at",)


def test_parameters_are_counted_and_never_taken_for_constants() -> None:
    found = shape("SELECT 1 FROM orders WHERE status = $2 AND total > $1")
    assert found.parameters == 2
    assert all(not condition.constants and not condition.sql for condition in found.uses[0].conditions)


@pytest.mark.parametrize("sql", ["", "SELEC", "CREATE TABLE t (a int)", "VACUUM", ";", "SELECT " + "(" * 3000])
def test_what_is_no_query_gives_no_shape(sql: str) -> None:
    assert shape(sql).uses == ()


_EXPRESSIONS = st.recursive(
    st.sampled_from(
        "id o.id total c.email status doc $1 3 'a' NULL now() o.* * o TRUE x.y count(*) ARRAY[1] 'a%'".split()
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("= < + || ->> @> LIKE AND OR IN".split()), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})" if parts[1] != "IN" else f"{parts[0]} IN ({parts[2]})"
        ),
        inner.map(lambda one: f"lower({one})"),
        inner.map(lambda one: f"NOT {one}"),
        inner.map(lambda one: f"({one})::date"),
        inner.map(lambda one: f"{one} IS NULL"),
        inner.map(lambda one: f"(SELECT {one} FROM orders x WHERE {one} LIMIT 1)"),
        inner.map(lambda one: f"max({one}) OVER (PARTITION BY {one})"),
        inner.map(lambda one: f"CASE WHEN {one} THEN {one} END"),
    ),
    max_leaves=8,
)
_FROMS = st.sampled_from(
    [
        "orders o",
        "orders o JOIN customers c ON {e}",
        "orders o NATURAL JOIN items",
        "orders o LEFT JOIN items USING (id), LATERAL (SELECT {e}) z",
        "(SELECT * FROM orders) o (a, b)",
        "generate_series(1, 3) g, orders AS o (n)",
        "nowhere",
        "ONLY orders o TABLESAMPLE system (1)",
        "w JOIN w o USING (id)",
    ]
)
_QUERIES = st.sampled_from(
    [
        "WITH w AS (SELECT * FROM orders) SELECT {f} FROM {t} WHERE {e} GROUP BY {f} HAVING {e} ORDER BY {f}, 1 DESC",
        "SELECT DISTINCT ON ({e}) {f} FROM {t} WHERE {f} ORDER BY {e} LIMIT {f}",
        "WITH RECURSIVE w AS (SELECT id FROM orders UNION SELECT {e} FROM w) SELECT {f} FROM {t} UNION SELECT {e}",
        "UPDATE orders SET total = {e} FROM {t} WHERE {f} RETURNING {e}",
        "DELETE FROM orders USING {t} WHERE {e}",
        "INSERT INTO orders SELECT {e} FROM {t} WHERE {f} ON CONFLICT DO NOTHING",
        "MERGE INTO orders m USING customers c ON {e} WHEN MATCHED AND {f} THEN UPDATE SET total = {e}",
        "VALUES ({e}, {f})",
        "SELECT FROM {t} WHERE {e} AND {f} OR {e}",
    ]
)


@settings(max_examples=250, deadline=None)
@given(_QUERIES, _FROMS, _EXPRESSIONS, _EXPRESSIONS)
def test_no_query_brings_the_reader_or_the_candidates_down(query: str, source: str, one: str, other: str) -> None:
    sql = query.replace("{t}", source).replace("{e}", one).replace("{f}", other)
    found = read_query(sql, SCHEMA_MODEL)
    for candidate in candidates(found, SCHEMA_MODEL, DatabaseStatistics()):
        assert len(candidate.name.encode()) <= 63
        assert candidate.keys


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_brings_the_reader_down(text: str) -> None:
    read_query(text, SCHEMA_MODEL)
