"""What one rule says about a document, for the tests of rules."""

from __future__ import annotations

import textwrap

from knowledge.api.document import read_document
from knowledge.api.node import Policy
from knowledge.api.patch import prove
from knowledge.api.review import hits
from knowledge.rules import api_rules
from knowledge.rules.api_rule import ApiRule

HEADS = {"2.0": "swagger: '2.0'", "3.0": "openapi: 3.0.3", "3.1": "openapi: 3.1.0"}
RULES = {rule.id: rule for rule in api_rules()}


def rule(rule_id: str) -> ApiRule:
    """The rule of that id."""
    return RULES[rule_id]


def messages(rule_id: str, text: str, policy: Policy | None = None) -> list[str]:
    """What the rule says about the document ``text``."""
    document = read_document(textwrap.dedent(text))
    assert not document.problems, document.problems
    return [hit.message for _, _, hit in hits(document, [rule(rule_id)], policy)]


def places(rule_id: str, text: str) -> list[str]:
    """Where the rule finds something, as paths."""
    document = read_document(textwrap.dedent(text))
    found = hits(document, [rule(rule_id)])
    return ["/".join(map(str, hit.at if hit.at is not None else node.pointer + hit.steps)) for _, node, hit in found]


def of_schemas(text: str, version: str = "3.1") -> str:
    """A document with the named schemas of ``text``."""
    head = f"{HEADS[version]}\ninfo: {{title: Shop, version: 1.0.0}}\npaths: {{}}\n"
    holder, indent = ("definitions:\n", "  ") if version == "2.0" else ("components:\n  schemas:\n", "    ")
    return head + holder + textwrap.indent(textwrap.dedent(text).strip("\n"), indent)


def of_paths(text: str, version: str = "3.1") -> str:
    """A document with the paths, and what else there is at the top, of ``text``."""
    return f"{HEADS[version]}\ninfo: {{title: Shop, version: 1.0.0}}\n" + textwrap.dedent(text).strip("\n") + "\n"


def of_request(schema: str, version: str = "3.1") -> str:
    """A document with one operation that takes ``schema`` in a JSON body."""
    body = textwrap.indent(textwrap.dedent(schema).strip("\n"), " " * 14)
    operation = (
        "paths:\n  /orders:\n    post:\n      requestBody:\n        content:\n          application/json:\n"
        f"            schema:\n{body}\n      responses:\n        '204': {{description: Taken.}}\n"
    )
    return of_paths(operation, version)


def patched(rule_id: str, text: str) -> object:
    """The document after the rule's own edits, where a second review found nothing of it left; else ``None``."""
    document = read_document(textwrap.dedent(text))
    found = hits(document, [rule(rule_id)])
    patch = prove(document, found, lambda changed: hits(changed, [rule(rule_id)]))
    return patch.value if patch.fixed else None
