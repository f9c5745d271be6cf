"""An operationId that does not say what is done, or says what another method does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own
from knowledge.rules.api._verbs import VERBS
from knowledge.rules.api_rule import ApiRule, Profile

AGAINST = {
    "get": frozenset("create update delete remove post put patch".split()),
    "delete": frozenset("get list create update fetch".split()),
    "put": frozenset("get list delete fetch".split()),
    "patch": frozenset("get list delete create fetch".split()),
}


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation id without a verb, or that begins with the verb of another method."""
    name = node.value.get("operationId")
    if not isinstance(name, str) or not own(node):
        return
    last = re.split(r"[/.:]", name)[-1]
    found = words(last) or words(name)
    if not found:
        return
    if found[0] in AGAINST.get(node.method, ()) and not _noun(found):
        yield ApiHit(f"{name} is called by {node.method}, but says {found[0]}", ("operationId",), name)
    elif VERBS.isdisjoint(words(name)):
        yield ApiHit(f"{name} has no verb: what does it do?", ("operationId",), name)


def _noun(found: list[str]) -> bool:
    """Whether the first word is no verb here: posts of a blog, the patch of a file."""
    return found[0] in ("post", "put", "patch", "update", "list") and (len(found) == 1 or found[-1] in VERBS)


RULE = ApiRule(
    id="op-id-convention",
    family="api",
    check=check,
    claim="An operationId has a verb, and not that of another method.",
    severity=Severity.LOW,
    why=(
        "It becomes the name of a function, and of a tool that a model chooses by name: orders() may list or "
        "replace them, and a get that is called deleteOrder will be called by mistake."
    ),
    unless="The house names operations otherwise, throughout.",
    profile=Profile.STYLE,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: orders, responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: list_orders, responses: {'200': {description: Orders.}}}
""",
    sources=(
        "https://google.aip.dev/130",
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
    ),
)
