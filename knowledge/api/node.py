"""A place in an API document that rules look at, always in the shape of OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from knowledge.api.references import FileStep


class Kind(StrEnum):
    """What stands at a place."""

    DOCUMENT = "document"
    """The root; visited first."""
    INFO = "info"
    SERVER = "server"
    """Of the document, a path or an operation; of a 2.0 document one for each scheme."""
    TAG = "tag"
    PATH = "path"
    """A path item; ``key`` is its template."""
    OPERATION = "operation"
    PARAMETER = "parameter"
    """Where it is written; a reference to one is no node (``context.resolve`` follows it), the component is.
    So with bodies, responses, headers, examples, links: see ``context.references``."""
    REQUEST_BODY = "request_body"
    RESPONSE = "response"
    """``key`` is its status."""
    HEADER = "header"
    """Of a response; ``key`` is its name."""
    MEDIA_TYPE = "media_type"
    """``key`` is its name, as in ``application/json``."""
    SCHEMA = "schema"
    """Any schema object, nested ones too; a reference is visited as a node of its own with ``$ref`` in its value."""
    EXAMPLE = "example"
    """One named example; ``key`` is its name."""
    SECURITY_SCHEME = "security_scheme"
    REQUIREMENT = "requirement"
    """One security requirement (a mapping of scheme to scopes)."""
    CALLBACK = "callback"
    """A path item that the API calls rather than serves: of a callback (``key`` is its expression), of a webhook (its
    name), or a reusable one. Its operations have no ``path``."""
    LINK = "link"
    END = "end"
    """After everything else; the value is the root again: for what only the whole can tell."""


class Use(StrEnum):
    """In which direction the data that a node describes travels."""

    NONE = ""
    """Of nodes that describe no data, and of components: they are visited where they stand."""
    REQUEST = "request"
    RESPONSE = "response"


@dataclass(slots=True, eq=False)
class Node:
    """One place.

    ``value`` has the shape of OpenAPI 3.1 also where the document is older (a body parameter of 2.0 is a request body,
    a 2.0 parameter has its type in ``schema``; ``nullable`` and Boolean exclusive bounds stay as they are written).
    Only where ``value is raw`` may a patch change below it.
    """

    kind: Kind
    value: Any
    parent: Node | None = None
    steps: tuple[str | int, ...] = ()
    """From the parent to here, in the document."""
    raw: Any = None
    """What the document holds here."""
    key: str = ""
    """Under which name or number it stands with its parent."""
    use: Use = Use.NONE
    component: str = ""
    """The component it is part of, as in ``schemas/User``; empty outside of components."""
    path: str = ""
    """Template of the path it belongs to; empty in components, callbacks and webhooks."""
    method: str = ""
    """Of the operation it belongs to, in lower case."""
    status: str = ""
    """Of the response it belongs to."""
    role: str = ""
    """Of schemas: the keyword they stand under (``properties``, ``items``, ``allOf``); ``schema`` for the topmost."""
    depth: int = 0
    """Of schemas: how many schemas stand above it."""

    @property
    def pointer(self) -> tuple[str | int, ...]:
        """The steps from the root; those into another file begin with a :class:`FileStep`."""
        found: list[tuple[str | int, ...]] = []
        node: Node | None = self
        while node is not None:
            found.append(node.steps)
            if node.steps and type(node.steps[0]) is FileStep:
                break
            node = node.parent
        return tuple(step for steps in reversed(found) for step in steps)

    def above(self, kind: Kind) -> Node | None:
        """The nearest node of ``kind`` that this one stands in; itself not counted."""
        node = self.parent
        while node is not None and node.kind is not kind:
            node = node.parent
        return node


@dataclass(frozen=True, slots=True)
class Edit:
    """One operation of a JSON Patch (RFC 6902); ``steps`` lead from the node that was judged."""

    op: str
    """``add``, ``remove``, ``replace`` or ``move``."""
    steps: tuple[str | int, ...]
    value: Any = None
    """For ``move`` the steps, from the node, of where it is taken from."""


@dataclass(frozen=True, slots=True)
class ApiHit:
    """A place where a rule applies."""

    message: str
    steps: tuple[str | int, ...] = ()
    """From the judged node to what is at fault; the location of the finding."""
    subject: str = ""
    """What is at fault, where that is not the node: the name of a property, parameter, header."""
    edits: tuple[Edit, ...] = ()
    """A mechanical fix, only where it cannot change what valid clients do."""
    at: tuple[str | int, ...] | None = None
    """Instead of the node: the steps from the root (for rules that look at the whole)."""


Values = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """What rule sets contradict each other about: settings, never truths. The defaults are this project's own style."""

    version_in_url: bool = True
    """``/v1`` belongs in paths or server URLs; False: it must not stand there."""
    property_case: str = "snake"
    """``snake``, ``camel`` or ``any``; ``auto`` is what most properties of the document have."""
    parameter_case: str = "auto"
    path_case: str = "kebab"
    boolean_prefix: str = "any"
    """``any``, ``demanded`` or ``forbidden`` (``is_``, ``has_``)."""
    error_format: str = "envelope"
    """``envelope`` ({error: {code, message, details}}), ``problem`` (RFC 9457) or ``any`` (but the same everywhere)."""
    validation_status: str = "any"
    """``422``, ``400`` or ``any``."""
    totals: str = "any"
    """``demanded``, ``forbidden`` or ``any``: lists tell how many rows there are."""
    paging: str = "any"
    """``cursor``, ``offset`` or ``any``."""
    max_nesting: int = 2
    """Collections within collections in a path."""
    extra: Mapping[str, str] = field(default_factory=dict)
