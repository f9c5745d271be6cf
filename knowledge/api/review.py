"""Rules called along one walk, and what they found, said once per rule and component."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.api.collapse import Found, collapse
from knowledge.api.context import ApiContext
from knowledge.api.document import ApiDocument
from knowledge.api.node import Kind, Node, Policy
from knowledge.api.walk import Walk
from knowledge.api.wording import findings
from knowledge.report import Finding
from knowledge.rules.api_rule import ApiRule, Check


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that could not judge a place, because the document is not what OpenAPI allows there."""

    rule: ApiRule
    node: Node
    error: Exception


def hits(
    document: ApiDocument, rules: Iterable[ApiRule], policy: Policy | None = None, failures: list[Failure] | None = None
) -> list[Found]:
    """Everything that ``rules`` find, in the order of the document.

    Args:
        document: what is reviewed.
        rules: those of other versions of OpenAPI are passed over.
        policy: the house's settings.
        failures: takes up rules that raised; without it the error is raised.
    """
    context = ApiContext(document.root, document.version, policy or Policy(), document.external)
    walk = Walk(document.root, document.raw, context.at, document.version)
    context.references = walk.references
    context.raw, context.unread = document.raw, document.files.unread
    dispatch = _Dispatch([rule for rule in rules if document.version in rule.documents])
    found: list[Found] = []
    for node in walk:
        for rule, check in dispatch.of(node):
            try:
                for hit in check(node, context):
                    found.append((rule, node, hit))
            except Exception as error:
                if failures is None:
                    raise
                failures.append(Failure(rule, node, error))
    return found


class _Dispatch:
    """Which rules look at a node; of schemas that depends on their keywords, and is remembered for each set of them."""

    def __init__(self, rules: list[ApiRule]) -> None:
        self._by_kind = {kind: tuple((rule, rule.check) for rule in rules if kind in rule.on) for kind in Kind}
        self._by_keys: dict[tuple[str, ...], tuple[tuple[ApiRule, Check], ...]] = {}

    def of(self, node: Node) -> tuple[tuple[ApiRule, Check], ...]:
        """The rules that look at ``node``."""
        if node.kind is not Kind.SCHEMA:
            return self._by_kind[node.kind]
        keys = tuple(node.value)
        found = self._by_keys.get(keys)
        if found is None:
            present = frozenset(keys)
            found = tuple(
                (rule, check)
                for rule, check in self._by_kind[Kind.SCHEMA]
                if not rule.keywords or not present.isdisjoint(rule.keywords)
            )
            self._by_keys[keys] = found
        return found


def review(document: ApiDocument, rules: Iterable[ApiRule], policy: Policy | None = None) -> list[Finding]:
    """The findings, collapsed: one for a rule and a component or path, the most severe first."""
    groups = collapse(hits(document, rules, policy, failures=[]))
    return findings(document, groups)
