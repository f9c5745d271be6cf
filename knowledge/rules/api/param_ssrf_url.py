"""A parameter that takes a URL, any URL."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import in_paths, parameter_name, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

ADDRESSES = frozenset("url uri urls uris webhook callback redirect".split())
BOUNDS = frozenset({"enum", "const", "pattern"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every parameter that is called by a URL, and is a text without pattern or enum."""
    name = parameter_name(node)
    found = words(name)
    if node.value.get("in") not in ("query", "path", "header") or not found or not in_paths(node):
        return
    if found[-1] not in ADDRESSES and not (found[0] in ("webhook", "callback", "redirect", "return") and _to(found)):
        return
    schema = said(schema_of(node.value, context), context)
    if type_names(schema) <= {"string"} and not schema.keys() & BOUNDS:
        yield ApiHit(f"{name} takes any URL: nothing says where it may lead", subject=name)


def _to(found: list[str]) -> bool:
    return found[-1] in ("to", "target", "location")


RULE = ApiRule(
    id="param-ssrf-url",
    family="api",
    check=check,
    claim="A parameter that takes a URL says by a pattern or an enum which ones.",
    severity=Severity.MEDIUM,
    why=(
        "A server that fetches what callers name can be sent to its own network (SSRF); one that redirects there "
        "lends its name to anybody's page."
    ),
    unless="The server neither fetches nor redirects to it: it looks something up by it.",
    profile=Profile.HARDENING,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /previews:
    get:
      parameters: [{name: image_url, in: query, required: true, schema: {type: string, format: uri}}]
      responses: {'200': {description: A preview.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /previews:
    get:
      parameters:
        - name: image_url
          in: query
          required: true
          schema: {type: string, format: uri, pattern: '^https://images\\.shop\\.test/'}
      responses: {'200': {description: A preview.}}
""",
    sources=("https://owasp.org/API-Security/editions/2023/en/0xa7-server-side-request-forgery/",),
)
