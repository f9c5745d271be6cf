"""A version that is neither semantic nor a date."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Versions that are not like 1.4.0 or 2026-11-24."""
    version = node.value.get("version")
    if isinstance(version, str) and not FORMS.fullmatch(version):
        yield ApiHit(f"the version {version[:40]!r} is neither like 1.4.0 nor like 2026-11-24", ("version",))


FORMS = re.compile(r"v?\d+\.\d+(\.\d+)?([-+][0-9A-Za-z.+-]+)?|\d{4}-\d{2}-\d{2}([-.][0-9A-Za-z.-]+)?")


RULE = ApiRule(
    id="info-version",
    claim="The version is a semantic version or a date.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients and change logs compare versions; words like latest say neither which came first nor whether "
        "anything broke."
    ),
    unless="There is no exception.",
    profile=Profile.STYLE,
    on=(Kind.INFO,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: latest}
paths: {}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
""",
    sources=(
        "https://semver.org/",
        "https://opensource.zalando.com/restful-api-guidelines/#116",
    ),
)
