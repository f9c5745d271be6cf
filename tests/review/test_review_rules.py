"""Every schema and breaking rule is shown on the engine: its failing example fails, its passing one passes."""

from __future__ import annotations

import pytest
from review_harness import inspected, judged, schema_after

from backend.engines.postgres.host import PostgresHost
from backend.review.found import Source
from backend.review.static import static_review
from knowledge.derivation import derive
from knowledge.formats.postgres_sql import read
from knowledge.report import Basis
from knowledge.rules import all_rules, rule
from knowledge.rules.rule import SchemaRule, StatementRule

SCHEMA = [found for found in all_rules() if isinstance(found, SchemaRule)]
BREAKING = [found for found in all_rules() if isinstance(found, StatementRule) and found.family == "breaking"]


def ids(found: SchemaRule | StatementRule) -> str:
    return found.id


@pytest.mark.parametrize("each", SCHEMA, ids=ids)
async def test_the_catalog_after_the_failing_example_has_the_finding(postgres: PostgresHost, each: SchemaRule) -> None:
    assert await inspected(postgres, each, each.failing)


@pytest.mark.parametrize("each", SCHEMA, ids=ids)
async def test_the_catalog_after_the_passing_example_has_none(postgres: PostgresHost, each: SchemaRule) -> None:
    assert await inspected(postgres, each, each.passing) == []


@pytest.mark.parametrize("each", BREAKING, ids=ids)
async def test_the_engine_confirms_the_failing_example(postgres: PostgresHost, each: StatementRule) -> None:
    found = await judged(postgres, each, each.failing)
    assert len(found) == 1
    assert found[0].finding.basis is Basis.OBSERVED


@pytest.mark.parametrize("each", BREAKING, ids=ids)
async def test_the_engine_confirms_nothing_in_the_passing_example(postgres: PostgresHost, each: StatementRule) -> None:
    assert await judged(postgres, each, each.passing) == []


@pytest.mark.parametrize("each", [found for found in SCHEMA if found.id != "invalid-index"], ids=ids)
async def test_text_and_catalog_lead_to_the_same_findings(postgres: PostgresHost, each: SchemaRule) -> None:
    """The schema derived from the text alone agrees with the one PostgreSQL made."""
    for example in (each.failing, each.passing):
        derived = derive(read(example).statements).build()
        real = await schema_after(postgres, example)
        said = {(hit.subject, hit.message) for hit in each.inspect(derived)}
        assert said == {(hit.subject, hit.message) for hit in each.inspect(real)}


@pytest.mark.parametrize("each", SCHEMA, ids=ids)
async def test_what_a_remedy_proposes_is_valid_sql(postgres: PostgresHost, each: SchemaRule) -> None:
    schema = await schema_after(postgres, each.failing)
    for hit in each.inspect(schema):
        fix = each.remedy(hit, schema) if each.remedy else None
        for step in fix.steps if fix else []:
            assert read(step.sql).problems == ()


@pytest.mark.parametrize("each", BREAKING, ids=ids)
def test_the_text_alone_raises_the_suspicion(each: StatementRule) -> None:
    script = each.failing.rpartition("-- setup ends\n")[2]
    review = static_review([Source(read(script))], [each])
    assert [found.finding.rule for found in review.found] == [each.id]
    assert review.found[0].finding.basis is Basis.DERIVED


COVERED = (
    "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));\nCREATE TABLE c (id bigint PRIMARY KEY, a int, b int, x int,\
 FOREIGN KEY (a, b) REFERENCES p);\n"
)


@pytest.mark.parametrize(
    ("index", "served"),
    [
        ("CREATE INDEX ON c (a, b)", True),
        ("CREATE INDEX ON c (b, a, x)", True),
        ("CREATE INDEX ON c (a)", False),
        ("CREATE INDEX ON c (a, x, b)", False),
        ("CREATE INDEX ON c (a, b) WHERE x > 0", False),
        ("CREATE INDEX ON c USING brin (a, b)", False),
        ("CREATE INDEX ON c (x) INCLUDE (a, b)", False),
        ("CREATE INDEX ON c (lower(a::text), b)", False),
        ("CREATE UNIQUE INDEX ON c (b, a)", True),
    ],
)
async def test_a_foreign_key_is_served_by_an_index_that_leads_with_its_columns(
    postgres: PostgresHost, index: str, served: bool
) -> None:
    each = rule("foreign-key-without-index")
    assert isinstance(each, SchemaRule)
    assert (await inspected(postgres, each, COVERED + index) == []) is served


async def test_a_partial_index_that_leaves_out_only_nulls_serves_the_key(postgres: PostgresHost) -> None:
    """`column = value` implies `column IS NOT NULL`: PostgreSQL uses such an index for the key's lookups."""
    each = rule("foreign-key-without-index")
    assert isinstance(each, SchemaRule)
    tables = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p, x int);"
    assert await inspected(postgres, each, tables + "CREATE INDEX ON c (p_id) WHERE p_id IS NOT NULL") == []
    assert await inspected(postgres, each, tables + "CREATE INDEX ON c (p_id) WHERE x IS NOT NULL") != []


async def test_a_duplicate_that_backs_a_constraint_is_never_dropped(postgres: PostgresHost) -> None:
    each = rule("duplicate-index")
    assert isinstance(each, SchemaRule) and each.remedy is not None
    twice = "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD UNIQUE (id); CREATE INDEX spare ON t (id);"
    schema = await schema_after(postgres, twice)
    fixes = {hit.detail[1]: each.remedy(hit, schema) for hit in each.inspect(schema)}
    assert fixes["t_id_key"] is None
    assert fixes["spare"] is not None


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM users", True),
        ("DELETE FROM users WHERE true", True),
        ("DELETE FROM users WHERE 1 = 1", True),
        ("DELETE FROM users WHERE id = 1", False),
        ("DELETE FROM users WHERE 1 = 2", False),
        ("UPDATE users SET plan = 'x' WHERE id IN (SELECT 1)", False),
        ("UPDATE users SET plan = 'x'", True),
    ],
)
def test_a_condition_that_is_always_true_is_no_condition(sql: str, found: bool) -> None:
    each = rule("update-or-delete-without-where")
    assert bool(static_review([Source(read(sql))], [each]).found) is found
