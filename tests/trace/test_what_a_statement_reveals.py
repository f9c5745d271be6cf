"""The table of what one statement reveals in PostgreSQL 18, statement by statement."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tracing_help import statements, strongest, traced

from backend.engines.postgres.host import Scratch
from backend.engines.trace import Tracer
from backend.engines.trace.probing import Prober
from knowledge.trace import LockMode as Mode

T, REF, CHILD = "public.t", "public.ref", "public.child"
T_FILES = ("public.t", "public.t_pkey", "public.t_v")
FREE, WRITES, ALL = (False, False), (False, True), (True, True)


@dataclass(frozen=True)
class Row:
    """A statement, what it must be seen doing, and who then waits: (reads, writes) of each relation."""

    sql: str
    locks: dict[str, Mode]
    waits: dict[str, tuple[bool, bool]]
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    before: str = ""
    says: str = ""


def on_t(sql: str, mode: Mode = Mode.ACCESS_EXCLUSIVE, waits: tuple[bool, bool] = ALL, **more: object) -> Row:
    return Row(sql, {T: mode}, {T: waits}, **more)  # type: ignore[arg-type]


REWRITE = {"rewrites": T_FILES, "scans": (T,)}
FK = "ALTER TABLE t ADD CONSTRAINT t_r_fkey FOREIGN KEY (r) REFERENCES ref"
ROWS = [
    on_t("ALTER TABLE t ADD COLUMN a int"),
    on_t("ALTER TABLE t ADD COLUMN a int DEFAULT 3"),
    on_t("ALTER TABLE t ADD COLUMN a timestamptz DEFAULT now()"),
    on_t("ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (n * 2) VIRTUAL"),
    on_t("ALTER TABLE t ADD COLUMN a float DEFAULT random()", says='rewriting table "t"', **REWRITE),
    on_t("ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (n * 2) STORED", **REWRITE),
    on_t("ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS IDENTITY", **REWRITE),
    on_t("ALTER TABLE t ADD COLUMN a serial", **REWRITE),
    Row(
        "ALTER TABLE t ALTER n TYPE bigint", {T: Mode.ACCESS_EXCLUSIVE}, {T: ALL}, T_FILES, (T,),
        says="rewriting table",
    ),
    on_t("ALTER TABLE t ALTER v TYPE varchar(40)", **REWRITE),
    on_t("ALTER TABLE t ALTER v TYPE varchar(100)"),
    on_t("ALTER TABLE t ALTER v TYPE text"),
    on_t("ALTER TABLE t ALTER n SET NOT NULL", scans=(T,), says='verifying table "t"'),
    on_t("ALTER TABLE t ALTER w SET NOT NULL", says="sufficient to prove that it does not contain nulls"),
    on_t("ALTER TABLE t ADD CONSTRAINT t_n_not_null NOT NULL n NOT VALID"),
    on_t(
        "ALTER TABLE t VALIDATE CONSTRAINT t_n_not_null", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, scans=(T,),
        before="ALTER TABLE t ADD CONSTRAINT t_n_not_null NOT NULL n NOT VALID",
    ),
    Row(
        FK, {T: Mode.SHARE_ROW_EXCLUSIVE, REF: Mode.SHARE_ROW_EXCLUSIVE}, {T: WRITES, REF: WRITES},
        scans=(REF, T), says="validating foreign key constraint",
    ),
    Row(
        f"{FK} NOT VALID", {T: Mode.SHARE_ROW_EXCLUSIVE, REF: Mode.SHARE_ROW_EXCLUSIVE},
        {T: WRITES, REF: WRITES},
    ),
    Row(
        "ALTER TABLE t VALIDATE CONSTRAINT t_r_fkey", {T: Mode.SHARE_UPDATE_EXCLUSIVE, REF: Mode.ROW_SHARE},
        {T: FREE, REF: FREE}, scans=(REF, T), before=f"{FK} NOT VALID",
    ),
    on_t("ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0)", scans=(T,), says="verifying table"),
    on_t("ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0) NOT VALID"),
    on_t(
        "ALTER TABLE t VALIDATE CONSTRAINT positive", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, scans=(T,),
        before="ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0) NOT VALID",
    ),
    on_t("CREATE INDEX ON t (n)", Mode.SHARE, WRITES, scans=(T,), says='building index "t_n_idx"'),
    on_t("ALTER TABLE t ADD UNIQUE (n)", scans=(T,)),
    on_t("ALTER TABLE t ADD EXCLUDE USING btree (n WITH =)", scans=(T,)),
    Row(
        "REINDEX TABLE t", {T: Mode.SHARE, "public.t_pkey": Mode.ACCESS_EXCLUSIVE}, {T: ALL},
        ("public.t_pkey", "public.t_v"), (T,),
    ),
    Row("CREATE TABLE other (t_id int REFERENCES t)", {T: Mode.SHARE_ROW_EXCLUSIVE}, {T: WRITES}),
    Row("DROP TABLE child", {CHILD: Mode.ACCESS_EXCLUSIVE, T: Mode.ACCESS_EXCLUSIVE}, {T: ALL, CHILD: ALL}),
    Row(
        "ALTER TABLE child DROP CONSTRAINT child_t_id_fkey",
        {CHILD: Mode.ACCESS_EXCLUSIVE, T: Mode.ACCESS_EXCLUSIVE}, {T: ALL, CHILD: ALL},
    ),
    Row("DROP INDEX t_v", {T: Mode.ACCESS_EXCLUSIVE, "public.t_v": Mode.ACCESS_EXCLUSIVE}, {T: ALL}),
    # What linters are known to miss.
    on_t("ALTER TABLE t SET UNLOGGED", rewrites=T_FILES, scans=(T,), before="DROP TABLE child"),
    on_t("CLUSTER t USING t_pkey", rewrites=T_FILES, scans=(T,)),
    on_t(
        "CREATE TRIGGER nothing BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing()",
        Mode.SHARE_ROW_EXCLUSIVE, WRITES,
    ),
    on_t("TRUNCATE t CASCADE", rewrites=("public.child", "public.child_pkey", *T_FILES)),
    on_t("UPDATE t SET n = n + 1", Mode.ROW_EXCLUSIVE, FREE, scans=(T,)),
    Row(
        "CREATE TABLE part_3 PARTITION OF parts FOR VALUES FROM (300) TO (400)",
        {"public.parts": Mode.ACCESS_EXCLUSIVE}, {"public.parts": ALL},
    ),
    Row(
        "ALTER TABLE parts ATTACH PARTITION part_2 FOR VALUES FROM (100) TO (200)",
        {"public.parts": Mode.SHARE_UPDATE_EXCLUSIVE, "public.part_2": Mode.ACCESS_EXCLUSIVE},
        {"public.parts": FREE, "public.part_2": ALL}, scans=("public.part_2",), says="verifying table",
    ),
    Row(
        "ALTER TABLE parts DETACH PARTITION part_1",
        {"public.parts": Mode.ACCESS_EXCLUSIVE, "public.part_1": Mode.ACCESS_EXCLUSIVE},
        {"public.parts": ALL},
    ),
    Row(
        "REFRESH MATERIALIZED VIEW sums", {"public.sums": Mode.ACCESS_EXCLUSIVE}, {"public.sums": ALL},
        ("public.sums", "public.sums_n"), ("public.sums", T),
    ),
    Row(
        "REFRESH MATERIALIZED VIEW CONCURRENTLY sums", {"public.sums": Mode.EXCLUSIVE},
        {"public.sums": WRITES}, scans=("public.sums", T),
    ),
    on_t("CREATE POLICY nobody ON t USING (false)"),
    on_t("ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sql)
async def test_locks_rewrites_scans_and_waiting_sessions(world: Scratch, row: Row) -> None:
    await traced(world, row.before, observe=lambda _: False)
    async with Tracer(world) as tracer:
        await tracer.begin()
        trace = await tracer.run(statements(row.sql)[0])
        prober = Prober(world)
        try:
            asked = await prober.ask(list(row.waits))
        finally:
            await prober.aclose()
        await tracer.rollback()
    assert trace.error is None
    assert {name: strongest(trace.locks, name) for name in row.locks} == row.locks
    assert set(trace.rewrites) == set(row.rewrites)
    assert set(trace.scans) == set(row.scans)
    waits = {probe.relation: (probe.read_blocked, probe.write_blocked) for probe in asked}
    assert waits == row.waits
    probed = {probe.relation: (probe.read_blocked, probe.write_blocked) for probe in trace.probes}
    strong = {name for name, mode in row.locks.items() if mode.blocks_writes and name in row.waits}
    assert {name: probed[name] for name in strong} == {name: row.waits[name] for name in strong}
    assert row.says in "\n".join(trace.messages)
    assert trace.transaction == "open"


ALONE = [
    ("CREATE INDEX CONCURRENTLY t_n ON t (n)", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, (), "relation, virtualxid"),
    ("DROP INDEX CONCURRENTLY t_v", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, (), "relation, virtualxid"),
    ("REINDEX TABLE CONCURRENTLY t", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, T_FILES[1:], "relation, virtualxid"),
    ("REINDEX INDEX CONCURRENTLY t_v", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, T_FILES[2:], "relation, virtualxid"),
    ("VACUUM t", Mode.SHARE_UPDATE_EXCLUSIVE, FREE, (), "relation"),
    ("VACUUM FULL t", Mode.ACCESS_EXCLUSIVE, ALL, T_FILES, "relation"),
]


@pytest.mark.parametrize(("sql", "mode", "waits", "rewrites", "waited"), ALONE, ids=lambda value: str(value))
async def test_what_refuses_a_transaction_is_watched_from_outside(
    world: Scratch,
    sql: str,
    mode: Mode,
    waits: tuple[bool, bool],
    rewrites: tuple[str, ...],
    waited: str,
) -> None:
    (trace,) = await traced(world, sql, transactional=False)
    assert trace.error is None
    assert trace.transaction == "alone"
    assert strongest(trace.locks, T) is mode
    assert [(probe.read_blocked, probe.write_blocked) for probe in trace.probes] == [waits]
    assert set(trace.rewrites) == set(rewrites)
    assert f"waited ({waited})" in trace.note


async def test_detach_concurrently_leaves_the_parent_free_and_ends_with_a_lock_on_the_part(world: Scratch) -> None:
    (trace,) = await traced(world, "ALTER TABLE parts DETACH PARTITION part_1 CONCURRENTLY", transactional=False)
    assert trace.error is None
    assert strongest(trace.locks, "public.parts") is Mode.SHARE_UPDATE_EXCLUSIVE
    assert strongest(trace.locks, "public.part_1") is Mode.ACCESS_EXCLUSIVE
    assert {probe.relation: (probe.read_blocked, probe.write_blocked) for probe in trace.probes} == {
        "public.parts": FREE,
        "public.part_1": ALL,
    }


async def test_the_probe_sees_what_the_lock_mode_hides(world: Scratch) -> None:
    """By its table lock alone REINDEX would let readers pass; the weakened check says so, and is wrong."""
    (trace,) = await traced(world, "REINDEX INDEX t_v")
    strong = trace.strongest
    assert strong is not None
    assert strong.relation == T
    assert not strong.mode.blocks_reads
    assert trace.probes[0].read_blocked
