"""The rules as pages. The rules, and the grammar they need, are imported when a page is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from server.plain import fenced

if TYPE_CHECKING:
    from knowledge.rules.rule import Rule

PAGE_MODULE = "knowledge.rules.page"


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

    found = rule(rule_id)
    if find_spec(PAGE_MODULE):
        page: str = import_module(PAGE_MODULE).page(found)
        return page
    return _page(found)


def _rules() -> tuple[Rule, ...]:
    from knowledge.rules import all_rules

    return all_rules()


def _page(rule: Rule) -> str:
    sections = {
        "Why": rule.why,
        "When it does not apply": rule.unless,
        "Fails": fenced(rule.failing, "sql"),
        "Passes": fenced(rule.passing, "sql"),
        "Sources": "\n".join(f"- {source}" for source in rule.sources),
    }
    kind = f"Family {rule.family}, severity {rule.severity}, fix {rule.fix_safety}."
    return f"# {rule.id}\n\n{rule.claim}\n\n{kind}\n" + "".join(
        f"\n## {title}\n\n{body.strip()}\n" for title, body in sections.items()
    )
