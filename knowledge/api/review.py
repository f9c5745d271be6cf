"""Rules called along one walk, and what they found, said once per rule and component."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.api.collapse import Found, Pointer, collapse, fold
from knowledge.api.collection import no_collection
from knowledge.api.context import ApiContext
from knowledge.api.document import ApiDocument
from knowledge.api.node import Kind, Node, Policy
from knowledge.api.walk import Walk
from knowledge.api.wording import findings
from knowledge.report import Finding
from knowledge.rules.api_rule import ApiRule, Check

Rules = tuple[tuple[ApiRule, Check], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that could not judge a place, because the document is not what OpenAPI allows there."""

    rule: ApiRule
    node: Node
    error: Exception


def review(document: ApiDocument, rules: Iterable[ApiRule], policy: Policy | None = None) -> list[Finding]:
    """The findings, collapsed and folded, the most severe first."""
    return findings(document, fold(collapse(hits(document, rules, policy, failures=[]))), frozenset())


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
    rules_of = _dispatch([rule for rule in rules if document.version in rule.documents])
    with no_collection():
        return _called(walk, rules_of, context, failures)


def _called(
    walk: Walk, rules_of: Callable[[Node], Rules], context: ApiContext, failures: list[Failure] | None
) -> list[Found]:
    found: list[Found] = []
    said: set[tuple[str, Pointer, str]] = set()
    for node in walk:
        for rule, check in rules_of(node):
            try:
                for hit in check(node, context):
                    if hit.at is not None:  # a shared part that several users complain about
                        same = rule.id, hit.at, hit.subject
                        if same in said:
                            continue
                        said.add(same)
                    found.append((rule, node, hit))
            except Exception as error:
                if failures is None:
                    raise
                failures.append(Failure(rule, node, error))
    return found


def _dispatch(rules: Sequence[ApiRule]) -> Callable[[Node], Rules]:
    """Which rules look at a node: of schemas that depends on keywords and type, and is remembered for each set."""
    by_kind: dict[Kind, Rules] = {kind: tuple((rule, rule.check) for rule in rules if kind in rule.on) for kind in Kind}
    of_schemas = [rule for rule, _ in by_kind[Kind.SCHEMA]]
    remembered: dict[tuple[Any, ...], Rules] = {}
    schema = Kind.SCHEMA

    def rules_of(node: Node) -> Rules:
        if node.kind is not schema:
            return by_kind[node.kind]
        value = node.value
        kind = value.get("type")
        if type(kind) is not str:
            kind = None
        key = (kind, *value)
        found = remembered.get(key)
        if found is None:
            found = remembered[key] = tuple((rule, rule.check) for rule in of_schemas if _concerns(rule, value, kind))
        return found

    return rules_of


def _concerns(rule: ApiRule, schema: Mapping[str, Any], kind: str | None) -> bool:
    if rule.types and kind is not None and kind not in rule.types:
        return False
    if not rule.keywords or not schema.keys().isdisjoint(rule.keywords):
        return True
    prefixes = tuple(keyword[:-1] for keyword in rule.keywords if keyword.endswith("*"))
    return bool(prefixes) and any(key.startswith(prefixes) for key in schema)
