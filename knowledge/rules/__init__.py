"""The rules, one file each, grouped by family; adding a file adds the rule."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from knowledge.rules.rule import Rule

FAMILIES = ("locks", "failures", "breaking", "schema")


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by family and then by id. A rule module holds one record called ``RULE``."""
    found: list[Rule] = []
    for family in FAMILIES:
        package = import_module(f"{__name__}.{family}")
        for entry in sorted(iter_modules(package.__path__), key=lambda module: module.name):
            if not entry.name.startswith("_"):
                found.append(import_module(f"{package.__name__}.{entry.name}").RULE)
    return tuple(found)


def rule(rule_id: str) -> Rule:
    """The rule called ``rule_id``.

    Raises:
        KeyError: no rule has that id.
    """
    for candidate in all_rules():
        if candidate.id == rule_id:
            return candidate
    raise KeyError(rule_id)
