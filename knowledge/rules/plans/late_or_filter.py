"""An OR over both sides of a join, which only the joined rows can answer."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount, shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._conditions import branches
from knowledge.rules.plans._joins import late_or, removes_most
from knowledge.rules.plans._scans import LARGE_SHARE, MANY_ROWS, matters, weight


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every join that removes most of its rows by an OR that names both sides."""
    for node in context.plan.nodes:
        condition, removed = late_or(node)
        if not condition or not removes_most(removed, node, MANY_ROWS):
            continue
        if not matters(context, node, LARGE_SHARE, whole=True):
            continue
        tables = sorted({column.table for branch in branches(condition) for column in branch if column.table})
        yield PlanHit(
            message=f"{amount(removed + node.all_rows)} joined rows are made before an OR over {' and '.join(tables)} "
            f"keeps {amount(node.all_rows)}",
            result=f"{node.kind}: rows removed by the filter {amount(removed)}, kept {amount(node.all_rows)}; "
            f"{weight(context, node, whole=True)}; {shortened(condition, 120)}",
            share=context.of(node).inclusive_share,
            node=node.number,
            subject=", ".join(tables),
            fix=Fix(
                summary="Write one query for each branch of the OR and put them together with UNION, with a key among "
                "the columns so that equal rows stay apart: each can use an index of its own table before joining"
            ),
        )


RULE = PlanRule(
    id="late-or-filter",
    claim="An OR over columns of two tables can only be tested after joining them, so no index narrows either side.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "Neither table can be filtered first, because a row that fails its own branch may be saved by the other "
        "table's. "
        "It is reported when such a condition removes at least 10,000 joined rows, and ten for each one kept, and the "
        "join with all below it takes 30 % of the query or more."
    ),
    unless="Both tables are small, or most joined rows are kept.",
    failing=(
        "CREATE TABLE person (id int PRIMARY KEY, email text);\n"
        "CREATE TABLE invoice (person_id int, number int);\n"
        "INSERT INTO person SELECT g, 'p' || g FROM generate_series(1, 20000) g;\n"
        "INSERT INTO invoice SELECT 1 + g % 20000, g FROM generate_series(1, 40000) g;\n"
        "CREATE INDEX person_email_idx ON person (email);\n"
        "CREATE INDEX invoice_person_id_idx ON invoice (person_id);\n"
        "CREATE INDEX invoice_number_idx ON invoice (number);\n"
        "ANALYZE person, invoice;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM person p JOIN invoice i ON i.person_id = p.id\n"
        "WHERE p.email = 'p77' OR i.number = 1234;"
    ),
    passing=(
        "CREATE TABLE person (id int PRIMARY KEY, email text);\n"
        "CREATE TABLE invoice (person_id int, number int);\n"
        "INSERT INTO person SELECT g, 'p' || g FROM generate_series(1, 20000) g;\n"
        "INSERT INTO invoice SELECT 1 + g % 20000, g FROM generate_series(1, 40000) g;\n"
        "CREATE INDEX person_email_idx ON person (email);\n"
        "CREATE INDEX invoice_person_id_idx ON invoice (person_id);\n"
        "CREATE INDEX invoice_number_idx ON invoice (number);\n"
        "ANALYZE person, invoice;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM person p JOIN invoice i ON i.person_id = p.id WHERE p.email = 'p77'\n"
        "UNION SELECT * FROM person p JOIN invoice i ON i.person_id = p.id WHERE i.number = 1234;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-bitmap-scans.html",
        "https://www.postgresql.org/docs/current/queries-union.html",
    ),
    inspect=inspect,
)
