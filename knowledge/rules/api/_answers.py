"""What an operation declares to answer: its responses with references followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One declared response of an operation."""

    status: str
    """As it is written: ``200``, ``4XX``, ``default``."""
    value: Mapping[str, Any]
    reference: str
    """The ``$ref`` it is given by; empty where it stands in the operation."""

    @property
    def content(self) -> Mapping[str, Any]:
        """Its media types."""
        found = self.value.get("content")
        return found if isinstance(found, dict) else {}

    @property
    def headers(self) -> Mapping[str, Any]:
        """Its headers, by their names in lower case (RFC 9110 section 5.1)."""
        found = self.value.get("headers")
        return {name.lower(): item for name, item in found.items()} if isinstance(found, dict) else {}

    def hit(self, message: str, subject: str = "", edits: tuple[Edit, ...] = ()) -> ApiHit:
        """A hit of the operation at this response, or at the component that holds it (then without edits)."""
        if self.reference.startswith("#/"):
            return ApiHit(message, subject=subject, at=pointer(self.reference))
        return ApiHit(message, ("responses", self.status), subject, edits)


def pointer(reference: str) -> tuple[str, ...]:
    """The steps of a reference within the document, as in ``#/components/responses/Gone``."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))


@dataclass(slots=True)
class _Last:
    """The operation that was asked about last: the rules look at one after the other."""

    operation: Any = None
    answers: tuple[Answer, ...] = ()


def answers(operation: Node, context: ApiContext) -> tuple[Answer, ...]:
    """The responses of an operation, in the order of the document."""
    last = context.memo("answers", _Last)
    if last.operation is not operation.value:
        last.operation, last.answers = operation.value, tuple(_answers(operation, context))
    return last.answers


def _answers(operation: Node, context: ApiContext) -> Iterator[Answer]:
    found = operation.value.get("responses")
    for status, value in found.items() if isinstance(found, dict) else ():
        if not status.startswith("x-") and isinstance(value, dict):
            reference = value.get("$ref")
            resolved = context.resolve(value)
            yield Answer(
                status, resolved if isinstance(resolved, dict) else {}, reference if isinstance(reference, str) else ""
            )


def statuses(operation: Node) -> tuple[str, ...]:
    """The declared statuses of an operation in upper case, but ``default`` as it is."""
    found = operation.value.get("responses")
    names = [str(name) for name in found if not str(name).startswith("x-")] if isinstance(found, Mapping) else []
    return tuple(name if name == "default" else name.upper() for name in names)


def declares(operation: Node, *wanted: str) -> bool:
    """Whether one of the statuses is declared: by itself, by its range (``4XX``) or by ``default``."""
    names = statuses(operation)
    return "default" in names or any(name in names or f"{name[0]}XX" in names for name in wanted)


def succeeds(status: str) -> bool:
    """Whether a status is of the class 2xx."""
    return status[:1] == "2"


def fails(status: str) -> bool:
    """Whether a status is of the classes 4xx and 5xx, or the default, which is for errors."""
    return status[:1] in ("4", "5") or status == "default"


def called(node: Node) -> bool:
    """Whether the API itself calls the operation (of a callback or a webhook), so that others answer."""
    return not node.path


def title(operation: Node) -> str:
    """What an operation is called in sentences: ``GET /orders``, or ``POST of the callback onPaid``."""
    holder = operation.above(Kind.CALLBACK) if called(operation) else None
    return f"{operation.method.upper()} {operation.path if holder is None else f'of the callback {holder.key}'}"


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON (RFC 8259, or the suffix of RFC 6839)."""
    name = media_type.partition(";")[0].strip().lower()
    return name == JSON or name.endswith("+json")


def json_schema(content: Mapping[str, Any]) -> Any:
    """The schema of the first media type that is JSON; ``None`` where there is none."""
    for name, media in content.items():
        if is_json(name) and isinstance(media, Mapping) and "schema" in media:
            return media["schema"]
    return None


def parameters(operation: Node, context: ApiContext) -> list[Mapping[str, Any]]:
    """The parameters of an operation, with those of its path; its own come first."""
    holders = [operation.value, operation.parent.value if operation.parent is not None else {}]
    found: list[Mapping[str, Any]] = []
    for holder in holders:
        items = holder.get("parameters") if isinstance(holder, Mapping) else None
        for item in items if isinstance(items, list) else ():
            value = context.resolve(item)
            if isinstance(value, Mapping) and value:
                found.append(value)
    return found


def secured(operation: Node, context: ApiContext) -> bool:
    """Whether the operation cannot be called without credentials."""
    found = operation.value.get("security", context.root.get("security"))
    return isinstance(found, list) and bool(found) and all(found)
