"""Types that no operation leads to."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.formats.graphql.document import SdlDocument, SdlType, arguments, named_type
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every type that no path from an operation or a directive ends at."""
    if not document.roots or document.unread:
        return  # what is not known may lead anywhere
    reached = _reached(document)
    for name, kind in document.types.items():
        if name not in reached:
            yield hit(name, name, f"no operation leads to the {kind.kind} {name}", kind.node)


def _reached(document: SdlDocument) -> set[str]:
    implementing: dict[str, list[str]] = {}
    for kind in document.types.values():
        for interface in kind.interfaces:
            implementing.setdefault(interface, []).append(kind.name)
    waiting = list(document.roots.values())
    waiting += [named_type(part.type) for one in document.directives.values() for part in arguments(one).values()]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in reached or name not in document.types:
            continue
        reached.add(name)
        waiting += _next(document.types[name])
        waiting += implementing.get(name, ())
    return reached


def _next(kind: SdlType) -> Iterator[str]:
    for field in kind.fields.values():
        yield named_type(field.type)
        for part in arguments(field).values():
            yield named_type(part.type)
    for part in kind.inputs.values():
        yield named_type(part.type)
    yield from kind.members
    yield from kind.interfaces


RULE = GraphqlRule(
    id="gql-unreachable",
    claim="Every type is reached from a root type or a directive.",
    family="graphql",
    severity=Severity.LOW,
    why=("What nothing reaches cannot be asked for: it is left over, or a field that should lead to it is missing."),
    unless="The schema is a part that another one is put together of.",
    profile=Profile.STYLE,
    check=check,
    failing=("type Query {\n  user: User\n}\n\ntype User {\n  id: ID!\n}\n\ntype Account {\n  id: ID!\n}\n"),
    passing=(
        "type Query {\n"
        "  user: User\n"
        "}\n"
        "\n"
        "type User {\n"
        "  id: ID!\n"
        "  account: Account\n"
        "}\n"
        "\n"
        "type Account {\n"
        "  id: ID!\n"
        "}\n"
    ),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/no-unreachable-types",
        "https://redocly.com/docs/cli/guides/lint-graphql",
    ),
)
