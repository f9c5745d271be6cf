"""Variables of a server address that are missing, unused or without values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Placeholders against variables, and defaults against their values."""
    url, variables = node.value.get("url"), node.value.get("variables")
    held = variables if isinstance(variables, Mapping) else {}
    named = re.findall(r"\{([^{}]*)\}", url) if isinstance(url, str) else []
    for name in dict.fromkeys(named):
        if name not in held:
            yield ApiHit(f"the variable {name} of the address is not defined", ("url",), name)
        if named.count(name) > 1:
            yield ApiHit(f"the variable {name} stands twice in the address", ("url",), name)
    for name, variable in held.items():
        if name not in named:
            yield ApiHit(f"the variable {name} does not stand in the address", ("variables", name), name)
        if isinstance(variable, Mapping):
            yield from _values(name, variable)


def _values(name: str, variable: Mapping[str, Any]) -> Iterator[ApiHit]:
    default, values = variable.get("default"), variable.get("enum")
    if default is None:
        yield ApiHit(f"the variable {name} has no default", ("variables", name), name)
    if values == []:
        yield ApiHit(f"the variable {name} can have no value", ("variables", name, "enum"), name)
    elif isinstance(values, list) and default is not None and default not in values:
        yield ApiHit(f"the default of {name} is none of its values", ("variables", name, "default"), name)


RULE = ApiRule(
    id="srv-variables",
    claim="Variables of server addresses are defined, used, and have a default among their values.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "A client cannot fill in a variable that is not defined: it calls a host with braces in its name, or "
        "nothing at all."
    ),
    unless="The server has no variables.",
    profile=Profile.DEFAULT,
    on=(Kind.SERVER,),
    documents=("3.0", "3.1"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://{region}.shop.test'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://{region}.shop.test', variables: {region: {default: eu, enum: [eu, us]}}}]
paths: {}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#server-variable-object",),
)
