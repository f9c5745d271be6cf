"""What is there to read about a schema: a description on everything, as a description."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import Node, StringValueNode

from knowledge.formats.graphql.document import SdlDocument, described, described_parts
from knowledge.formats.graphql.tokens import comments
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit

_SUPPRESSION = "architect:"


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Parts without a description, descriptions in quotes that span no lines, comments where one belongs."""
    parts = list(_parts(document))
    remarks = _remarks(document)
    for owner, path, node in parts:
        if not described(node).strip():
            if _first_line(node) in remarks:
                yield hit(owner, path, f"what is said of {path} stands in a comment, which no client is shown", node)
            elif path.count(".") < 2:  # arguments may speak for themselves
                yield hit(owner, path, f"{path} has no description", node)
        elif not _in_block(node):
            yield hit(owner, path, f"the description of {path} is a string in quotes, not a block", node)


def _parts(document: SdlDocument) -> Iterator[tuple[str, str, Node]]:
    for kind in document.types.values():
        if not kind.node.kind.endswith("extension"):
            yield kind.name, kind.name, kind.node
        for path, node in described_parts(kind):
            yield kind.name, path, node
    for name, directive in document.directives.items():
        yield f"@{name}", f"@{name}", directive


def _remarks(document: SdlDocument) -> frozenset[int]:
    """The line directly below each run of comments that stand alone."""
    lines = [one.line for one in comments(document.text) if one.alone and _SUPPRESSION not in one.text.lower()]
    found = set(lines)
    return frozenset(line + 1 for line in lines if line + 1 not in found)


def _first_line(node: Node) -> int:
    assert node.loc is not None
    return node.loc.start_token.line + node.loc.source.location_offset.line - 1


def _in_block(node: Node) -> bool:
    description = getattr(node, "description", None)
    return isinstance(description, StringValueNode) and bool(description.block)


RULE = GraphqlRule(
    id="gql-described",
    claim="Types, fields, input fields, enum values and directives carry descriptions, written as blocks.",
    family="graphql",
    severity=Severity.LOW,
    why=(
        "Descriptions are what explorers, generated clients and assistants show; "
        "comments are lost when a schema is read."
    ),
    unless="The schema is internal, and its names say it all.",
    profile=Profile.DOCUMENTATION,
    check=check,
    failing=("# Where everything begins.\ntype Query {\n  hello: String\n}\n"),
    passing=('"""\nWhere everything begins.\n"""\ntype Query {\n  """\n  A greeting.\n  """\n  hello: String\n}\n'),
    sources=(
        "https://the-guild.dev/graphql/eslint/rules/require-description",
        "https://the-guild.dev/graphql/eslint/rules/description-style",
        "https://the-guild.dev/graphql/eslint/rules/no-hashtag-description",
    ),
)
