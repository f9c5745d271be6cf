"""Names of schemas that are not in PascalCase."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
MOST = 10


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Named schemas whose name, behind its last dot, is not in PascalCase; many of them are one hit."""
    wrong = [name for name in context.schemas if not PASCAL.fullmatch(name.rpartition(".")[2])]
    where: tuple[str, ...] = ("definitions",) if context.version == "2.0" else ("components", "schemas")
    if len(wrong) > MOST:
        shown = ", ".join(wrong[:3])
        message = f"{len(wrong)} of {len(context.schemas)} names of schemas are not in PascalCase: {shown} and others"
        yield ApiHit(message, at=where)
        return
    for name in wrong:
        yield ApiHit(f"the name of the schema {name} is not in PascalCase", subject=name, at=(*where, name))


RULE = ApiRule(
    id="name-schema-case",
    claim="Names of schemas are in PascalCase.",
    family="api",
    severity=Severity.LOW,
    why=(
        "They become the names of types: generators rename what does not fit, each in its own way, and the "
        "code no longer reads like the contract."
    ),
    unless="Only what stands before the last dot (a name space) is written otherwise.",
    profile=Profile.DEFAULT,
    on=(Kind.END,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    order_line:
      type: object
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    OrderLine:
      type: object
""",
    sources=(
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
    ),
)
