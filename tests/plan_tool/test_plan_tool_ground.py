"""Whatever says how large the tables are, the advice is an index that the plan then uses; errors name their place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plan_tool_help import QUERY, ROWS, SHOP, Explain, Operators, advised, document, indexes

from backend.engines.lab.lab import open_lab
from backend.engines.postgres.host import PostgresHost
from backend.engines.statistics_export import read_statistics
from backend.plans.ground import declared_ground, exported_ground
from knowledge.formats.statistics.export_json import write_export
from knowledge.report import Report
from tools.spec import ToolError


def used(report: Report) -> bool:
    """Whether one index on the customer is advised, built and used."""
    (found,) = [each for each in advised(report) if each.rule == "index-advice"]
    assert "ON public.orders (customer_id" in indexes(report)[0]
    return found.evidence[0].result.startswith("the plan uses it") and found.fixes[0].proven


@pytest.fixture
async def exported(operators: Operators, tmp_path: Path) -> str:
    """Statistics of the filled shop, as our export."""
    text = write_export(await read_statistics(operators.session))
    (tmp_path / "statistics.json").write_text(text)
    return text


@pytest.fixture
async def dumped(operators: Operators, postgres: PostgresHost, tmp_path: Path) -> str:
    """The same as ``pg_dump`` has it."""
    assert postgres.server is not None
    process = await asyncio.create_subprocess_exec(
        postgres.server.binaries.bindir / "pg_dump",
        "--statistics-only",
        operators.url,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    (tmp_path / "statistics.sql").write_bytes(output)
    return output.decode()


async def test_ddl_with_declared_rows(explain: Explain) -> None:
    report = await explain(sql=QUERY, ddl=SHOP, rows=ROWS)
    assert used(report)
    assert "orders 2,000,000 rows" in report.fact("lab")
    assert any("public.orders (2,000,000 rows, declared)" in each for each in report.assumptions)
    assert "sizes were assumed" in report.next_step


async def test_ddl_alone_assumes_sizes_and_says_so(explain: Explain) -> None:
    report = await explain(sql=QUERY, ddl=SHOP)
    assert any("public.orders" in each and "rows" in each for each in report.assumptions)


async def test_a_file_of_sql(explain: Explain, tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SHOP)
    assert used(await explain(sql=QUERY, ddl="schema.sql", rows=ROWS))


async def test_a_query_in_a_file(explain: Explain, tmp_path: Path) -> None:
    (tmp_path / "query.sql").write_text(f"\\timing on\n-- the newest of a customer\n{QUERY};\n")
    assert used(await explain(path="query.sql", ddl=SHOP, rows=ROWS))


@pytest.mark.parametrize(
    "prefix", ["EXPLAIN ", "explain analyze verbose\n", "EXPLAIN (ANALYZE, FORMAT json) ", "EXPLAIN("]
)
async def test_a_query_behind_the_explain_that_somebody_tried(explain: Explain, prefix: str) -> None:
    prefix = prefix.replace("EXPLAIN(", "EXPLAIN(COSTS OFF)")
    assert used(await explain(sql=prefix + QUERY, ddl=SHOP, rows=ROWS))


async def test_a_query_for_sqlite_behind_its_explain(explain: Explain) -> None:
    sql = "EXPLAIN QUERY PLAN SELECT * FROM [t] WHERE a IS 'x' LIMIT 5, 10"
    report = await explain(sql=sql, ddl="CREATE TABLE t (a, b)", rows=["t=1M"], engine="sqlite")
    assert "t_a" in report.headline


async def test_a_folder_of_migrations(explain: Explain, tmp_path: Path) -> None:
    folder = tmp_path / "db" / "migrations"
    folder.mkdir(parents=True)
    tables = SHOP.split("CREATE TABLE ")
    for number, table in enumerate(tables[1:], 1):
        name = table.split()[0]
        (folder / f"{number:03}_{name}.up.sql").write_text(f"CREATE TABLE {table}")
        (folder / f"{number:03}_{name}.down.sql").write_text(f"DROP TABLE {name};")
    assert used(await explain(sql=QUERY, ddl="db/migrations", rows=ROWS))


@pytest.mark.usefixtures("exported")
async def test_exported_statistics(explain: Explain) -> None:
    report = await explain(sql=QUERY, ddl=SHOP, statistics="statistics.json")
    assert used(report)
    assert "exported statistics: " in report.fact("lab") and "orders 30,000 rows" in report.fact("lab")
    assert not report.assumptions and "rehearse" in report.next_step


@pytest.mark.usefixtures("dumped")
async def test_statistics_dumped_by_pg_dump(explain: Explain) -> None:
    report = await explain(sql=QUERY, ddl=SHOP, statistics="statistics.sql")
    assert used(report)
    assert "pg_dump --statistics-only: " in report.fact("lab") and "orders 30,000 rows" in report.fact("lab")


async def test_sizes_rebuilt_from_a_pasted_plan(operators: Operators, explain: Explain) -> None:
    pasted = "\n".join(row[0] for row in await operators.session.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {QUERY}"))
    report = await explain(plan=pasted, sql=QUERY, ddl=SHOP)
    assert used(report)
    assert "sizes that follow from the given plan" in report.fact("lab") and "orders 30,0" in report.fact("lab")
    assert report.fact("execution").endswith("ms")
    scan = next(each for each in report.findings if each.rule == "unindexed-filter")
    assert scan.location.line > 0 and scan.basis == "derived"


async def test_a_pasted_plan_alone_is_read_and_advice_is_not_pretended(operators: Operators, explain: Explain) -> None:
    pasted = "\n".join(row[0] for row in await operators.session.fetch(f"EXPLAIN ANALYZE {QUERY}"))
    report = await explain(plan=pasted)
    assert not advised(report)
    assert any(each.startswith("indexes and rewrites") for each in report.not_tested)
    assert "`ddl`" in report.next_step


@pytest.mark.usefixtures("exported")
async def test_the_advised_index_is_used_when_it_is_built_by_hand_in_another_lab(
    explain: Explain, postgres: PostgresHost, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    for ground, fields in (
        (declared_ground(SHOP, ROWS, today=today), {"rows": ROWS}),
        (exported_ground(SHOP, (tmp_path / "statistics.json").read_text()), {"statistics": "statistics.json"}),
    ):
        report = await explain(sql=QUERY, ddl=SHOP, **fields)
        (ddl,) = indexes(report)
        async with open_lab(postgres, ground.ddl, ground.statistics) as lab:
            before, _ = await lab.cost(QUERY)
            async with lab.what_if(ddl.replace(" CONCURRENTLY", "")) as changed:
                after, names = await changed.cost(QUERY)
        assert names == {ddl.split()[3]} and after < before / 10
        assert f"{after:,.2f}" in report.headline


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "nothing to explain: give `sql` with `ddl`"),
    ({"sql": "  "}, "nothing to explain"),
    ({"sql": QUERY}, "a query is planned on a schema: give `ddl`"),
    ({"sql": QUERY, "ddl": SHOP, "engine": "oracle"}, "engine 'oracle' is not available; use one of: postgresql, sq"),
    ({"older_plan": "Result  (cost=0.00..0.01 rows=1 width=4)"}, "nothing to explain"),
    ({"sql": QUERY, "ddl": SHOP, "analyze": True}, "`analyze` .* needs `database`"),
    ({"sql": QUERY, "ddl": SHOP, "rows": ROWS, "statistics": "s.json"}, "`statistics` and `rows` both say how large"),
    ({"sql": QUERY, "database": True, "rows": ROWS}, "`database` gives .* itself; leave out `rows`"),
    ({"sql": QUERY, "database": True, "ddl": SHOP}, "leave out `ddl`"),
    ({"sql": QUERY, "database": True, "engine": "sqlite"}, "`database` is a PostgreSQL database"),
    ({"sql": QUERY, "ddl": "CREATE TABLE a (id int);\nCREATE TABLE b (id itn);"}, 'line 2.*type "itn" does not exist'),
    ({"sql": QUERY, "ddl": "CREATE TABLE a (id int);\n\nCREATE TABEL b (id int);"}, "line 3.*syntax error"),
    ({"sql": QUERY, "ddl": "CREATE TABLE a (id int);"}, 'relation "orders" does not exist'),
    ({"sql": "SELECT *\nFROM orders\nWHERE nothing = 1", "ddl": SHOP}, 'line 3.*column "nothing" does not exist'),
    ({"sql": "SELECT 1;\nSELEC 2", "ddl": SHOP}, "sql:2:1: syntax error"),
    ({"sql": "-- nothing here", "ddl": SHOP}, "sql holds no statement"),
    ({"plan": "Seq Scan on orders  (cost=0.00..1.00 rows=1 width=4)\n  ->  Sort  (cost=0..x)"}, "plan: line 2"),
    ({"plan": "this is no plan"}, "plan: line 1"),
    ({"plan": "Result  (cost=0.00..0.01 rows=1 width=4)", "older_plan": "broken"}, "older_plan: line 1"),
    ({"path": "../secrets.sql", "ddl": SHOP}, r"\.\./secrets\.sql is outside the workspace"),
    ({"sql": QUERY, "ddl": "/etc/passwd"}, "/etc/passwd is outside the workspace"),
    ({"sql": QUERY, "ddl": SHOP, "statistics": "/etc/passwd"}, "outside the workspace"),
    ({"sql": QUERY, "ddl": SHOP, "statistics": "missing.json"}, "missing.json does not exist"),
    ({"sql": QUERY, "ddl": "missing"}, "missing does not exist"),
    ({"sql": QUERY, "ddl": SHOP, "rows": ["orders"]}, "orders"),
    ({"sql": QUERY, "ddl": SHOP, "rows": ["orders=many"]}, "many"),
    ({"sql": QUERY, "ddl": SHOP, "rows": ["nowhere=5"]}, "nowhere"),
    ({"sql": "VACUUM orders", "ddl": SHOP}, "only SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES have a plan"),
    ({"sql": "SELECT * INTO copy FROM orders", "ddl": SHOP}, "SELECT INTO creates a table"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
async def test_what_cannot_be_answered_is_refused_in_words(
    explain: Explain, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolError, match=words):
        await explain(**fields)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "statistics: it is neither our export"),
        ("{}", "statistics: "),
        ('{"format": "something"}', "statistics: "),
        ("SELECT 1;", "statistics: it is neither our export nor the text of pg_dump"),
        ("{broken", "statistics: "),
        ("SELECT * FROM pg_catalog.pg_restore_relation_stats('version', ;", "there are no statistics in this dump"),
    ],
)
async def test_statistics_that_are_none_are_refused_in_words(
    explain: Explain, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(ToolError, match=words):
        await explain(sql=QUERY, ddl=SHOP, statistics="s.json")


@pytest.mark.parametrize(
    ("files", "fields", "words"),
    [
        ({"a.txt": "neither plan nor query"}, {"path": "a.txt"}, r"a\.txt is no log, no SQL and no plan"),
        ({"a.sql": ""}, {"path": "a.sql"}, r"a\.sql is empty"),
        ({"a.sql": "\n\nSELEC 1"}, {"path": "a.sql"}, r"a\.sql:3:1: syntax error"),
        ({"a.sql": "SELECT 1"}, {"path": "a.sql", "sql": "SELECT 2"}, r"`sql` and a\.sql both hold queries"),
        (
            {"a.txt": "Result  (cost=0.00..0.01 rows=1 width=4)"},
            {"path": "a.txt", "plan": "Result  (cost=0.00..0.01 rows=1 width=4)"},
            r"`plan` and a\.txt both hold a plan",
        ),
        ({"db/x.txt": ""}, {"sql": QUERY, "ddl": "db"}, "db"),
    ],
    ids=["neither", "empty", "broken", "two queries", "two plans", "no migrations"],
)
async def test_files_that_do_not_fit_are_refused_in_words(
    explain: Explain, tmp_path: Path, files: dict[str, str], fields: dict[str, Any], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(ToolError, match=words):
        await explain(**fields)


async def test_a_link_out_of_the_workspace_is_refused(explain: Explain, tmp_path: Path) -> None:
    (tmp_path / "schema.sql").symlink_to("/etc/passwd")
    with pytest.raises(ToolError, match="outside the workspace"):
        await explain(sql=QUERY, ddl="schema.sql")


async def test_a_plan_in_a_file_is_read_with_its_lines(explain: Explain, operators: Operators, tmp_path: Path) -> None:
    rows = await operators.session.fetch(f"EXPLAIN (ANALYZE, TIMING) {QUERY}")
    (tmp_path / "slow.txt").write_text("# from production\n" + "\n".join(row[0] for row in rows))
    report = await explain(path="slow.txt", sql=QUERY, ddl=SHOP)
    scan = next(each for each in report.findings if each.rule == "unindexed-filter")
    assert scan.location.path == "slow.txt" and scan.location.line > 1
    assert "orders" in document(report, "plan.txt")
