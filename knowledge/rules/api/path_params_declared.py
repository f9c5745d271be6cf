"""A template variable without a parameter, a path parameter without a variable, or one that may be left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import listed, parameter_name
from knowledge.rules.api._templates import methods, names
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Of a parameter whether it is required; of a path whether its variables and parameters are the same."""
    if node.kind is Kind.PARAMETER:
        if node.value.get("in") == "path" and node.value.get("required") is not True:
            yield ApiHit(
                f"the path parameter {parameter_name(node)} is not required: a path cannot leave it out",
                subject=parameter_name(node),
                edits=(Edit("add", ("required",), True),),
            )
        return
    wanted = set(names(node.key))
    shared, complete = _of(node.value, context)
    yield from _unknown(node.key, shared, wanted)
    for method in methods(node.value):
        operation = node.value[method]
        if not isinstance(operation, Mapping):
            continue
        own_ones, all_known = _of(operation, context)
        yield from _unknown(node.key, {name: (method, *steps) for name, steps in own_ones.items()}, wanted)
        missing = wanted - shared.keys() - own_ones.keys() - {""}
        if missing and complete and all_known:
            listed_names = ", ".join(sorted(missing))
            yield ApiHit(f"{method} {node.key} declares no path parameter {listed_names}", (method,), listed_names)


def _of(holder: Mapping[str, Any], context: ApiContext) -> tuple[dict[str, tuple[str | int, ...]], bool]:
    """The path parameters of one list by name, and whether every item of the list could be read."""
    found: dict[str, tuple[str | int, ...]] = {}
    complete = True
    for steps, value in listed(holder, context):
        if not isinstance(value, Mapping) or "in" not in value:
            complete = False
        elif value["in"] == "path" and isinstance(value.get("name"), str):
            found[value["name"]] = steps
    return found, complete


def _unknown(template: str, found: Mapping[str, tuple[str | int, ...]], wanted: set[str]) -> Iterator[ApiHit]:
    for name, steps in found.items():
        if name not in wanted:
            yield ApiHit(f"{template} has no {{{name}}}, though a path parameter of that name is declared", steps, name)


RULE = ApiRule(
    id="path-params-declared",
    family="api",
    check=check,
    claim="Every template variable has a path parameter, every path parameter a variable, and all are required.",
    severity=Severity.HIGH,
    why=(
        "Generators take the arguments of a call from the parameters: a variable without one is sent literally, "
        "as {id}, and a parameter without a variable goes nowhere."
    ),
    unless="A reference leads into a file that was not read: then nothing is said to be missing.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH, Kind.PARAMETER),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get: {responses: {'200': {description: The order.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: The order.}}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#path-templating",
        "https://spec.openapis.org/oas/v3.1.1.html#parameter-object",
    ),
)
