"""The rules, one file each, grouped by family; adding a file adds the rule."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from knowledge.rules.api_rule import ApiRule
from knowledge.rules.plan_rule import PlanRule
from knowledge.rules.rule import Rule

if TYPE_CHECKING:
    from knowledge.rules.graphql_rule import GraphqlRule

FAMILIES = ("locks", "failures", "breaking", "schema")


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule about SQL, by family and then by id. A rule module holds one record called ``RULE``."""
    return tuple(found for family in FAMILIES for found in _records(family))


@cache
def plan_rules() -> tuple[PlanRule, ...]:
    """Every rule about query plans, by id."""
    return tuple(found for found in _records("plans") if isinstance(found, PlanRule))


@cache
def api_rules() -> tuple[ApiRule, ...]:
    """Every rule about OpenAPI documents, by id."""
    return tuple(found for found in _records("api") if isinstance(found, ApiRule))


@cache
def graphql_rules() -> tuple[GraphqlRule, ...]:
    """Every rule about GraphQL schemas, by id."""
    from knowledge.rules.graphql_rule import GraphqlRule  # it brings the parser with it

    return tuple(found for found in _records("graphql") if isinstance(found, GraphqlRule))


def every_rule() -> tuple[Rule, ...]:
    """Every rule there is: about SQL, plans, OpenAPI and GraphQL."""
    return (*all_rules(), *plan_rules(), *api_rules(), *graphql_rules())


def _records(family: str) -> Iterator[Rule]:
    package = import_module(f"{__name__}.{family}")
    for entry in sorted(iter_modules(package.__path__), key=lambda module: module.name):
        if not entry.name.startswith("_"):
            yield import_module(f"{package.__name__}.{entry.name}").RULE


def rule(rule_id: str) -> Rule:
    """The rule called ``rule_id``.

    Raises:
        KeyError: no rule has that id.
    """
    for candidate in every_rule():
        if candidate.id == rule_id:
            return candidate
    raise KeyError(rule_id)
