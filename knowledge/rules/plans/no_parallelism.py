"""Large scans that something keeps in one process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import counted, duration, percent, step
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import examined, own, weighs

LEAST_SHARE = 0.3
"""Share of the time from which a scan's single process matters."""

LEAST_MS = 15.0
"""Milliseconds below which workers would cost more than they save: starting two takes some 5 to 10."""

LEAST_BLOCKS = 1024
"""min_parallel_table_scan_size, 8 MB: smaller tables are never scanned in parallel."""

CALL_COST = 0.25
"""Cost a row of calling a function that declares nothing: COST 100 x cpu_operator_cost 0.0025 (manual, CREATE
FUNCTION). Built-in functions cost a hundredth, but for those in ``_DEAR``."""

_CALL = re.compile(r"(?<![\w\"'])((?:\w+\.)?[a-z_]\w*)\(")
_DEAR = frozenset(
    "to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_headline ts_rewrite "
    "json_to_tsvector jsonb_to_tsvector ts_match_tt ts_match_tq col_description obj_description".split()
)
_WORDS = frozenset("any all and or not in coalesce greatest least nullif array row exists cast case when".split())
_SWITCH = "max_parallel_workers_per_gather"


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every large serial scan in a plan without workers, where the reason can be seen."""
    plan = context.plan
    if not plan.is_timed or any(node.kind in ("Gather", "Gather Merge") for node in plan.nodes):
        return
    switched_off = plan.settings.get(_SWITCH) == "0"
    for node in plan.nodes:
        if node.kind != "Seq Scan" or not weighs(context, node, LEAST_SHARE) or not _large(context, node):
            continue
        called = _expensive_call(node)
        if not switched_off and not called:
            continue
        cause = (
            f"{_SWITCH} is 0"
            if switched_off
            else f"it calls {called}, whose declared cost shows a function of the database's own: these forbid "
            "workers unless marked PARALLEL SAFE"
        )
        figures = context.of(node)
        yield PlanHit(
            message=f"{step(node)} looks at {counted(examined(node), 'row')} in one process: {cause}",
            result=f"{duration(figures.self_ms)}, {percent(figures.share)} of the time, no workers planned",
            share=figures.share,
            node=node.number,
            subject=_SWITCH if switched_off else called,
            fix=Fix(summary=f"Allow workers again if {_SWITCH} was not set to 0 on purpose", steps=[_reset()])
            if switched_off
            else Fix(summary=f"If {called} neither writes nor changes session state, declare it PARALLEL SAFE"),
        )


def _reset() -> Step:
    return Step(sql=f"RESET {_SWITCH};", note="for this session; the default is 2")


def _large(context: PlanContext, node: Node) -> bool:
    """Whether the table is one PostgreSQL would share out; by its rows where blocks were not counted."""
    blocks = own(node, "Shared Hit Blocks") + own(node, "Shared Read Blocks")
    enough = blocks >= LEAST_BLOCKS if "Shared Hit Blocks" in node.properties else examined(node) >= 100 * LEAST_BLOCKS
    return enough and context.of(node).self_ms >= LEAST_MS and node.loops == 1


def _expensive_call(node: Node) -> str:
    """A function in the scan's condition or output, if the scan's price for each row is that of a dear call."""
    rows = examined(node)
    if not rows or node.number_of("Total Cost") / rows < CALL_COST:
        return ""
    text = re.sub(r"'(?:[^']|'')*'", "''", f"{node.text('Filter')} {node.text('Output')}")
    names = [match[1] for match in _CALL.finditer(text)]
    return next((name for name in names if name not in _DEAR and name not in _WORDS), "")


_TABLE = (
    "CREATE TABLE hits (id int, note text);\n"
    "INSERT INTO hits SELECT i, repeat('x', 150) FROM generate_series(1, 80000) i;\n"
    "ANALYZE hits;\n"
    "CREATE FUNCTION graded(int) RETURNS int LANGUAGE plpgsql IMMUTABLE {safety} AS\n"
    "    'BEGIN RETURN length(md5(repeat($1::text, 50))) + $1 % 7; END';\n"
    "-- setup ends\n"
    "SET max_parallel_workers_per_gather = 2;\n"
    "EXPLAIN (ANALYZE, BUFFERS, SETTINGS, FORMAT JSON) SELECT count(*) FROM hits WHERE graded(id) = 35;"
)

RULE = PlanRule(
    id="no-parallelism",
    claim="A large scan stays in one process when a setting or one unsafe function forbids workers.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "A function is PARALLEL UNSAFE unless its author says otherwise, and one such call anywhere in a query keeps "
        "the whole query in one process, whatever the size of its tables."
    ),
    unless="The function writes or changes session state, or the server's processors are busy anyway.",
    failing=_TABLE.format(safety=""),
    passing=_TABLE.format(safety="PARALLEL SAFE"),
    sources=(
        "https://www.postgresql.org/docs/current/parallel-safety.html",
        "https://www.postgresql.org/docs/current/when-can-parallel-query-be-used.html",
    ),
    inspect=inspect,
)
