"""An API whose terms of use nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """info without a license, or with one that says neither where it stands nor which it is."""
    license_ = node.value.get("license")
    if not isinstance(license_, Mapping):
        yield ApiHit("info has no license")
        return
    if not license_.get("name"):
        yield ApiHit("the license has no name", ("license",))
    has_url, identifier = bool(license_.get("url")), license_.get("identifier")
    if has_url and identifier:
        yield ApiHit("url and identifier of a license exclude each other", ("license", "identifier"))
    elif not has_url and (not identifier or context.version != "3.1"):
        yield ApiHit(
            "the license has no URL" + (" or SPDX identifier" if context.version == "3.1" else ""), ("license",)
        )


RULE = ApiRule(
    id="info-license",
    claim="The API names its license, with a URL or an SPDX identifier.",
    family="api",
    severity=Severity.LOW,
    why="Without one nobody may copy the description or generate a client from it with a clear conscience.",
    unless="There is no exception; an internal API names its house's terms.",
    profile=Profile.DEFAULT,
    on=(Kind.INFO,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0, license: {name: MIT, identifier: MIT}}
paths: {}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#license-object",
        "https://spdx.org/licenses/",
    ),
)
