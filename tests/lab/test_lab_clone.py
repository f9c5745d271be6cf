from __future__ import annotations

import pytest

from backend.engines.lab.lab import LabError, open_lab
from backend.engines.lab.preparation import _Preparation
from backend.engines.lab.settings import is_planner_setting
from backend.engines.postgres.host import PostgresHost
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

DUMP = r"""
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
\connect elsewhere
CREATE SCHEMA shop;
ALTER SCHEMA shop OWNER TO boss;
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS postgis;
COMMENT ON SCHEMA shop IS 'a shop';
CREATE TABLE shop."Order" (id bigint NOT NULL, buyer bigint NOT NULL, note text);
ALTER TABLE shop."Order" OWNER TO boss;
CREATE TABLE shop.buyers (id bigint NOT NULL, email public.citext);
GRANT SELECT ON shop.buyers TO reader;
COPY shop.buyers (id, email) FROM stdin;
1	a@b.c
2	c@d.e
\.
INSERT INTO shop."Order" VALUES (1, 1, 'x');
CREATE MATERIALIZED VIEW shop.counts AS SELECT count(*) AS n FROM shop.buyers;
CREATE FUNCTION shop.fill() RETURNS void LANGUAGE sql AS $$ INSERT INTO shop.buyers VALUES (3, 'd@e.f') $$;
SELECT shop.fill();
ALTER TABLE ONLY shop."Order" ADD CONSTRAINT "Order_pkey" PRIMARY KEY (id);
ALTER TABLE ONLY shop.buyers ADD CONSTRAINT buyers_pkey PRIMARY KEY (id);
CREATE INDEX CONCURRENTLY "Order_buyer" ON shop."Order" (buyer);
ALTER TABLE ONLY shop."Order" ADD CONSTRAINT order_buyer FOREIGN KEY (buyer) REFERENCES shop.buyers (id);
REFRESH MATERIALIZED VIEW shop.counts;
"""
STATISTICS = DatabaseStatistics(
    (
        RelationStatistics("shop", "Order", "r", 20_000, 2_000_000.0, 20_000),
        RelationStatistics("shop", "buyers", "r", 1_000, 200_000.0, 1_000),
        RelationStatistics("shop", "buyers_pkey", "i", 551, 200_000.0, 551, table="buyers", height=1),
        RelationStatistics("shop", "absent", "r", 5, 100.0, 5),
    ),
    settings={"random_page_cost": "1.1", "work_mem": "64MB", "data_directory": "/x", "enable_hashjoin": "maybe"},
)


async def test_a_dump_is_taken_as_it_is(postgres: PostgresHost) -> None:
    async with open_lab(postgres, DUMP, STATISTICS, search_path="shop, public") as lab:
        assert {table.name for table in lab.schema.tables} == {"Order", "buyers"}
        plan = await lab.explain('SELECT * FROM "Order" o JOIN buyers b ON b.id = o.buyer')
        assert plan.root.estimated_rows > 1_000_000
        assert (await lab.cost("SELECT * FROM buyers WHERE id = 7"))[1] == {"buyers_pkey"}
        assert (await lab.explain("SELECT * FROM counts")).root.kind == "Seq Scan"
        async with lab.what_if('CREATE INDEX ON "Order" (note)') as changed:
            assert changed.indexes[0].table == "shop.Order"
            assert (await changed.cost("SELECT * FROM \"Order\" WHERE note = 'x'"))[1] == {"Order_note_idx"}
        told = "\n".join(lab.differences)
        assert "an extension is missing in the lab (line 8" in told
        assert "statistics of shop.absent were left out" in told


async def test_the_servers_planner_settings_hold_and_no_others(postgres: PostgresHost) -> None:
    async with open_lab(postgres, DUMP, STATISTICS) as lab:
        plan = await lab.explain("SELECT * FROM shop.buyers WHERE id = 7")
        assert plan.settings["random_page_cost"] == "1.1"
        assert plan.settings["work_mem"] == "64MB"
        assert "max_parallel_workers_per_gather" not in plan.settings
        told = "\n".join(lab.differences)
        assert "data_directory = /x is not one of the planner's" in told
        assert "enable_hashjoin = maybe could not be made" in told
    for name in ("search_path", "role", "log_statement", "default_transaction_read_only", "enable_", "work_memory"):
        assert not is_planner_setting(name)


