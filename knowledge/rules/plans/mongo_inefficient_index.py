"""MongoDB follows an index to many documents that the filter then throws away."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans.mongo_collection_scan import MANY, WASTE, part_of_reads
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """FETCH stages that keep a small part of the documents an index led them to."""
    for node in context.plan.nodes:
        read = node.number_of("Documents Examined")
        index = next((below.index for below in node.walk() if below.kind == "IXSCAN"), "")
        if node.kind == "FETCH" and index and read >= MANY and read >= WASTE * max(node.actual_rows, 1):
            yield PlanHit(
                message=f"Index {index} leads to {read:,.0f} documents of which {node.actual_rows:,.0f} are kept",
                result=f"examined {read:,.0f}, returned {node.actual_rows:,.0f}, filter {node.text('Filter')}",
                share=part_of_reads(context.plan, node),
                node=node.number,
                subject=index,
                fix=Fix(summary="Add the fields of the filter to the index: equality first, then sort, then range"),
            )


RULE = PlanRule(
    id="mongo-inefficient-index",
    claim="An IXSCAN whose documents are mostly thrown away lacks fields of the filter.",
    family="plans",
    severity=Severity.MEDIUM,
    why="Each index entry costs a random read of its document, and most of these are for nothing.",
    unless="The filter cannot be indexed ($where, an unanchored regular expression).",
    failing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 12, "executionTimeMillis": 95, "totalKeysExamined": 50000,
    "totalDocsExamined": 50000,
    "executionStages": { "stage": "FETCH", "filter": { "status": { "$eq": "open" } }, "nReturned": 12,
      "executionTimeMillisEstimate": 90, "docsExamined": 50000,
      "inputStage": { "stage": "IXSCAN", "indexName": "customer_1", "nReturned": 50000,
        "keysExamined": 50000 } } } }""",
    passing="""{ "queryPlanner": { "namespace": "shop.orders" },
  "executionStats": { "nReturned": 12, "executionTimeMillis": 1, "totalKeysExamined": 12, "totalDocsExamined": 12,
    "executionStages": { "stage": "FETCH", "nReturned": 12, "executionTimeMillisEstimate": 0, "docsExamined": 12,
      "inputStage": { "stage": "IXSCAN", "indexName": "customer_1_status_1", "nReturned": 12,
        "keysExamined": 12 } } } }""",
    sources=("https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-guideline/",),
    versions=(Versions("mongodb"),),
    fix_safety="review",
    inspect=inspect,
)
