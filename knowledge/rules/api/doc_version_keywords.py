"""A field or keyword that the declared version of OpenAPI does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.fields import FIELDS, SCHEMA_SINCE, VERSIONS
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """What is known to another version only."""
    version = context.release
    if node.kind is Kind.SCHEMA:
        return _schema(node, version)
    value = node.raw if version == "2.0" else node.value
    if not isinstance(value, Mapping) or (version == "2.0" and node.kind not in RAW_IN_2_0):
        return ()
    return _fields(node, version, value)


def _schema(node: Node, version: str) -> Iterator[ApiHit]:
    for name in node.value:
        if name in FOREIGN[version]:
            instead = INSTEAD.get((version, name), "")
            yield ApiHit(f"OpenAPI {version} ignores {name} in a schema{instead}", (name,), name)


def _fields(node: Node, version: str, value: Mapping[str, Any]) -> Iterator[ApiHit]:
    for name in value:
        field = FIELDS[node.kind].get(name)
        if field is not None and version not in field.versions:
            yield ApiHit(f"OpenAPI {version} does not know {name} here", (name,), name)


FOREIGN = {
    version: frozenset(name for name, since in SCHEMA_SINCE.items() if version not in since) for version in VERSIONS
}
RAW_IN_2_0 = frozenset({Kind.DOCUMENT, Kind.INFO, Kind.TAG, Kind.PATH, Kind.OPERATION})
INSTEAD = {
    ("3.1", "nullable"): ": say type: [..., 'null']",
    ("3.2", "nullable"): ": say type: [..., 'null']",
    ("3.0", "const"): ": say enum with one value",
    ("3.0", "examples"): ": say example",
    ("2.0", "nullable"): ": say x-nullable",
}


RULE = ApiRule(
    id="doc-version-keywords",
    claim="Only fields and keywords of the declared version are used.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "A version ignores what it does not know: a const in OpenAPI 3.0 checks nothing, nullable in 3.1 refuses "
        "null, and no tool says so."
    ),
    unless="The name begins with x-.",
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
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
    keywords=tuple(SCHEMA_SINCE),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Note: {type: string, nullable: true}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Note: {type: [string, 'null']}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#schema-object",
        "https://spec.openapis.org/oas/v3.0.4.html#schema-object",
    ),
)
