"""Every plan rule is held to its own record: both examples are run for real, and what a fix promises is tried."""

from __future__ import annotations

import pytest
from plan_help import DURABLE, MARK, Explained, explain, plan_context, run_example

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Severity
from knowledge.rules import all_rules, plan_rules
from knowledge.rules.page import page
from knowledge.rules.plan_rule import PlanHit, PlanRule

RULES = plan_rules()
EXAMPLES = sorted({example for rule in RULES for example in (rule.failing, rule.passing)})
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)

CATALOGUE = {
    1: "slow-scan",
    2: "inefficient-index",
    3: "wrong-index-for-order",
    4: "unindexed-filter",
    5: "unindexed-equalities",
    6: "low-selectivity-index-scan",
    7: "disk-sort",
    8: "hash-batches",
    9: "hash-aggregate-spill",
    10: "temporary-files",
    11: "lossy-bitmap",
    12: "row-misestimate",
    13: "stale-statistics",
    14: "inefficient-nested-loop",
    15: "nested-loop-inner-seq-scan",
    16: "join-filter",
    17: "late-or-filter",
    18: "correlated-subplan",
    19: "not-in-subquery",
    20: "large-offset",
    21: "heap-fetches",
}
"""Row of the catalogue of findings -> the rule that covers it."""

SHOP = """
CREATE TABLE customer (id int PRIMARY KEY, email text NOT NULL UNIQUE, city text);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, total numeric NOT NULL,
                     status text NOT NULL, placed date NOT NULL);
CREATE TABLE setting (name text PRIMARY KEY, value text);
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
CREATE INDEX orders_placed_idx ON orders (placed);
INSERT INTO customer SELECT g, 'c' || g || '@example.com', 'city ' || g % 50 FROM generate_series(1, 5000) g;
INSERT INTO orders SELECT g, 1 + g % 5000, g % 400, (ARRAY['open','paid','sent'])[1 + g % 3],
                          date '2025-01-01' + g % 365 FROM generate_series(1, 40000) g;
INSERT INTO setting SELECT 'name ' || g, 'value' FROM generate_series(1, 40) g;
"""
SOUND = (
    "SELECT * FROM customer WHERE id = 7",
    "SELECT * FROM customer WHERE email = 'c9@example.com'",
    "SELECT * FROM setting WHERE value = 'none'",
    "SELECT count(*) FROM orders",
    "SELECT status, count(*), sum(total) FROM orders GROUP BY status ORDER BY status",
    "SELECT city, sum(total) FROM orders JOIN customer ON customer.id = customer_id GROUP BY city",
    "SELECT * FROM orders WHERE customer_id = 12 ORDER BY placed DESC LIMIT 5",
    "SELECT * FROM orders ORDER BY placed LIMIT 10",
    "SELECT * FROM orders ORDER BY id LIMIT 10 OFFSET 10",
    "SELECT * FROM orders WHERE placed BETWEEN '2025-03-01' AND '2025-03-03'",
    "SELECT c.email, o.total FROM customer c JOIN orders o ON o.customer_id = c.id WHERE c.id BETWEEN 5 AND 9",
    "SELECT * FROM customer c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)",
    "SELECT * FROM customer WHERE id IN (SELECT customer_id FROM orders WHERE placed = '2025-02-02')",
    "SELECT *, (SELECT name FROM setting LIMIT 1) FROM customer WHERE id < 20",
    "SELECT DISTINCT status FROM orders",
    "SELECT max(placed), min(placed) FROM orders",
    "SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY placed) FROM orders WHERE customer_id < 20",
    "WITH recent AS (SELECT * FROM orders WHERE placed > '2025-12-28') SELECT count(*) FROM recent",
    "SELECT * FROM generate_series(1, 1000) g WHERE g % 2 = 0",
    "SELECT 1",
)


class Examples:
    """The examples of all plan rules, each run once, when it is asked for."""

    def __init__(self, host: PostgresHost) -> None:
        self._host = host
        self._run: dict[str, Explained] = {}

    async def run(self, example: str) -> Explained:
        if example not in self._run:
            self._run[example] = await run_example(self._host, example)
        return self._run[example]


