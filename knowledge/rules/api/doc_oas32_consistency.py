"""Parts of OpenAPI 3.2 that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._usage import items
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Parents of tags, query strings beside parameters, encodings by position and by name."""
    if context.release != "3.2":
        return
    if node.kind is Kind.DOCUMENT:
        yield from _tags(node)
    elif node.kind is Kind.OPERATION:
        parameters = [context.resolve(item) for item in items(node.value.get("parameters"))]
        places = [item.get("in") for item in parameters if isinstance(item, Mapping)]
        if places.count("querystring") > 1 or ("querystring" in places and "query" in places):
            yield ApiHit("querystring is the whole query: it stands alone, once", ("parameters",), "querystring")
    elif "encoding" in node.value and ("prefixEncoding" in node.value or "itemEncoding" in node.value):
        yield ApiHit("encoding by name and by position exclude each other", ("encoding",), "encoding")


def _tags(node: Node) -> Iterator[ApiHit]:
    tags = [item for item in items(node.value.get("tags")) if isinstance(item, Mapping)]
    parents = {str(item.get("name")): item["parent"] for item in tags if isinstance(item.get("parent"), str)}
    names = {str(item.get("name")) for item in tags}
    for index, item in enumerate(items(node.value.get("tags"))):
        if not isinstance(item, Mapping) or not isinstance(item.get("parent"), str):
            continue
        name = str(item.get("name"))
        if item["parent"] not in names:
            yield ApiHit(f"the parent {item['parent']} of tag {name} is no tag", ("tags", index, "parent"), name)
            continue
        above, seen = parents.get(name), {name}
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above is not None:
            yield ApiHit(f"tag {name} is below itself", ("tags", index, "parent"), name)


RULE = ApiRule(
    id="doc-oas32-consistency",
    claim="Parts that OpenAPI 3.2 brought agree with each other.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "A parent that is no tag, or a circle of parents, makes a document invalid; tools then show no navigation "
        "at all."
    ),
    unless="The document declares another version.",
    profile=Profile.DEFAULT,
    on=(Kind.DOCUMENT, Kind.OPERATION, Kind.MEDIA_TYPE),
    documents=("3.1",),
    check=check,
    failing="""\
openapi: 3.2.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders, parent: shop}]
paths: {}
""",
    passing="""\
openapi: 3.2.0
info: {title: Shop, version: 1.0.0}
tags: [{name: shop}, {name: orders, parent: shop}]
paths: {}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.2.0.html#tag-object",
        "https://spec.openapis.org/oas/v3.2.0.html#parameter-object",
    ),
)
