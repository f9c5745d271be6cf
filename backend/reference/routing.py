"""Routes of the API: strict about query strings, and quick where they only read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.params import Query as QueryParameters
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from .auth.caller import identified, known_caller, signed_in

UNKNOWN = "There is no such parameter"

Reader = Callable[[Request], Any]
"""Takes one argument of the endpoint out of the request."""


class Route(APIRoute):
    """``APIRouter(route_class=Route)``; routes look and are documented like any others.

    A query string is refused where a route has no parameters in it: a filter that is misspelt must not be silently
    nothing. A GET without dependencies of its own is called without FastAPI's resolution of them, which costs more
    than most reads; its parameters are the request, a signed-in or identified caller, parameters of the path, and one
    model of the query. Anything else is a mistake that is found when the route is made.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._takes_query = bool(self.dependant.query_params)
        if self.methods == {"GET"} and not self.dependencies:
            self._readers = _readers(endpoint, set(self.param_convertors))
            self.app = self._read

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a query string that nothing reads, then go on as usual."""
        if scope["query_string"] and not self._takes_query and scope["method"] in (self.methods or ()):
            names = Request(scope).query_params.keys()
            raise RequestValidationError(
                [{"type": "extra_forbidden", "loc": ("query", name), "msg": UNKNOWN} for name in names]
            )
        await super().handle(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self.endpoint(**{name: read(request) for name, read in self._readers.items()})
        await response(scope, receive, send)


def _readers(endpoint: Callable[..., Any], in_path: set[str]) -> Mapping[str, Reader]:
    hints = get_type_hints(endpoint, include_extras=True)
    return {name: _reader(name, hints[name], in_path) for name in inspect.signature(endpoint).parameters}


def _reader(name: str, hint: Any, in_path: set[str]) -> Reader:
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
    raise TypeError(f"a read route cannot take {name}: {hint!r}")


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