@pytest.fixture(scope="module")
def examples(postgres: PostgresHost) -> Examples:
    return Examples(postgres)


@pytest.fixture(scope="module")
async def sound(postgres: PostgresHost) -> list[Explained]:
    """Queries that leave nothing to be said, measured and estimated."""
    async with postgres.scratch() as scratch:
        connection = await scratch.connect()
        await connection.execute(DURABLE)
        await connection.execute(SHOP)
        await connection.execute("VACUUM ANALYZE")
        found = [
            Explained(
                plan_context(await explain(connection, sql), sql),
                plan_context(await explain(connection, sql, "COSTS"), sql),
            )
            for sql in SOUND
        ]
        await connection.close()
    return found


def test_ids_are_unique_over_all_rules_and_readable() -> None:
    ids = [rule.id for rule in (*all_rules(), *RULES)]
    assert len(ids) == len(set(ids))
    assert all(name == name.lower() and " " not in name and "_" not in name for name in ids)


@every_rule
def test_a_plan_rule_is_completely_described(rule: PlanRule) -> None:
    assert rule.family == "plans"
    assert isinstance(rule.severity, Severity)
    assert rule.claim.endswith(".") and "\n" not in rule.claim
    assert rule.why and rule.unless
    assert rule.failing != rule.passing
    assert rule.sources and all(source.startswith("https://") for source in rule.sources)
    assert rule.versions


@every_rule
def test_a_plan_rule_has_a_page(rule: PlanRule) -> None:
    text = page(rule)
    assert text.startswith(f"# {rule.id}\n")
    assert rule.failing.strip() in text and rule.passing.strip() in text


@every_rule
async def test_the_failing_example_is_found(examples: Examples, rule: PlanRule) -> None:
    hits = list(rule.inspect((await examples.run(rule.failing)).context))
    assert hits
    for hit in hits:
        assert hit.message and "\n" not in hit.message and not hit.message.endswith(".")
        assert hit.result


@every_rule
async def test_the_passing_example_is_left_alone(examples: Examples, rule: PlanRule) -> None:
    explained = await examples.run(rule.passing)
    assert [hit.message for context in explained.variants for hit in rule.inspect(context)] == []


@every_rule
def test_sound_queries_are_left_alone(sound: list[Explained], rule: PlanRule) -> None:
    found = [
        (context.sql, hit.message)
        for explained in sound
        for context in (explained.context, explained.estimated)
        for hit in rule.inspect(context)
    ]
    assert found == []


@every_rule
async def test_every_plan_of_every_example_is_survived(examples: Examples, rule: PlanRule) -> None:
    for example in EXAMPLES:
        for context in (await examples.run(example)).variants:
            for hit in rule.inspect(context):
                assert 0.0 <= hit.share <= 1.0
                assert hit.message and hit.result
                assert 0 <= hit.node <= len(context.plan.nodes)


@pytest.mark.parametrize("rule", [rule for rule in RULES if MARK in rule.failing], ids=lambda rule: rule.id)
async def test_the_statements_of_a_fix_help(postgres: PostgresHost, examples: Examples, rule: PlanRule) -> None:
    for hit in rule.inspect((await examples.run(rule.failing)).context):
        if hit.fix is not None and hit.fix.steps:
            after = await run_example(postgres, rule.failing, also=[step.sql for step in hit.fix.steps])
            assert not _is_still_there(hit, rule, after), [step.sql for step in hit.fix.steps]


def _is_still_there(hit: PlanHit, rule: PlanRule, after: Explained) -> bool:
    return any(again.subject == hit.subject for again in rule.inspect(after.context))


@pytest.mark.parametrize("row", CATALOGUE)
def test_the_first_half_of_the_catalogue_has_its_rules(row: int) -> None:
    assert CATALOGUE[row] in {rule.id for rule in RULES}
