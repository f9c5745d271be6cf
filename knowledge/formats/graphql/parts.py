"""The parts of a schema that is written from a blueprint."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.blueprint.routes import Route
from knowledge.formats.graphql.document import TypeKind


@dataclass(frozen=True)
class Given:
    """An argument or a field of an input type; ``key`` is what the REST API calls it."""

    name: str
    type: str
    key: str
    description: str
    default: str = ""
    """As it is written in the schema."""


@dataclass(frozen=True)
class Answered:
    """A field of an object type.

    ``key`` is the column it shows; of a field that leads to other rows the relation, with ``leads`` saying how.
    """

    name: str
    type: str
    key: str
    description: str
    arguments: tuple[Given, ...] = ()
    leads: str = ""
    """``one``: to the row it belongs to; ``children``: to the rows nested in it; ``linked``: by many-to-many."""
    resource: str = ""
    """Where it leads."""
    deprecated: str = ""
    """Why clients are to leave it, and until when."""


@dataclass(frozen=True)
class Value:
    """A value of an enum; ``key`` is the one of the REST API."""

    name: str
    key: str
    description: str


@dataclass(frozen=True)
class Definition:
    """A named type; ``role`` says what it is for (``row``, ``page``, ``create``...), ``resource`` whose it is."""

    kind: TypeKind
    name: str
    description: str
    role: str
    resource: str = ""
    fields: tuple[Answered, ...] = ()
    inputs: tuple[Given, ...] = ()
    values: tuple[Value, ...] = ()
    url: str = ""
    """Of a scalar: what specifies it."""


@dataclass(frozen=True)
class RootField:
    """A field of Query or Mutation, and the route that does the same."""

    field: Answered
    route: Route
    input: str = ""
    """Of a mutation: its input type."""
    payload: str = ""


@dataclass(frozen=True)
class Contract:
    """Everything the GraphQL interface of a backend offers."""

    definitions: tuple[Definition, ...]
    queries: tuple[RootField, ...]
    mutations: tuple[RootField, ...]
