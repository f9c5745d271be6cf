"""What a backend promises: the operations of its OpenAPI document and the resources they make up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from backend.exercise.schemas import ContractError, Schema, Schemas, modern

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\b", re.IGNORECASE)


@dataclass(frozen=True)
class Parameter:
    """A value beside the body."""

    name: str
    location: str
    """``path``, ``query``, ``header`` or ``cookie``."""
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Promise:
    """An answer as the contract describes it."""

    schema: Schema | None
    """Of its JSON body; ``None`` where it has none."""
    types: tuple[str, ...]
    """Media types; empty where there is no body."""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """A method of a path."""

    id: str
    method: str
    """In capitals."""
    path: str
    """The template, as in ``/api/v1/posts/{post_id}``."""
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    """Of the JSON request body; ``None`` where it takes none."""
    body_types: tuple[str, ...] = ()
    body_required: bool = False
    answers: Mapping[str, Promise] = field(default_factory=dict)
    """By status: ``200``, ``4XX`` or ``default``."""
    needs_auth: bool = False

    @property
    def label(self) -> str:
        """As in ``GET /api/v1/posts``."""
        return f"{self.method} {self.path}"

    def promise(self, status: int) -> Promise | None:
        """What is said of answers with ``status``; ``None`` where nothing is."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.answers:
                return self.answers[key]
        return None

    def of(self, location: str) -> tuple[Parameter, ...]:
        """The parameters of a location."""
        return tuple(parameter for parameter in self.parameters if parameter.location == location)

    def parameter(self, location: str, name: str) -> Parameter | None:
        """A parameter by its name; those of headers in any case."""
        for parameter in self.of(location):
            if parameter.name == name or (location == "header" and parameter.name.lower() == name.lower()):
                return parameter
        return None


@dataclass(frozen=True)
class Nested:
    """A collection within a parent, as in ``/users/{user_id}/posts``."""

    parent: str
    """Name of the resource that the last path parameter identifies."""
    path: str
    parameter: str
    list: Operation | None = None
    create: Operation | None = None


@dataclass(frozen=True)
class Link:
    """A many-to-many relation: ``PUT`` and ``DELETE`` of ``/posts/{post_id}/tags/{tag_id}``."""

    other: str
    """Name of the linked resource."""
    path: str
    parameter: str
    other_parameter: str
    list: Operation | None = None
    link: Operation | None = None
    unlink: Operation | None = None


@dataclass(frozen=True)
class Resource:
    """One kind of row, and what can be done with it."""

    name: str
    """Singular, snake_case."""
    collection: str
    """Path template of the list."""
    item: str = ""
    """Path template of one row; empty where there is none."""
    id_parameter: str = ""
    parent: str = ""
    """Name of the resource its own collection is nested in, where there is no flat one."""
    list: Operation | None = None
    create: Operation | None = None
    get: Operation | None = None
    update: Operation | None = None
    delete: Operation | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    """Body fields that hold the id of a row of another resource: ``user_id`` -> ``user``."""
    nested: tuple[Nested, ...] = ()
    """Lists of this resource within others."""
    links: tuple[Link, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those of the collection and the item."""
        found = (self.list, self.create, self.get, self.update, self.delete)
        return tuple(operation for operation in found if operation is not None)


@dataclass(frozen=True)
class Contract:
    """A whole OpenAPI document. Make it with :meth:`read`."""

    operations: tuple[Operation, ...]
    schemas: Schemas
    title: str = ""

    @classmethod
    def read(cls, openapi: Mapping[str, Any]) -> Contract:
        """Read an OpenAPI 3.1 document; 3.0 is understood as well.

        Raises:
            ContractError: it is neither, or its references lead nowhere.
        """
        version = str(openapi.get("openapi", ""))
        if not version.startswith(("3.0", "3.1", "3.2")) or not isinstance(openapi.get("paths"), Mapping):
            raise ContractError("not an OpenAPI 3 document: it needs 'openapi: 3.x' and 'paths'")
        document = modern(openapi) if version.startswith("3.0") else openapi
        schemas = Schemas(document)
        found = []
        for path, item in document["paths"].items():
            shared = schemas.resolve(item)
            for method in METHODS:
                if isinstance(shared.get(method), Mapping):
                    found.append(_operation(schemas, document, path, method, shared))
        return cls(tuple(found), schemas, str(document.get("info", {}).get("title", "")))

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a method and a path template."""
        return next((each for each in self.operations if each.method == method and each.path == path), None)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods a path template offers, in capitals."""
        return tuple(each.method for each in self.operations if each.path == path)

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources that the paths make up, parents before those that refer to them where that is possible."""
        from backend.exercise.derivation import resources  # which needs the classes above

        return resources(self)

    def resource(self, name: str) -> Resource:
        """A resource by its name.

        Raises:
            KeyError: there is none of that name.
        """
        return next(iter(each for each in self.resources if each.name == name), None) or _missing(name)

    def item_of(self, path: str, parameter: str) -> Resource | None:
        """The resource whose id a parameter of a path template is."""
        before = path.partition("{" + parameter + "}")[0]
        segment = before.rstrip("/").rpartition("/")[2]
        exact = [each for each in self.resources if each.item == f"{before}{{{parameter}}}"]
        similar = [each for each in self.resources if each.item and each.collection.rpartition("/")[2] == segment]
        named = [each for each in self.resources if each.id_parameter == parameter and parameter != "id"]
        return next(iter([*exact, *similar, *named]), None)


def _missing(name: str) -> Resource:
    raise KeyError(f"the contract has no resource {name!r}")


def _operation(
    schemas: Schemas, document: Mapping[str, Any], path: str, method: str, shared: Mapping[str, Any]
) -> Operation:
    raw = shared[method]
    body = schemas.resolve(raw.get("requestBody", {}))
    content = body.get("content", {})
    security = raw.get("security", document.get("security", []))
    return Operation(
        id=str(raw.get("operationId") or f"{method} {path}"),
        method=method.upper(),
        path=path,
        parameters=_parameters(schemas, [*shared.get("parameters", []), *raw.get("parameters", [])]),
        body=_json(content),
        body_types=tuple(content),
        body_required=bool(body.get("required", False)),
        answers={str(status): _promise(schemas, answer) for status, answer in raw.get("responses", {}).items()},
        needs_auth=bool(security) and all(security),
    )


def _parameters(schemas: Schemas, raw: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """An operation's own parameters replace those of its path."""
    found: dict[tuple[str, str], Parameter] = {}
    for part in raw:
        parameter = schemas.resolve(part)
        location, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
        schema = parameter.get("schema") or _json(parameter.get("content", {})) or {}
        required = location == "path" or bool(parameter.get("required", False))
        found[location, name] = Parameter(name, location, required, schema)
    return tuple(found.values())


def _promise(schemas: Schemas, part: Mapping[str, Any]) -> Promise:
    answer = schemas.resolve(part)
    content = answer.get("content", {})
    return Promise(_json(content), tuple(content), tuple(name.lower() for name in answer.get("headers", {})))


def _json(content: Mapping[str, Any]) -> Schema | None:
    for name, media in content.items():
        if JSON_TYPE.match(name) and isinstance(media, Mapping):
            schema = media.get("schema", {})
            return schema if isinstance(schema, Mapping) else {}
    return None
