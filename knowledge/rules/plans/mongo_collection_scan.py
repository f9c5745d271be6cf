"""MongoDB reads a whole collection for a few documents."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node, Plan
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.rule import Versions

MANY = 1_000
WASTE = 10
"""Documents examined for each one returned (MongoDB manual, "Interpret Explain Plan Results": near 1 is best)."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """COLLSCAN stages with a filter that keep a small part of what they read."""
    for node in context.plan.nodes:
        read = node.number_of("Documents Examined")
        if (
            node.kind == "COLLSCAN"
            and node.text("Filter")
            and read >= MANY
            and read >= WASTE * max(node.actual_rows, 1)
        ):
            yield PlanHit(
                message=f"Reads all {read:,.0f} documents of {node.relation} to keep {node.actual_rows:,.0f}",
                result=f"examined {read:,.0f}, returned {node.actual_rows:,.0f}, filter {node.text('Filter')}",
                share=part_of_reads(context.plan, node),
                node=node.number,
                subject=node.relation,
                fix=Fix(summary="Create an index whose first fields are those the filter compares for equality"),
            )


def part_of_reads(plan: Plan, node: Node) -> float:
    """How much of the query's reading one stage does: stage times are too coarse to rank by."""
    whole = plan.properties.get("Documents Examined") or 0
    return min(1.0, node.number_of("Documents Examined") / whole) if whole else 0.0


RULE = PlanRule(
    id="mongo-collection-scan",
    claim="A COLLSCAN that keeps a small part of what it reads has no index for its filter.",
    family="plans",
    severity=Severity.HIGH,
    why="Every document of the collection is read and compared; the time grows with the collection, not the answer.",
    unless="The filter keeps a tenth or more of the documents, or the collection has under 1,000.",
    failing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 12, "executionTimeMillis": 812, "totalKeysExamined": 0, "totalDocsExamined": 2000000,
    "executionStages": { "stage": "COLLSCAN", "filter": { "status": { "$eq": "open" } }, "nReturned": 12,
      "executionTimeMillisEstimate": 790, "docsExamined": 2000000 } } }""",
    passing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 12, "executionTimeMillis": 1, "totalKeysExamined": 12, "totalDocsExamined": 12,
    "executionStages": { "stage": "FETCH", "nReturned": 12, "executionTimeMillisEstimate": 0, "docsExamined": 12,
      "inputStage": { "stage": "IXSCAN", "indexName": "status_1", "nReturned": 12, "keysExamined": 12 } } } }""",
    sources=("https://www.mongodb.com/docs/manual/tutorial/analyze-query-plan/",),
    versions=(Versions("mongodb"),),
    fix_safety="review",
    inspect=inspect,
)
