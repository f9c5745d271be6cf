"""MongoDB's plans: JSON and what mongosh prints give one tree; whatever is pasted, nothing falls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.formats.plans import PlanSyntaxError, read
from knowledge.plan.account import account
from knowledge.plan.mermaid import mermaid
from knowledge.plan.reckoning import reckon
from knowledge.plan.tree import tree_text
from knowledge.rules import plan_rules
from knowledge.rules.plan_rule import PlanContext

STAGES: dict[str, Any] = {
    "stage": "SORT", "nReturned": 12, "executionTimeMillisEstimate": 811, "sortPattern": {"created": -1},
    "usedDisk": False, "inputStage": {
        "stage": "COLLSCAN", "filter": {"status": {"$eq": "it's open"}}, "nReturned": 12,
        "executionTimeMillisEstimate": 790, "docsExamined": 2000000, "direction": "forward"}}  # fmt: skip
STATISTICS = {"nReturned": 12, "executionTimeMillis": 812, "totalKeysExamined": 0, "totalDocsExamined": 2000000}
WHOLE: dict[str, Any] = {
    "queryPlanner": {"namespace": "shop.orders", "winningPlan": {"stage": "SORT", "inputStage": {"stage": "COLLSCAN"}}},
    "executionStats": STATISTICS | {"executionStages": STAGES},
    "ok": 1,
}
SHELL = """\
shop> db.orders.find({status: "it's open"}).sort({created: -1}).explain("executionStats")
{
  explainVersion: '1',
  queryPlanner: { namespace: 'shop.orders', winningPlan: { stage: 'SORT', inputStage: { stage: 'COLLSCAN' } } },
  executionStats: {
    nReturned: 12, executionTimeMillis: 812, totalKeysExamined: 0, totalDocsExamined: Long('2000000'),
    executionStages: {
      stage: 'SORT', nReturned: 12, executionTimeMillisEstimate: 811, sortPattern: { created: -1 }, usedDisk: false,
      inputStage: {
        stage: 'COLLSCAN', filter: { status: { '$eq': 'it\\'s open' } }, nReturned: 12,
        executionTimeMillisEstimate: Long('790'), docsExamined: 2000000, direction: 'forward',
      },
    },
  },
  serverInfo: { host: 'db', port: 27017, version: '8.0.4', gitVersion: undefined },
  '$clusterTime': { clusterTime: Timestamp({ t: 1764000000, i: 1 }) },
  ok: 1
}
"""
AGGREGATION = {"stages": [{"$cursor": WHOLE}, {"$group": {"_id": "$user"}}], "ok": 1}
SHARDED = {
    "queryPlanner": {"winningPlan": {"stage": "SHARD_MERGE"}},
    "executionStats": STATISTICS
    | {"executionStages": {"stage": "SHARD_MERGE", "nReturned": 12, "shards": [{"executionStages": STAGES}] * 2}},
}


def findings(text: str) -> set[str]:
    plan = read(text)
    context = PlanContext(plan, reckon(plan))
    return {rule.id for rule in plan_rules() for _ in rule.inspect(context)}


def test_json_and_the_shell_s_notation_give_one_tree() -> None:
    from_json, from_shell = read(json.dumps(WHOLE, indent=2)), read(SHELL)
    assert from_json.root == from_shell.root
    assert from_json.engine == "mongodb" and from_json.execution_ms == 812


@pytest.mark.parametrize("document", [WHOLE, AGGREGATION, SHARDED], ids=["find", "aggregate", "sharded"])
def test_the_scan_of_the_whole_collection_is_found_wherever_it_stands(document: dict[str, Any]) -> None:
    assert "mongo-collection-scan" in findings(json.dumps(document))


def test_the_rules_of_other_engines_say_nothing_of_it() -> None:
    assert findings(SHELL) <= {"mongo-collection-scan", "dominating-node"}


def test_it_is_told_and_drawn_like_any_plan() -> None:
    plan = read(SHELL)
    figures = reckon(plan)
    told = " ".join(account(plan, figures))
    assert "orders" in told and "2,000,000" in told
    assert "COLLSCAN" in tree_text(plan, figures) and "COLLSCAN" in mermaid(plan, figures)


def test_a_plan_that_was_not_executed_has_no_figures() -> None:
    plan = read(json.dumps({"queryPlanner": WHOLE["queryPlanner"]}))
    assert [node.kind for node in plan.nodes] == ["SORT", "COLLSCAN"] and not plan.is_measured


@given(st.integers(0, len(SHELL)), st.integers(0, 60), st.text(max_size=20))
def test_damage_is_an_error_with_its_line_or_a_plan_and_never_a_crash(at: int, cut: int, noise: str) -> None:
    text = SHELL[:at] + noise + SHELL[at + cut :]
    try:
        plan = read(text)
    except PlanSyntaxError as error:
        assert error.line >= 1
    else:
        account(plan, reckon(plan))


def test_a_tree_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"stage": "COLLSCAN"}
    for _ in range(400):
        deep = {"stage": "FETCH", "inputStage": deep}
    with pytest.raises(PlanSyntaxError, match="deep"):
        read(json.dumps({"executionStats": {"executionStages": deep}}))
