"""An operation that does not say what its own failure looks like."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, statuses
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Operations that declare neither a 5xx nor a default."""
    names = statuses(node)
    if not called(node) and not any(name == "default" or name[:1] == "5" for name in names):
        yield ApiHit(f"{node.method.upper()} {node.path} declares no error of the server (5xx)", ("responses",))


RULE = ApiRule(
    id="resp-500",
    claim="Every operation declares what a failure of the server looks like.",
    family="api",
    severity=Severity.LOW,
    why=(
        "An undeclared failure is where stack traces leak, and clients that find no type for it crash instead "
        "of trying again."
    ),
    unless="A default response is declared, or the API itself is the caller.",
    profile=Profile.HARDENING,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '500': {description: The server failed.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.6.1",
    ),
)
