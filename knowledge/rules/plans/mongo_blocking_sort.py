"""MongoDB sorts in memory what an index could deliver in order."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans.mongo_collection_scan import MANY
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """SORT stages over many documents, or that went to disk."""
    total = context.plan.execution_ms
    for node in context.plan.nodes:
        if node.kind != "SORT" or not node.is_measured:
            continue
        rows = max((child.actual_rows for child in node.children), default=node.actual_rows)
        on_disk = node.properties.get("Used Disk") is True
        if rows >= MANY or on_disk:
            spent = node.number_of("Actual Total Time") - sum(
                child.number_of("Actual Total Time") for child in node.children
            )
            yield PlanHit(
                message=f"Sorts {rows:,.0f} documents {'on disk' if on_disk else 'in memory'} before any comes back",
                result=f"sort key {node.text('Sort Key')}, used disk: {'yes' if on_disk else 'no'}",
                share=min(1.0, max(0.0, spent) / total) if total else 0.0,
                node=node.number,
                fix=Fix(summary="End the index with the sort fields in their order: then no sort is needed"),
            )


RULE = PlanRule(
    id="mongo-blocking-sort",
    claim="A SORT stage reads everything before it returns anything, within 100 MB or on disk.",
    family="plans",
    severity=Severity.MEDIUM,
    why="With a limit, an index in sort order would read only what is returned.",
    unless="Under 1,000 documents are sorted.",
    failing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 20, "executionTimeMillis": 310, "totalKeysExamined": 0, "totalDocsExamined": 90000,
    "executionStages": { "stage": "SORT", "sortPattern": { "created": -1 }, "nReturned": 20, "usedDisk": true,
      "executionTimeMillisEstimate": 300, "inputStage": { "stage": "COLLSCAN", "nReturned": 90000,
        "executionTimeMillisEstimate": 60, "docsExamined": 90000 } } } }""",
    passing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 20, "executionTimeMillis": 1, "totalKeysExamined": 20, "totalDocsExamined": 20,
    "executionStages": { "stage": "LIMIT", "nReturned": 20, "inputStage": { "stage": "FETCH", "nReturned": 20,
      "docsExamined": 20, "inputStage": { "stage": "IXSCAN", "indexName": "created_-1", "nReturned": 20,
      "keysExamined": 20 } } } } }""",
    sources=("https://www.mongodb.com/docs/manual/reference/explain-results/",),
    versions=(Versions("mongodb"),),
    fix_safety="review",
    inspect=inspect,
)
