"""A segment that is not written in the casing of paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._casing import common_case
from knowledge.rules.api._templates import is_literal, is_version, noun, segments
from knowledge.rules.api_rule import ApiRule, Profile

FORBIDDEN = {
    "kebab": re.compile(r"[A-Z_]"),
    "snake": re.compile(r"[A-Z-]"),
    "camel": re.compile(r"[_-]|\A[A-Z]"),
    "pascal": re.compile(r"[_-]|\A[a-z]"),
}


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every literal segment with a letter or sign that the casing does not have."""
    case = context.policy.path_case
    if case == "auto":
        case = context.memo("path casing", lambda: _usual(context))
    if case not in FORBIDDEN:
        return
    wrong = [segment for segment in _judged(node.key) if FORBIDDEN[case].search(segment)]
    if wrong:
        yield ApiHit(f"{', '.join(wrong)} in {node.key} is not in {case} case", subject=", ".join(wrong))


def _judged(template: str) -> list[str]:
    """Literal segments as far as casing is a choice: no versions, no custom verbs, no file names with a dot before."""
    found = (noun(segment) for segment in segments(template) if is_literal(segment))
    return [segment for segment in found if not is_version(segment) and not segment.startswith((".", "$", "@", "~"))]


def _usual(context: ApiContext) -> str:
    paths = context.root.get("paths")
    return common_case(segment for path in (paths if isinstance(paths, Mapping) else ()) for segment in _judged(path))


RULE = ApiRule(
    id="path-kebab-case",
    family="api",
    check=check,
    claim="The segments of paths are in kebab case, or in the casing that the policy names.",
    severity=Severity.LOW,
    why=(
        "Paths are case-sensitive: a client that has to remember which word has a capital or an underscore "
        "gets 404 for the other spelling."
    ),
    unless="It is a custom verb after a colon, a version, or the policy asks for another casing.",
    profile=Profile.DEFAULT,
    policy="path_case",
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orderLines:
    get: {responses: {'200': {description: Lines.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /order-lines:
    get: {responses: {'200': {description: Lines.}}}
  /order-lines:batchGet:
    get: {responses: {'200': {description: Some lines.}}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#129",
        "https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1",
    ),
)
