"""One explained query as a report: short, the decisive figures first, the whole tree behind it as documents."""

from __future__ import annotations

import json

from backend.plans.explained import Explained
from knowledge.plan.mermaid import mermaid
from knowledge.plan.model import Plan
from knowledge.plan.picture.page import page
from knowledge.plan.picture.view import Json, Mark, view
from knowledge.plan.tree import tree_text
from knowledge.report import Artifact, Fact, Finding, Outcome, Report, Table

TOOL = "explain_query_plan"


def report_of(explained: Explained) -> Report:
    """The report about one plan."""
    findings = list(explained.findings)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=headline(explained, findings),
        facts=[
            Fact(name=name, value=value) for name, value in {**plan_facts(explained.plan), **explained.facts}.items()
        ],
        findings=findings,
        tables=[account_table(explained)],
        not_tested=[*explained.plan.problems, *explained.not_tested],
        assumptions=explained.assumptions,
        next_step=explained.next_step,
        artifacts=[*pictures(explained), *explained.artifacts],
    )


def headline(explained: Explained, findings: list[Finding]) -> str:
    """The one sentence a reader should take away."""
    if findings:
        rest = len(findings) - 1
        more = f"; {rest} more finding{'s' if rest > 1 else ''}" if rest else ""
        return f"{findings[0].message.rstrip('.')}{more}"
    return f"nothing stands out in {_steps(explained.plan)}, {_total(explained.plan)}"


def plan_facts(plan: Plan) -> dict[str, str]:
    """The figures of a plan as a whole."""
    facts = {"steps": f"{len(plan.nodes)}"}
    if plan.is_timed:
        facts["execution"] = f"{plan.execution_ms or plan.root.number_of('Actual Total Time'):,.3f} ms"
    elif plan.root.has_costs:
        facts["cost"] = f"{plan.root.number_of('Total Cost'):,.2f} (planner units, not time)"
    if plan.planning_ms:
        facts["planning"] = f"{plan.planning_ms:,.3f} ms"
    if plan.root.has_costs:
        rows = f"{plan.root.estimated_rows:,.0f} estimated"
        facts["rows"] = rows + (f", {plan.root.actual_rows:,.0f} actual" if plan.is_measured else "")
    return facts


def account_table(explained: Explained) -> Table:
    """What the plan does, in plain words."""
    rows = [[line] for line in explained.account]
    return Table(title="What the plan does, in order of execution", columns=["step"], rows=rows)


def pictures(explained: Explained) -> list[Artifact]:
    """The tree as text, as a page to look at, as the page's data and as a diagram for chats."""
    drawn = drawing(explained)
    return [
        Artifact(name="plan.txt", text=tree_text(explained.plan, explained.figures)),
        Artifact(name="plan.html", media_type="text/html", text=page(drawn)),
        Artifact(name="plan.json", media_type="application/json", text=json_of(drawn)),
        Artifact(name="plan.mmd", media_type="text/vnd.mermaid", text=mermaid(explained.plan, explained.figures)),
    ]


def drawing(explained: Explained) -> Json:
    """What the picture of a plan is drawn from."""
    marks = [
        Mark(each.node, each.finding.rule, each.finding.severity.value, each.finding.message)
        for each in explained.found
    ]
    marks += [Mark(0, each.rule, each.severity.value, each.message) for each in explained.proven]
    return view(explained.plan, explained.figures, marks, explained.account, title=explained.sql)


def json_of(drawn: Json) -> str:
    """The drawing as a document."""
    return json.dumps(drawn, ensure_ascii=False)


def _steps(plan: Plan) -> str:
    return f"a plan of {len(plan.nodes)} steps" if len(plan.nodes) > 1 else "a plan of one step"


def _total(plan: Plan) -> str:
    if plan.is_timed:
        return f"{plan.execution_ms or plan.root.number_of('Actual Total Time'):,.3f} ms"
    if not plan.root.has_costs:
        return "which tells neither cost nor time"
    return f"cost {plan.root.number_of('Total Cost'):,.2f} (planner units, not time)"
