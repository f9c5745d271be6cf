"""A required field is missing, or a field holds what it cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.fields import CHECKS, FIELDS, VERSIONS
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Fields of each object against the tables of its version."""
    value, version = node.value, context.release
    if version == "2.0":
        if node.kind not in RAW_IN_2_0:
            return
        value = node.raw
    if "$ref" in value:
        return
    known = FIELDS[node.kind]
    for name in REQUIRED[version][node.kind]:
        if name not in value:
            yield ApiHit(f"{NAMES[node.kind]} has no {name}, which OpenAPI {version} requires", subject=name)
    is_open = version == "2.0" and node.kind is Kind.PARAMETER  # its fields are those of a schema as well
    for name, item in value.items():
        field = known.get(name)
        if field is not None:
            if version in field.versions and not CHECKS[field.what](item):
                yield ApiHit(f"{name} of {NAMES[node.kind]} must be {field.what}", (name,), name)
        elif not is_open and not name.startswith("x-"):
            yield ApiHit(f"{name[:60]} is no field of {NAMES[node.kind]}; extensions begin with x-", (name,), name[:60])
    if (
        node.kind is Kind.DOCUMENT
        and version in ("3.1", "3.2")
        and not {"paths", "components", "webhooks"} & set(value)
    ):
        yield ApiHit("the document has none of paths, components and webhooks", subject="paths")


RAW_IN_2_0 = frozenset(
    {Kind.DOCUMENT, Kind.INFO, Kind.TAG, Kind.PATH, Kind.OPERATION, Kind.PARAMETER, Kind.RESPONSE, Kind.SECURITY_SCHEME}
)
REQUIRED = {
    version: {kind: [name for name in known if version in known[name].required] for kind, known in FIELDS.items()}
    for version in VERSIONS
}
NAMES = {
    Kind.DOCUMENT: "the document",
    Kind.INFO: "info",
    Kind.SERVER: "a server",
    Kind.TAG: "a tag",
    Kind.PATH: "a path",
    Kind.CALLBACK: "a path",
    Kind.OPERATION: "an operation",
    Kind.PARAMETER: "a parameter",
    Kind.REQUEST_BODY: "a request body",
    Kind.RESPONSE: "a response",
    Kind.HEADER: "a header",
    Kind.MEDIA_TYPE: "a media type",
    Kind.EXAMPLE: "an example",
    Kind.SECURITY_SCHEME: "a security scheme",
    Kind.LINK: "a link",
}


RULE = ApiRule(
    id="doc-valid-structure",
    claim="Every object has the fields its version of OpenAPI requires, with values of the right kind.",
    family="api",
    severity=Severity.HIGH,
    why=(
        "Tools stop at a document that is not valid, or each guesses something else: a client is generated "
        "without the operation, documentation without the page."
    ),
    unless="A field's name begins with x-, or the object is a schema (JSON Schema lets those have any keyword).",
    profile=Profile.DEFAULT,
    on=(
        Kind.DOCUMENT,
        Kind.INFO,
        Kind.SERVER,
        Kind.TAG,
        Kind.PATH,
        Kind.CALLBACK,
        Kind.OPERATION,
        Kind.PARAMETER,
        Kind.REQUEST_BODY,
        Kind.RESPONSE,
        Kind.HEADER,
        Kind.MEDIA_TYPE,
        Kind.EXAMPLE,
        Kind.SECURITY_SCHEME,
        Kind.LINK,
    ),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {sumary: The orders, responses: {'200': {}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {summary: The orders, responses: {'200': {description: Done.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#schema-0",),
)
