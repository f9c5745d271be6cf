"""Routes of the API: strict about query strings, and quick where they only read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.params import Query as QueryParameters
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from .auth.caller import identified, known_caller, signed_in
from .deprecation import EXTENSION, deprecation_headers

UNKNOWN = "There is no such parameter"

Reader = Callable[[Request], Any]
"""Takes one argument of the endpoint out of the request."""


class Route(APIRoute):
    """``APIRouter(route_class=Route)``; routes look and are documented like any others.

    A query string is refused where a route has no parameters in it: a filter that is misspelt must not be silently
    nothing. A GET is called without FastAPI's resolution of dependencies, which costs more than most reads, if it
    has none of its own, returns a ``Response`` by its annotation, and takes nothing but the request, a signed-in or
    identified caller, parameters of the path, and one model of the query. Any other route goes FastAPI's way.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._takes_query = _takes_query(self.dependant)
        self._headers = _deprecation(self.openapi_extra or {})
        self._readers: Mapping[str, Reader] = {}
        if self.methods == {"GET"} and not self.dependencies and _answers_itself(endpoint):
            readers = _readers(endpoint, set(self.param_convertors))
            if readers is not None:
                self._readers = readers
                self.app = self._read

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a query string that nothing reads, then go on as usual."""
        if scope["query_string"] and not self._takes_query and scope["method"] in (self.methods or ()):
            names = Request(scope).query_params.keys()
            raise RequestValidationError(
                [{"type": "extra_forbidden", "loc": ("query", name), "msg": UNKNOWN} for name in names]
            )
        await super().handle(scope, receive, _adding(self._headers, send) if self._headers else send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self.endpoint(**{name: read(request) for name, read in self._readers.items()})
        await response(scope, receive, send)


def _deprecation(extra: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """The headers of a route whose documentation says that it is deprecated."""
    told = extra.get(EXTENSION)
    if told is None:
        return []
    sunset = date.fromisoformat(told["sunset"]) if "sunset" in told else None
    headers = deprecation_headers(date.fromisoformat(told["since"]), sunset, told.get("link", ""))
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _adding(headers: Sequence[tuple[bytes, bytes]], send: Send) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *headers]
        await send(message)

    return adding


def _takes_query(dependant: Dependant) -> bool:
    return bool(dependant.query_params) or any(map(_takes_query, dependant.dependencies))


def _answers_itself(endpoint: Callable[..., Any]) -> bool:
    """Whether nothing is left to do with what the endpoint returns."""
    try:
        returned = get_type_hints(endpoint).get("return")
    except NameError:  # of a name that only type checkers see
        return False
    return inspect.iscoroutinefunction(endpoint) and isinstance(returned, type) and issubclass(returned, Response)


def _readers(endpoint: Callable[..., Any], in_path: set[str]) -> Mapping[str, Reader] | None:
    """How each parameter is read, or ``None`` where one of them is not among those known here."""
    hints = get_type_hints(endpoint, include_extras=True)
    readers: dict[str, Reader] = {}
    for name in inspect.signature(endpoint).parameters:
        reader = _reader(name, hints.get(name), in_path)
        if reader is None:
            return None
        readers[name] = reader
    return readers


def _reader(name: str, hint: Any, in_path: set[str]) -> Reader | None:
    if hint is Request:
        return lambda request: request
    if name in in_path:
        return _path_reader(name, TypeAdapter(hint))
    kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    for mark in marks:
        if isinstance(mark, QueryParameters) and isinstance(kind, type) and issubclass(kind, BaseModel):
            return _query_reader(TypeAdapter(kind))
        if isinstance(mark, Depends) and mark.dependency is signed_in:
            return known_caller
        if isinstance(mark, Depends) and mark.dependency is identified:
            return lambda request: request.state.caller
    return None


def _path_reader(name: str, adapter: TypeAdapter[Any]) -> Reader:
    def read(request: Request) -> Any:
        try:
            return adapter.validate_python(request.path_params[name])
        except ValidationError as error:
            raise _invalid(error, "path", name) from None

    return read


def _query_reader(adapter: TypeAdapter[Any]) -> Reader:
    def read(request: Request) -> Any:
        try:
            return adapter.validate_python(dict(request.query_params))
        except ValidationError as error:
            raise _invalid(error, "query") from None

    return read


def _invalid(error: ValidationError, *where: str) -> RequestValidationError:
    return RequestValidationError([{**each, "loc": (*where, *each["loc"])} for each in error.errors()])
