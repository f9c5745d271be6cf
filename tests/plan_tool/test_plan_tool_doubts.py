"""What the tool will not call proven, and requests whose parts do not belong together."""

from __future__ import annotations

import pytest

from backend.engines.postgres.host import PostgresHost
from backend.engines.statistics_export import read_statistics
from knowledge.formats.statistics.export_json import write_export
from knowledge.formats.statistics.redaction import redacted
from knowledge.report import Basis, Outcome, Report
from tools.explain_query_plan import TOOL
from tools.spec import ToolError
from tools.toolbox import Toolbox

DDL = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, status text NOT NULL);"
PLAN = """\
Seq Scan on orders  (cost=0.00..35000.00 rows=10 width=24) (actual time=0.100..790.000 rows=10 loops=1)
  Filter: (user_id = 42)
  Rows Removed by Filter: 1999990
"""


async def explained(toolbox: Toolbox, **request: object) -> Report:
    return await TOOL.run(TOOL.request.model_validate(request), toolbox)


@pytest.mark.parametrize("hidden", [True, False], ids=["redacted", "real"])
async def test_advice_on_a_text_that_redaction_removed_is_assumed(
    toolbox: Toolbox, postgres: PostgresHost, hidden: bool
) -> None:
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        await session.execute(DDL)
        await session.execute(
            "INSERT INTO orders SELECT n, n % 5000, CASE WHEN n % 500 = 0 THEN 'open' ELSE 'done' END"
            " FROM generate_series(1, 200000) n"
        )
        await session.execute("ANALYZE orders")
        statistics = await read_statistics(session)
        await session.close()
    if hidden:
        from backend.engines.catalog import read_schema

        async with postgres.scratch() as scratch:
            session = await scratch.connect()
            await session.execute(DDL)
            statistics = redacted(statistics, await read_schema(session)).statistics
            await session.close()
    toolbox.workspace.write_text("statistics.json", write_export(statistics))
    report = await explained(
        toolbox, sql="SELECT * FROM orders WHERE status = 'open'", ddl=DDL, statistics="statistics.json"
    )
    (advice,) = [finding for finding in report.findings if finding.rule == "index-advice"]
    assert advice.fixes[0].proven is not hidden
    assert (advice.basis is Basis.OBSERVED) is not hidden
    assert any("the statistics are redacted" in note for note in report.not_tested) is hidden


async def test_a_plan_of_another_query_is_refused(toolbox: Toolbox) -> None:
    with pytest.raises(ToolError, match="`plan` reads orders, which the query in `sql` does not name"):
        await explained(toolbox, plan=PLAN, sql="SELECT * FROM customers")


async def test_two_plans_without_a_common_table_are_said_to_be_strangers(toolbox: Toolbox) -> None:
    report = await explained(toolbox, plan=PLAN, older_plan=PLAN.replace("orders", "customers"))
    assert any("no table in common" in note for note in report.not_tested)


async def test_placeholders_of_a_library_are_planned_for_any_value(toolbox: Toolbox) -> None:
    report = await explained(
        toolbox, sql="SELECT * FROM orders WHERE user_id = %s AND status = %s", ddl=DDL, rows=["orders=2M"]
    )
    assert any(finding.rule == "index-advice" for finding in report.findings)


async def test_refusals_say_whether_the_query_or_the_schema_is_at_fault(toolbox: Toolbox) -> None:
    with pytest.raises(ToolError, match=r"^the query cannot be planned: .*nothing"):
        await explained(toolbox, sql="SELECT nothing FROM orders", ddl=DDL)
    with pytest.raises(ToolError, match=r"^the schema .*cannot be made: .*nowhere"):
        await explained(toolbox, sql="SELECT 1", ddl="CREATE TABLE a (b int REFERENCES nowhere);")
    with pytest.raises(ToolError, match="order"):
        await explained(toolbox, sql="SELECT * FROM orders", ddl=DDL, rows=["order=2M"])


async def test_sums_of_calls_without_a_schema_are_not_called_sound(toolbox: Toolbox) -> None:
    toolbox.workspace.write_text("stats.csv", 'query,calls,total_exec_time\n"SELECT 1",5,1.0\n')
    report = await explained(toolbox, path="stats.csv")
    assert report.outcome is Outcome.NOT_TESTED and "indexes were not tried" in report.headline
