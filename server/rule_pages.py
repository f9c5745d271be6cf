"""The rules as pages. The rules, and the grammar they need, are imported when a page is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.rules.rule import Rule


def rule_ids() -> list[str]:
    """Ids of all rules, sorted."""
    return sorted(rule.id for rule in _rules())


def rule_index() -> str:
    """A line for each rule, by family."""
    lines = ["# Rules", ""]
    for rule in _rules():
        lines.append(f"- `{rule.id}` ({rule.family}, {rule.severity}): {rule.claim}")
    return "\n".join(lines) + "\n"


def rule_page(rule_id: str) -> str:
    """The page of one rule, in Markdown.

    Raises:
        KeyError: no rule has that id.
    """
    from knowledge.rules import rule
    from knowledge.rules.page import page

    return page(rule(rule_id))


def rule_record(rule_id: str) -> dict[str, object]:
    """The words of one rule as data.

    Raises:
        KeyError: no rule has that id.
    """
    from knowledge.rules import rule

    found = rule(rule_id)
    texts = ("id", "claim", "family", "severity", "why", "unless", "failing", "passing", "fix_safety")
    return {name: str(getattr(found, name)) for name in texts} | {"sources": list(found.sources)}


def _rules() -> tuple[Rule, ...]:
    from knowledge.rules import every_rule

    return every_rule()
