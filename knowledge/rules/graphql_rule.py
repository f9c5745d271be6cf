"""A rule about a GraphQL schema: it looks at the document as written, valid or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graphql.language import Node

from knowledge.formats.graphql.document import SdlDocument, place
from knowledge.rules.api_rule import Profile
from knowledge.rules.rule import Rule


@dataclass(frozen=True)
class GraphqlPolicy:
    """What a house settles for itself."""

    forbidden_roots: frozenset[str] = frozenset()
    """Operations no schema may offer: ``mutation``, ``subscription``."""


@dataclass(frozen=True, slots=True)
class GraphqlHit:
    """A place where a rule applies; ``owner`` is the type or directive it belongs to, or empty for the schema."""

    owner: str
    subject: str
    """As in ``User.email`` or ``User.posts.first``."""
    message: str
    line: int
    column: int


def hit(owner: str, subject: str, message: str, node: Node) -> GraphqlHit:
    """A hit at the place of ``node``."""
    return GraphqlHit(owner, subject, message, *place(node))


Check = Callable[[SdlDocument, GraphqlPolicy], Iterable[GraphqlHit]]


@dataclass(frozen=True, kw_only=True)
class GraphqlRule(Rule):
    """A rule about a GraphQL schema.

    ``failing`` and ``passing`` are whole schemas; the tests review both. The id is the reference's with a hyphen
    in place of the dot (``gql-naming``), the family is ``graphql``.
    """

    profile: Profile
    opt_in: bool = False
    """Part of no profile: it is asked for by name."""
    policy: GraphqlPolicy = GraphqlPolicy()
    """The settings under which ``failing`` fails and ``passing`` passes."""
    check: Check
