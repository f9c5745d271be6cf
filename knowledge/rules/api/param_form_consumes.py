"""Form fields that no form can carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    pointer,
)
from knowledge.rules.api_rule import ApiRule, Profile

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations of 2.0 with form fields: beside a body, without a form's media type, files without multipart."""
    operation = node.raw if isinstance(node.raw, Mapping) else {}
    above = node.parent.raw if node.parent is not None else None
    found = [*_fields(operation, context), *(_fields(above, context) if isinstance(above, Mapping) else ())]
    fields = [value for value in found if value.get("in") == "formData"]
    if not fields:
        return
    name = f"{node.method} {node.path}"
    if any(value.get("in") == "body" for value in found):
        yield ApiHit(f"{name} has both a body and form fields", ("parameters",))
        return
    consumes = operation.get("consumes", context.raw.get("consumes"))
    taken = [str(item).partition(";")[0].strip().lower() for item in (consumes if isinstance(consumes, list) else ())]
    if any(value.get("type") == "file" for value in fields) and FORMS[1] not in taken:
        yield ApiHit(f"{name} takes a file, but does not consume {FORMS[1]}", ("parameters",))
    elif not set(FORMS) & set(taken):
        yield ApiHit(f"{name} has form fields, but consumes no form", ("parameters",))


def _fields(holder: Mapping[str, Any], context: ApiContext) -> list[Mapping[str, Any]]:
    items = holder.get("parameters")
    found = [_followed(item, context) for item in (items if isinstance(items, list) else ())]
    return [value for value in found if isinstance(value, Mapping)]


def _followed(item: Any, context: ApiContext) -> Any:
    """What a reference to a shared parameter leads to, as it is written."""
    reference = item.get("$ref") if isinstance(item, Mapping) else None
    holder = context.raw.get("parameters")
    if isinstance(reference, str) and isinstance(holder, Mapping):
        return holder.get(pointer(reference)[-1]) if reference.startswith("#/parameters/") else None
    return item


RULE = ApiRule(
    id="param-form-consumes",
    family="api",
    check=check,
    claim="An operation with form fields has no body, and consumes a form; files need multipart/form-data.",
    severity=Severity.HIGH,
    why=(
        "Without a form's media type the fields are sent as JSON or not at all; a file cannot travel in a "
        "urlencoded form. OpenAPI 2.0 calls such a document invalid."
    ),
    unless="The document is of OpenAPI 3, where bodies have media types of their own.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    documents=("2.0",),
    failing="""\
swagger: '2.0'
info: {title: Shop, version: 1.0.0}
paths:
  /pictures:
    post:
      consumes: [application/json]
      parameters: [{name: picture, in: formData, required: true, type: file}]
      responses: {'201': {description: Stored.}}
""",
    passing="""\
swagger: '2.0'
info: {title: Shop, version: 1.0.0}
paths:
  /pictures:
    post:
      consumes: [multipart/form-data]
      parameters: [{name: picture, in: formData, required: true, type: file}]
      responses: {'201': {description: Stored.}}
""",
    sources=("https://spec.openapis.org/oas/v2.0.html#parameter-object",),
)
