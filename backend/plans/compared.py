"""Two plans compared, as a report."""

from __future__ import annotations

from backend.plans.explained import Explained
from backend.plans.report import TOOL, drawing, json_of, pictures
from knowledge.plan.compare import Change, Comparison, compare
from knowledge.plan.model import Plan
from knowledge.report import Artifact, Fact, Outcome, Report, Table

NOISE = 0.1
"""Under a tenth, two timings of one query are not different."""


def comparison_report(before: Plan, after: Plan) -> Report:
    """What changed between two plans of one query; slower than noise is a finding of its own kind: the verdict."""
    compared = compare(before, after)
    unit = "ms" if compared.unit == "ms" else "planner units, not time"
    comparable = _comparable(compared, before, after)
    worse = comparable and compared.after > compared.before * (1 + NOISE)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if worse else Outcome.PASS,
        headline=_headline(compared, unit) if comparable else _first(compared),
        facts=[
            *_totals(compared, unit if comparable else ""),
            Fact(name="changed steps", value=str(len(compared.changes))),
        ],
        tables=[_table(compared)],
        not_tested=_not_tested(before, after, comparable=comparable),
        artifacts=[
            *pictures(Explained(after)),
            Artifact(name="before.json", media_type="application/json", text=json_of(drawing(Explained(before)))),
        ],
    )


def _comparable(compared: Comparison, before: Plan, after: Plan) -> bool:
    """Whether both plans have a figure, and in the same unit: each engine has costs of its own."""
    return bool(compared.factor) and (compared.unit == "ms" or before.engine == after.engine)


def _totals(compared: Comparison, unit: str) -> list[Fact]:
    if not unit:
        return []
    return [
        Fact(name="before", value=f"{compared.before:,.3f} {unit}"),
        Fact(name="after", value=f"{compared.after:,.3f} {unit}"),
    ]


def _headline(compared: Comparison, unit: str) -> str:
    change = f"{compared.before:,.3f} -> {compared.after:,.3f} {unit}"
    faster = compared.factor >= 1
    factor = compared.factor if faster else 1 / compared.factor
    word = ("quicker" if faster else "slower") if compared.unit == "ms" else ("cheaper" if faster else "dearer")
    if factor < 1 + NOISE:
        return f"{change}, no difference beyond noise: {_first(compared)}"
    return f"{factor:,.1f} times {word} ({change}): {_first(compared)}"


def _first(compared: Comparison) -> str:
    return next((_words(each) for each in compared.changes if each.before != each.after), "the same steps")


def _words(change: Change) -> str:
    return f"{change.what} was {change.before or 'not there'} and is {change.after or 'gone'}"


def _table(compared: Comparison) -> Table:
    rows = [
        [each.what, each.before or "-", each.after or "-", f"{each.before_self:,.2f}", f"{each.after_self:,.2f}"]
        for each in compared.changes
    ]
    own = "own ms" if compared.unit == "ms" else "own cost"
    return Table(title="Changed steps", columns=["step", "before", "after", f"{own} before", f"{own} after"], rows=rows)


def _not_tested(before: Plan, after: Plan, *, comparable: bool) -> list[str]:
    notes = [*before.problems, *after.problems]
    if not before.tables & after.tables:
        notes.append("whether they are plans of one query: they read no table in common")
    if before.engine != after.engine:
        notes.append(f"costs: {before.engine} and {after.engine} count them in units of their own")
    elif not comparable:
        notes.append("how much it changed: at least one of the plans tells neither time nor cost")
    elif before.is_timed != after.is_timed:
        notes.append("time: only one of the plans was timed, so costs are compared")
    return notes
