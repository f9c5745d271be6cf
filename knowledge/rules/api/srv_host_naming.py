"""A host name that breaks the usual form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Hosts with capitals or underscores, two schemes, or against the setting ``host_pattern``."""
    url = node.value.get("url")
    if not isinstance(url, str) or "://" not in url:
        return
    rest = url.partition("://")[2]
    host = re.split(r"[/:?]", rest)[0]
    wanted = context.policy.extra.get("host_pattern", "")
    if "://" in rest or rest.startswith("//"):
        yield ApiHit(f"{url[:80]} names a scheme twice", ("url",))
    elif "{" not in host and not HOST.fullmatch(host) and not rest.startswith("["):
        yield ApiHit(f"the host {host[:80]} is not of lower-case letters, digits and hyphens", ("url",))
    elif wanted and not re.fullmatch(wanted, host):
        yield ApiHit(f"the host {host[:80]} does not fit {wanted}", ("url",))


HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


RULE = ApiRule(
    id="srv-host-naming",
    claim="Host names are of lower-case letters, digits and hyphens, as the house forms them.",
    family="api",
    severity=Severity.LOW,
    why="Names with underscores are no host names: some clients and certificates refuse them.",
    unless="The host is a variable or an address.",
    profile=Profile.STYLE,
    on=(Kind.SERVER,),
    policy="extra",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://Shop_API.test'}]
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://shop-api.test'}]
paths: {}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc952",
        "https://opensource.zalando.com/restful-api-guidelines/#224",
    ),
)
