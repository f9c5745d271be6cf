"""An API without an identifier and an audience."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """info without x-api-id and x-audience, by the names the house gives them."""
    for setting, default in (("api_id", "x-api-id"), ("audience", "x-audience")):
        name = context.policy.extra.get(setting, default)
        if name not in node.value:
            yield ApiHit(f"info has no {name}", subject=name)


RULE = ApiRule(
    id="info-identity",
    claim="The API has an identifier and says who it is for.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Titles change; catalogues, gateways and dashboards need one name that stays, and whoever reviews a "
        "change must know whether strangers depend on it."
    ),
    unless="The house keeps a catalogue in another way.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.INFO,),
    policy="extra",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, x-api-id: shop, x-audience: external-public}
paths: {}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#215",
        "https://opensource.zalando.com/restful-api-guidelines/#219",
    ),
)
