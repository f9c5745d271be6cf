"""Two plans of one query: how much quicker, what changed, and when that is mere noise."""

from __future__ import annotations

import re

import pytest
from plan_tool_help import QUERY, Explain, Operators, document

from knowledge.report import Outcome
from tools.spec import ToolError

MEASURED, ESTIMATED = "EXPLAIN (ANALYZE, BUFFERS)", "EXPLAIN"
INDEX = "CREATE INDEX orders_customer ON orders (customer_id)"


async def plan(operators: Operators, how: str, sql: str = QUERY) -> str:
    return "\n".join(row[0] for row in await operators.session.fetch(f"{how} {sql}"))


def slowed(text: str, factor: float) -> str:
    """The same execution as if it had taken ``factor`` as long."""
    return re.sub(r"(?<=Execution Time: )[\d.]+", lambda found: f"{float(found[0]) * factor:.3f}", text)


async def test_an_index_makes_it_quicker_and_the_changed_step_is_named(operators: Operators, explain: Explain) -> None:
    before = await plan(operators, MEASURED)
    await operators.session.execute(INDEX)
    after = await plan(operators, MEASURED)
    report = await explain(plan=after, older_plan=before)
    assert report.outcome is Outcome.PASS
    assert re.match(
        r"[\d,.]+ times quicker \([\d,.]+ -> [\d,.]+ ms\): read orders was Seq Scan on orders", report.headline
    )
    assert "and is " in report.headline and "Scan" in report.headline.partition("and is ")[2]
    assert report.fact("before").endswith(" ms") and report.tables[0].rows
    assert "orders_customer" in document(report, "plan.txt")
    assert document(report, "before.json") and "orders_customer" not in document(report, "before.json")


async def test_the_other_way_round_it_is_slower_and_that_is_the_verdict(operators: Operators, explain: Explain) -> None:
    before = await plan(operators, MEASURED)
    await operators.session.execute(INDEX)
    report = await explain(plan=before, older_plan=await plan(operators, MEASURED))
    assert report.outcome is Outcome.FINDINGS
    assert " times slower (" in report.headline


async def test_without_times_costs_are_compared_and_never_called_time(operators: Operators, explain: Explain) -> None:
    before = await plan(operators, ESTIMATED)
    await operators.session.execute(INDEX)
    report = await explain(plan=await plan(operators, ESTIMATED), older_plan=before)
    assert re.match(r"[\d,.]+ times cheaper \(.* planner units, not time\): ", report.headline)
    mixed = await explain(plan=await plan(operators, MEASURED), older_plan=before)
    assert "planner units" in mixed.headline and any("only one" in each for each in mixed.not_tested)


@pytest.mark.parametrize("factor", [1.0, 1.05, 0.95])
async def test_a_difference_within_noise_is_said_to_be_noise(
    operators: Operators, explain: Explain, factor: float
) -> None:
    text = await plan(operators, MEASURED)
    report = await explain(plan=slowed(text, factor), older_plan=text)
    assert "no difference beyond noise: the same steps" in report.headline
    assert "quicker" not in report.headline and "slower" not in report.headline
    assert report.outcome is Outcome.PASS


@pytest.mark.parametrize(("factor", "word"), [(1.5, "slower"), (0.5, "quicker")])
async def test_a_difference_beyond_noise_is_none(
    operators: Operators, explain: Explain, factor: float, word: str
) -> None:
    text = await plan(operators, MEASURED)
    report = await explain(plan=slowed(text, factor), older_plan=text)
    assert f" times {word} (" in report.headline


async def test_plans_without_figures_are_compared_by_their_steps(operators: Operators, explain: Explain) -> None:
    before = await plan(operators, "EXPLAIN (COSTS OFF)")
    await operators.session.execute(INDEX)
    report = await explain(plan=await plan(operators, "EXPLAIN (COSTS OFF)"), older_plan=before)
    assert "0.000" not in report.headline
    assert "read orders was Seq Scan on orders" in report.headline
    assert any("neither" in each for each in report.not_tested)


async def test_an_older_plan_beside_no_plan_is_refused(operators: Operators, explain: Explain) -> None:
    with pytest.raises(ToolError, match="`older_plan` is compared with `plan`"):
        await explain(older_plan=await plan(operators, ESTIMATED), sql=QUERY)


async def test_an_older_plan_is_compared_with_one_in_a_file_but_not_with_queries(
    operators: Operators, explain: Explain, toolbox: object, tmp_path: object
) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    text = await plan(operators, ESTIMATED)
    (tmp_path / "plan.txt").write_text(text)
    (tmp_path / "queries.sql").write_text(QUERY + ";")
    assert "no difference" in (await explain(path="plan.txt", older_plan=text)).headline
    with pytest.raises(ToolError, match=r"queries\.sql holds no plan"):
        await explain(path="queries.sql", older_plan=text)
