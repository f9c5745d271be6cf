"""The documentation page of a rule, made from its record: what it says is what the tests run."""

from __future__ import annotations

from knowledge.ddl import enum_name
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix
from knowledge.rules.api_rule import ApiRule
from knowledge.rules.plan_rule import PlanRule
from knowledge.rules.rule import Rule, StatementContext, StatementRule
from knowledge.statement import Statement

MARK = "-- setup ends"
ENGINES = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "mongodb": "MongoDB"}
SAFETY = {
    "safe": "The fix may be applied as it stands.",
    "review": "The fix changes meaning or needs a decision: read it first.",
    "none": "There is no mechanical fix.",
}
GRAPHQL = "graphql"
"""The family whose records bring a parser along, which a page does not need."""
PATCHED = {
    **SAFETY,
    "safe": "The fix is part of the JSON Patch, once a second review has proven it.",
    "review": "The fix is part of the JSON Patch, once a second review has proven it; it needs a decision.",
}


def page(rule: Rule) -> str:
    """The page in Markdown."""
    belongs = f"family {rule.family}, {_profile(rule)}severity {rule.severity}, {_versions(rule)}"
    parts = [
        f"# {rule.id}",
        rule.claim,
        f"{belongs[0].upper()}{belongs[1:]}. {_remedies(rule)}",
        "## Why",
        rule.why,
        "## When it does not apply",
        rule.unless,
        "## Fails",
        _example(rule, rule.failing),
        "## Passes",
        _example(rule, rule.passing),
    ]
    fix = example_fix(rule)
    if fix is not None:
        parts += ["## Fix", f"{fix.summary}."]
        if fix.steps:
            parts.append(_sql("\n".join(_step(number, fix) for number in range(len(fix.steps)))))
    parts += ["## Sources", "\n".join(f"- <{source}>" for source in rule.sources)]
    return "\n\n".join(parts) + "\n"


def example_fix(rule: Rule) -> Fix | None:
    """The fix of the failing example, derived from its text; ``None`` where only running it finds anything."""
    if not isinstance(rule, StatementRule) or rule.remedy is None:
        return None
    for context in _contexts(rule.failing):
        if context.statement.kind in rule.kinds:
            for hit in rule.suspect(context):
                return rule.remedy(hit, context)
    return None


def _contexts(example: str) -> list[StatementContext]:
    """The judged half of an example, statement by statement, with BEGIN followed."""
    script = read(example.partition(MARK)[2] or example)
    contexts: list[StatementContext] = []
    earlier: tuple[Statement, ...] = ()
    inside = False
    for statement in script.statements:
        if statement.kind == "TransactionStmt":
            inside, earlier = enum_name(statement.node, "kind") == "TRANS_STMT_BEGIN", ()
            continue
        contexts.append(StatementContext(statement, earlier=earlier, in_transaction=inside, script=script))
        earlier += (statement,)
    return contexts


def _profile(rule: Rule) -> str:
    profile = getattr(rule, "profile", "")
    return f"profile {profile}, " if profile else ""


def _versions(rule: Rule) -> str:
    if isinstance(rule, ApiRule):
        return f"OpenAPI {', '.join(rule.documents)}"
    if rule.family == GRAPHQL:
        return "GraphQL"
    return ", ".join(
        ENGINES.get(version.engine, version.engine)
        + (f" from {version.first}" if version.first else "")
        + (f" to {version.last}" if version.last else "")
        for version in rule.versions
    )


def _step(number: int, fix: Fix) -> str:
    step = fix.steps[number]
    where = "outside a transaction" if step.alone else "in a transaction of its own"
    return f"-- {number + 1}. {where}{': ' + step.note if step.note else ''}\n{step.sql.rstrip(';')};"


def _remedies(rule: Rule) -> str:
    """How far the rule's fix can be trusted; of a rule about plans, who proposes what; of a rule about documents,
    which setting it obeys."""
    if isinstance(rule, ApiRule):
        setting = f" The setting `{rule.policy}` decides what it demands." if rule.policy else ""
        return PATCHED[rule.fix_safety] + setting
    if isinstance(rule, PlanRule):
        return "It advises in words and settings; an index or a rewrite is proposed only after it was tried."
    return SAFETY[rule.fix_safety]


def _example(rule: Rule, text: str) -> str:
    """An example; of a rule about plans it may be a plan, of one about documents it is a document."""
    if isinstance(rule, ApiRule):
        return f"```yaml\n{text.strip()}\n```"
    if rule.family == GRAPHQL:
        return f"```graphql\n{text.strip()}\n```"
    return f"```text\n{text.strip()}\n```" if isinstance(rule, PlanRule) and MARK not in text else _sql(text)


def _sql(text: str) -> str:
    return f"```sql\n{text.strip()}\n```"
