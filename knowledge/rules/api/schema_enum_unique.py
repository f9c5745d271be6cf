"""A list of values that is empty, or names one twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Enums without values, or with equal ones."""
    listed = node.value.get("enum")
    if not isinstance(listed, list):
        return
    if not listed:
        yield ApiHit("the enum is empty: no value is admitted", ("enum",), node.key)
        return
    kept: dict[str, Any] = {}
    for item in listed:
        kept.setdefault(json.dumps(item, sort_keys=True, default=str), item)
    if len(kept) < len(listed):
        counted = Counter(json.dumps(item, sort_keys=True, default=str) for item in listed)
        twice = counted.most_common(1)[0][0]
        edits = (Edit("replace", ("enum",), list(kept.values())),)
        yield ApiHit(f"the enum lists {twice[:40]} more than once", ("enum",), node.key, edits)


RULE = ApiRule(
    id="schema-enum-unique",
    claim="An enum has at least one value, and each once.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "An empty enum admits nothing; a repeated value makes generators write one constant twice, which does "
        "not compile."
    ),
    unless="Values that look alike are of different types, such as 1 and '1'.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("enum",),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        status: {type: string, enum: [open, paid, open]}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        status: {type: string, enum: [open, paid]}
""",
    sources=("https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.2",),
)