async def test_a_metapage_the_server_has_read_is_replaced(
    postgres: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adding a foreign key reads the indexes of both tables; the twin keeps those files and their old heights."""
    query = "SELECT * FROM shop.buyers WHERE id = 7"
    async with open_lab(postgres, DUMP, STATISTICS) as lab:
        right, _ = await lab.cost(query)

    async def keep(_work: object) -> None:
        return None

    monkeypatch.setattr(_Preparation, "renew_files", keep)
    async with open_lab(postgres, DUMP, STATISTICS) as lab:
        assert (await lab.cost(query))[0] < right


async def test_a_table_without_statistics_is_told(postgres: PostgresHost) -> None:
    async with open_lab(postgres, "CREATE TABLE lonely (x int)", DatabaseStatistics()) as lab:
        assert any("public.lonely has no statistics" in difference for difference in lab.differences)


async def test_values_that_cannot_be_read_cost_only_themselves(postgres: PostgresHost) -> None:
    good = ColumnStatistics("b", 0, 4, 3.0, most_common_vals="{1,2,3}", most_common_freqs=(0.5, 0.3, 0.2))
    bad = ColumnStatistics("a", 0, 4, 10.0, most_common_vals="{x,y}", most_common_freqs=(0.5, 0.5))
    relation = RelationStatistics("public", "t", "r", 1000, 100_000.0, 1000, columns=(bad, good, ColumnStatistics("z")))
    async with open_lab(postgres, "CREATE TABLE t (a int, b int)", DatabaseStatistics((relation,))) as lab:
        plan = await lab.explain("SELECT * FROM t WHERE b = 1")
        assert plan.root.estimated_rows == 50_000
        told = "\n".join(lab.differences)
        assert "statistics of public.t (z) were left out: no such column" in told
        assert "restored in part" in told


async def test_a_guests_check_never_runs_with_the_administrators_rights(postgres: PostgresHost) -> None:
    sql = """
    CREATE FUNCTION judge(int) RETURNS boolean LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'judged as superuser %', current_setting('is_superuser'); END $$;
    CREATE DOMAIN judged AS int CHECK (judge(VALUE));
    CREATE TABLE t (a judged);
    """
    column = ColumnStatistics("a", 0, 4, 10.0, most_common_vals="{1,2}", most_common_freqs=(0.5, 0.5))
    relation = RelationStatistics("public", "t", "r", 1000, 100_000.0, 1000, columns=(column,))
    async with open_lab(postgres, sql, DatabaseStatistics((relation,))) as lab:
        assert "superuser on" not in "\n".join(lab.differences)
        assert (await lab.cost("SELECT * FROM t"))[0] > 1000


async def test_a_schema_of_a_hundred_tables_plans_as_one_of_few(postgres: PostgresHost) -> None:
    sql = "".join(
        f"CREATE TABLE t{i} (id bigint PRIMARY KEY, a int, b text, parent bigint);"
        f"CREATE INDEX ON t{i} (a); CREATE INDEX ON t{i} (parent); CREATE INDEX ON t{i} (b, a);"
        + (f"ALTER TABLE t{i} ADD FOREIGN KEY (parent) REFERENCES t{i - 1};" if i else "")
        for i in range(100)
    )
    columns = tuple(ColumnStatistics(name, 0, width, -0.5) for name, width in (("id", 8), ("a", 4), ("b", 20)))
    relations = tuple(
        RelationStatistics("public", f"t{i}", "r", 5_000, 500_000.0, 5_000, columns=columns) for i in range(100)
    )
    async with open_lab(postgres, sql, DatabaseStatistics(relations)) as lab:
        assert (await lab.cost("SELECT * FROM t7 JOIN t6 ON t6.id = t7.parent WHERE t7.id = 5"))[1] == {
            "t7_pkey",
            "t6_pkey",
        }


async def test_names_that_need_quotes_do_no_harm(postgres: PostgresHost) -> None:
    sql = """
    CREATE TABLE "o'dd; DROP" ("Sel ect" int PRIMARY KEY, "x""y" text);
    CREATE INDEX "i;x" ON "o'dd; DROP" ("x""y");
    """
    statistics = DatabaseStatistics((RelationStatistics("public", "o'dd; DROP", "r", 1000, 100_000.0, 1000),))
    async with open_lab(postgres, sql, statistics) as lab:
        async with lab.what_if('CREATE INDEX ON "o\'dd; DROP" (lower("x""y"))', without=["i;x"]) as changed:
            assert changed.indexes[0].table == "public.o'dd; DROP"
        with pytest.raises(LabError, match="there is no index i;y"):
            async with lab.what_if(without=["i;y"]):
                pass
