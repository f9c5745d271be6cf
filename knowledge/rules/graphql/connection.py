"""Pages as the Relay Cursor Connections specification has them."""

from __future__ import annotations

from collections.abc import Iterator

from graphql.language import ListTypeNode, NonNullTypeNode, TypeNode, print_ast

from knowledge.formats.graphql.document import SdlDocument, SdlType, TypeKind, arguments, named_type
from knowledge.report import Severity
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule, hit

_PAGE_INFO = {"hasNextPage": "Boolean!", "hasPreviousPage": "Boolean!", "startCursor": "String", "endCursor": "String"}


def check(document: SdlDocument, _policy: GraphqlPolicy) -> Iterator[GraphqlHit]:
    """Every type called Connection, its edges, PageInfo, and every field that returns one."""
    connections = {name for name, kind in document.types.items() if _is_connection(kind)}
    for name in document.types:
        if name in connections:
            yield from _connection(document, document.types[name])
    if connections and (page_info := document.types.get("PageInfo")):
        yield from _page_info(page_info)
    for kind in document.types.values():
        for name, node in kind.fields.items():
            if named_type(node.type) in connections:
                takes = set(arguments(node))
                if not ({"first", "after"} <= takes or {"last", "before"} <= takes):
                    path = f"{kind.name}.{name}"
                    yield hit(kind.name, path, f"{path} pages without first and after, or last and before", node)


def _is_connection(kind: SdlType) -> bool:
    return kind.name.endswith("Connection") and kind.kind in (TypeKind.OBJECT, TypeKind.INTERFACE)


def _connection(document: SdlDocument, kind: SdlType) -> Iterator[GraphqlHit]:
    edges, info = kind.fields.get("edges"), kind.fields.get("pageInfo")
    if edges is None or not isinstance(_nullable(edges.type), ListTypeNode):
        yield hit(kind.name, kind.name, f"{kind.name} has no list called edges", edges or kind.node)
    else:
        yield from _edge(document, kind, named_type(edges.type))
    if info is None or print_ast(info.type) != "PageInfo!":
        yield hit(kind.name, kind.name, f"{kind.name} has no field pageInfo: PageInfo!", info or kind.node)


def _edge(document: SdlDocument, kind: SdlType, name: str) -> Iterator[GraphqlHit]:
    edge = document.types.get(name)
    if edge is None or edge.kind not in (TypeKind.OBJECT, TypeKind.INTERFACE):
        yield hit(kind.name, kind.name, f"the edges of {kind.name} are {name}, not objects", kind.fields["edges"])
        return
    node, cursor = edge.fields.get("node"), edge.fields.get("cursor")
    if node is None or isinstance(_nullable(node.type), ListTypeNode):
        yield hit(kind.name, name, f"{name} has no field node, or a list of them", node or edge.node)
    if cursor is None or isinstance(_nullable(cursor.type), ListTypeNode):
        yield hit(kind.name, name, f"{name} has no field cursor: nobody can go on from there", cursor or edge.node)


def _page_info(kind: SdlType) -> Iterator[GraphqlHit]:
    for name, wanted in _PAGE_INFO.items():
        node = kind.fields.get(name)
        if node is None:
            yield hit(kind.name, kind.name, f"PageInfo has no field {name}", kind.node)
        elif wanted.endswith("!") and print_ast(node.type) != wanted:  # cursors may be scalars of one's own
            yield hit(kind.name, f"PageInfo.{name}", f"PageInfo.{name} is {print_ast(node.type)}, not {wanted}", node)


def _nullable(node: TypeNode) -> TypeNode:
    return node.type if isinstance(node, NonNullTypeNode) else node


RULE = GraphqlRule(
    id="gql-connection",
    claim="Types called Connection have edges with node and cursor, a PageInfo, and arguments to page with.",
    family="graphql",
    severity=Severity.MEDIUM,
    why=("Relay, Apollo and other clients page by these names: a connection that lacks one of them cannot be walked."),
    unless="Connection means something else: a network connection, say.",
    profile=Profile.DEFAULT,
    check=check,
    failing=(
        "type Query {\n"
        "  users(offset: Int): UserConnection\n"
        "}\n"
        "\n"
        "type UserConnection {\n"
        "  users: [User]\n"
        "}\n"
        "\n"
        "type User {\n"
        "  id: ID!\n"
        "}\n"
    ),
    passing=(
        "type Query {\n"
        "  users(first: Int, after: String): UserConnection\n"
        "}\n"
        "\n"
        "type UserConnection {\n"
        "  edges: [UserEdge]\n"
        "  pageInfo: PageInfo!\n"
        "}\n"
        "\n"
        "type UserEdge {\n"
        "  node: User\n"
        "  cursor: String!\n"
        "}\n"
        "\n"
        "type User {\n"
        "  id: ID!\n"
        "}\n"
        "\n"
        "type PageInfo {\n"
        "  hasNextPage: Boolean!\n"
        "  hasPreviousPage: Boolean!\n"
        "  startCursor: String\n"
        "  endCursor: String\n"
        "}\n"
    ),
    sources=(
        "https://relay.dev/graphql/connections.htm",
        "https://the-guild.dev/graphql/eslint/rules/relay-connection-types",
    ),
)
