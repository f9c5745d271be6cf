"""The same description at several operations."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Descriptions of operations that another operation has as well."""
    text = node.value.get("description")
    if not isinstance(text, str) or len(text) < SHORTEST:
        return
    seen = context.memo("prose-no-duplicates", dict[str, str])
    words = " ".join(text.lower().split())
    name = f"{node.method.upper()} {node.path or node.key}"
    first = seen.setdefault(words, name)
    if first != name:
        yield ApiHit(f"the description is that of {first}, word for word", ("description",))


SHORTEST = 20


RULE = ApiRule(
    id="prose-no-duplicates",
    claim="Every operation has a description of its own.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A copied description describes the operation it was copied from; search and assistants cannot tell the "
        "two apart."
    ),
    unless="The text is shorter than 20 characters.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {description: Lists the orders of a customer., responses: {'200': {description: Done.}}}
    delete: {description: Lists the orders of a customer., responses: {'204': {description: Done.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {description: Lists the orders of a customer., responses: {'200': {description: Done.}}}
    delete: {description: Removes the orders of a customer., responses: {'204': {description: Done.}}}
""",
    sources=("https://quobix.com/vacuum/rules/descriptions/description-duplication/",),
)
