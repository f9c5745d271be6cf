"""Schemas that contain each other without end."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._usage import circles, schema_pointer, uses_of_schemas
from knowledge.rules.api_rule import ApiRule, Profile


def check(_node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Each circle of named schemas once."""
    for circle in circles(uses_of_schemas(context)):
        names = " -> ".join([*circle[:6], *(["..."] if len(circle) > 6 else []), circle[0]])
        yield ApiHit(
            f"the schemas contain each other: {names}", subject=circle[0], at=schema_pointer(circle[0], context)
        )


RULE = ApiRule(
    id="doc-no-circular-refs",
    claim="No schema contains itself through references.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A circle is allowed, but generators of forms, mocks and some languages' types follow it until the stack "
        "ends, and an answer's depth has no bound."
    ),
    unless="The data is a tree by nature (comments with replies, folders); then bound its depth in prose.",
    profile=Profile.DESIGN,
    on=(Kind.END,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Folder: {type: object, properties: {parent: {$ref: '#/components/schemas/Folder'}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Folder: {type: object, properties: {parent_id: {type: string}}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
