"""An index that SQLite used in the lab, as a finding with the plans before and after."""

from __future__ import annotations

from backend.engines.sqlite_catalog import SqliteCatalog
from backend.plans.sqlite_indexes import SqliteIndex
from backend.plans.sqlite_search import Trial
from backend.plans.sqlite_weight import WIDE, Scales
from knowledge.plan.model import Node, Plan
from knowledge.report import Basis, Evidence, Finding, Fix, Severity, Step

LONGEST = 6
"""Steps of a plan that are shown in a line."""


def index_finding(
    index: SqliteIndex, without: Trial, with_all: Trial, scales: Scales, catalog: SqliteCatalog, origin: str
) -> Finding:
    """What one index brings.

    Args:
        index: one of those recommended.
        without: all the others of them.
        with_all: all of them.
        scales: for the tables of steps.
        catalog: for their names.
        origin: where the statistics come from.
    """
    scans_less = len(without.tally.scanned) > len(with_all.tally.scanned)
    others = f" beside {len(with_all.indexes) - 1} others" if len(with_all.indexes) > 1 else ""
    change = f"{steps(without.plan)} -> {steps(with_all.plan)}"
    return Finding(
        rule="index-advice",
        severity=Severity.HIGH if scans_less else Severity.MEDIUM,
        message=f"{index.idea.name} would save {_saved(without, with_all, scales, catalog)}",
        subject=index.named_table,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action=f"built it{others} in an empty SQLite with the statistics given ({origin}) and planned the "
                "query again, unaltered",
                result=f"{change}; {index.idea.why}",
            ),
            Evidence(basis=Basis.DERIVED, action="what it costs", result="every write of a row writes one B-tree more"),
            *_guesses(index, scales),
        ],
        fixes=[
            Fix(
                summary="Create it; SQLite locks the file against writers meanwhile",
                steps=[Step(sql=f"{index.ddl};")],
                proven=True,
                proof=f"built and re-planned: {change}",
            )
        ],
    )


def _guesses(index: SqliteIndex, scales: Scales) -> list[Evidence]:
    """What the choice rests on where no statistics tell how often a value is met."""
    columns = [key.column for key in index.idea.keys if key.column][:1]
    return [
        Evidence(
            basis=Basis.ASSUMED,
            action=f"how many rows share a value of {column}",
            result="guessed from its name, type and constraints: SQLite's statistics tell it of indexed columns alone",
            flips=f"over {WIDE:.0%} of the rows having the value asked for",
        )
        for column in columns
        if not scales.is_known(index.table, column)
    ]


def steps(plan: Plan) -> str:
    """SQLite's own words, each step once, in order."""
    said = [node.text("Detail") for node in plan.nodes if node.text("Detail")]
    more = f" and {len(said) - LONGEST} more steps" if len(said) > LONGEST else ""
    return "; ".join(said[:LONGEST]) + more


def _saved(without: Trial, with_all: Trial, scales: Scales, catalog: SqliteCatalog) -> str:
    before, after = without.tally, with_all.tally
    if gone := _fewer(before.scanned, after.scanned, scales, catalog):
        return f"the full read of {gone}"
    if len(before.automatic) > len(after.automatic):
        on = _fewer(before.automatic, after.automatic, scales, catalog)
        return f"the index that SQLite builds on {on} for this query alone"
    kept = [node.text("Purpose") for node in after.sorts]
    purposes = [node.text("Purpose") for node in before.sorts if node.text("Purpose") not in kept]
    return f"the sort for {', '.join(dict.fromkeys(purposes)) or 'the result'}"


def _fewer(before: list[Node], after: list[Node], scales: Scales, catalog: SqliteCatalog) -> str:
    """Tables (with their rows) that were met more often before."""
    kept = [scales.table_of(node) for node in after]
    gone: dict[str, int] = {}
    for node in before:
        table = scales.table_of(node)
        if table in kept:
            kept.remove(table)
        else:
            gone[catalog.table(table)] = scales.rows_of(node)
    return ", ".join(f"{name} ({rows:,} rows)" if rows else name for name, rows in gone.items())
