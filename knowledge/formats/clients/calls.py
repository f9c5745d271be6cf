"""The operations of a contract as a client calls them, apart from any language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

METHODS: Final = ("get", "post", "put", "patch", "delete")
_REFERENCE: Final = "#/components/schemas/"


@dataclass(frozen=True)
class Argument:
    """A parameter beside the body, by its name on the wire."""

    name: str
    location: str
    schema: Mapping[str, Any]
    required: bool
    description: str


@dataclass(frozen=True)
class ClientCall:
    """One operation."""

    id: str
    summary: str
    method: str
    path: str
    arguments: tuple[Argument, ...]
    body: str
    """Schema of the request body; empty where there is none."""
    answer: str
    """Schema of the successful answer; empty where it has no body."""

    def of(self, location: str) -> tuple[Argument, ...]:
        """The arguments of ``path``, ``query`` or ``header``."""
        return tuple(argument for argument in self.arguments if argument.location == location)

    @property
    def pages(self) -> str:
        """How its answers are walked: ``cursor``, ``page``, or empty."""
        names = {argument.name for argument in self.of("query")}
        return next((name for name in ("cursor", "page") if name in names), "")


def client_calls(document: Mapping[str, Any]) -> Iterator[ClientCall]:
    """Every operation of a contract that :func:`knowledge.formats.openapi.write.openapi` has written."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _call(path, method, item[method])


def _call(path: str, method: str, operation: Mapping[str, Any]) -> ClientCall:
    arguments = tuple(
        Argument(each["name"], each["in"], each["schema"], each["required"], each.get("description", ""))
        for each in operation.get("parameters", [])
        if each["name"] != "If-None-Match"  # caches send it, and know what 304 means
    )
    done = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return ClientCall(
        operation["operationId"],
        operation["summary"],
        method.upper(),
        path,
        arguments,
        _schema(operation.get("requestBody", {})),
        _schema(done),
    )


def _schema(holder: Mapping[str, Any]) -> str:
    content = holder.get("content", {}).get("application/json", {})
    return str(content.get("schema", {}).get("$ref", "")).removeprefix(_REFERENCE)


def referred(schema: Mapping[str, Any]) -> str:
    """The name of the schema that a reference leads to; empty where it is none."""
    return str(schema.get("$ref", "")).removeprefix(_REFERENCE)


def camel(name: str) -> str:
    """``list_user_posts`` or ``If-Match`` -> ``listUserPosts``, ``ifMatch``."""
    first, *others = name.replace("-", "_").split("_")
    return first[:1].lower() + first[1:] + "".join(part[:1].upper() + part[1:] for part in others)
