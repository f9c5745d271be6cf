"""Judging one statement: a rule suspects, the trace confirms, a finding says so with its evidence.

Pure functions: nothing is executed here. Without a trace the verdict is derived from the text alone; with
one, what the trace does not confirm is not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from postgast import PgQueryError

from knowledge.ddl import commands, is_table
from knowledge.report import Basis, Evidence, Finding, Fix
from knowledge.rules import all_rules
from knowledge.rules.rule import Confirmation, Hit, Rule, StatementContext, StatementRule
from knowledge.statement import Statement

EXCERPT = 160


@dataclass(frozen=True)
class Judgement:
    """A finding together with the rule and the hit it came from: what a proof of its fix needs."""

    rule: StatementRule
    hit: Hit
    finding: Finding


RulesByKind = Mapping[str, Sequence[StatementRule]]
ALTER = "AlterTableStmt"


def by_kind(rules: Iterable[Rule] | None = None) -> RulesByKind:
    """Statement rules by the grammar nodes they look at; ``*`` holds those that look at all of them.

    Rules about parts of ALTER TABLE stand under the names of these parts.
    """
    table: dict[str, list[StatementRule]] = {}
    for rule in all_rules() if rules is None else rules:
        if isinstance(rule, StatementRule):
            for kind in rule.kinds:
                for name in rule.parts if kind == ALTER and rule.parts else (kind,):
                    table.setdefault(name, []).append(rule)
                table.setdefault(kind, [])
    return table


def _candidates(statement: Statement, table: RulesByKind) -> Sequence[StatementRule]:
    """The rules that may have something to say about a statement, each once."""
    found = {rule.id: rule for rule in (*table.get(statement.kind, ()), *table.get("*", ()))}
    if statement.kind == ALTER and statement.node is not None and is_table(statement.node):
        for part, _ in commands(statement.node):
            found.update((rule.id, rule) for rule in table.get(part, ()))
    return tuple(found.values())


def judge(context: StatementContext, rules: RulesByKind | None = None) -> list[Judgement]:
    """Every finding about one statement.

    Args:
        context: the statement, with its trace where it was executed.
        rules: from :func:`by_kind`; all rules where it is left out.
    """
    found = []
    for rule in _candidates(context.statement, by_kind() if rules is None else rules):
        if rule.observed_only and context.trace is None:
            continue
        for hit in rule.suspect(context):
            if context.trace is None:
                found.append(Judgement(rule, hit, _finding(rule, hit, context, _derived(hit, context.statement))))
            elif confirmation := rule.confirm(hit, context):
                found.append(Judgement(rule, hit, _finding(rule, hit, context, _observed(confirmation))))
    return found


def is_suspect(context: StatementContext, rules: RulesByKind) -> bool:
    """Whether any rule wants to see this statement executed under observation."""
    return any(True for rule in _candidates(context.statement, rules) for _ in rule.suspect(context))


def _finding(rule: StatementRule, hit: Hit, context: StatementContext, evidence: Evidence) -> Finding:
    fix = _fix(rule, hit, context)
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=hit.message,
        location=(hit.statement or context.statement).location,
        subject=hit.subject,
        evidence=[evidence],
        fixes=[fix] if fix else [],
    )


def _fix(rule: StatementRule, hit: Hit, context: StatementContext) -> Fix | None:
    """The rule's remedy; what PostgreSQL's grammar cannot write back has none."""
    try:
        return rule.remedy(hit, context) if rule.remedy else None
    except PgQueryError:
        return None


def _derived(hit: Hit, statement: Statement) -> Evidence:
    action = f"read {excerpt(statement.sql)}"
    if hit.flips:
        return Evidence(basis=Basis.ASSUMED, action=action, result="the text alone cannot tell", flips=hit.flips)
    return Evidence(basis=Basis.DERIVED, action=action, result="not executed")


def _observed(confirmation: Confirmation) -> Evidence:
    return Evidence(basis=Basis.OBSERVED, action=confirmation.action, result=confirmation.result)


def excerpt(sql: str, limit: int = EXCERPT) -> str:
    """SQL on one line, cut to ``limit`` characters."""
    line = " ".join(sql.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."
