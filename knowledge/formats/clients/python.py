"""A client in Python on top of httpx2: an async class, a TypedDict for each schema."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from keyword import iskeyword
from typing import Any, Final

from knowledge.blueprint.model import Blueprint
from knowledge.formats.clients.calls import Argument, ClientCall, client_calls, referred
from knowledge.formats.openapi.write import openapi

HEAD: Final = '''\
"""A typed client of {title}. Calls answer with ``data`` and ``meta`` as the API sends them, or raise ApiError."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Literal, NotRequired, TypedDict
from urllib.parse import quote

import httpx2


class ErrorDetail(TypedDict):
    """What is wrong with one part of the request."""

    field: str
    code: str
    message: str


class ApiError(Exception):
    """What the API refused, and why. ``code`` is stable, the message is for people."""

    def __init__(
        self, status: int, code: str, message: str, details: list[ErrorDetail], retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in (429, 503)

'''
CLIENT: Final = '''\
class Client:
    """One connection pool; close it, or use it as an async context manager."""

    def __init__(
        self,
        base_url: str,
        token: str = "",
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        timeout: float = 10.0,
    ) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.AsyncClient(base_url=base_url, headers=headers, transport=transport, timeout=timeout)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Any = None,
    ) -> Any:
        params = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        answer = await self._http.request(method, path, params=params, headers=sent, json=body)
        if answer.status_code == 204:
            return None
        if answer.is_success:
            return answer.json()
        raise _refusal(answer)
'''
TAIL: Final = """

def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(answer: httpx2.Response) -> ApiError:
    wait = answer.headers.get("retry-after", "")
    retry_after = float(wait) if wait.isdigit() else None
    try:
        error = answer.json()["error"]
        return ApiError(answer.status_code, error["code"], error["message"], error["details"], retry_after)
    except (ValueError, KeyError, TypeError):
        message = f"the server answered {answer.status_code}"
        return ApiError(answer.status_code, "HTTP_ERROR", message, [], retry_after)
"""
OWN: Final = frozenset({"ErrorDetail", "ErrorEnvelope", "Problem"})
"""Schemas that the head has in its own way."""
TAKEN: Final = frozenset({"self", "body", "quote"})


def write_python_client(blueprint: Blueprint) -> dict[str, str]:
    """``client.py``: a TypedDict for each schema and a class with a method for each operation."""
    document = openapi(blueprint)
    lines = [HEAD.format(title=blueprint.name).rstrip()]
    for name, schema in document["components"]["schemas"].items():
        if name not in OWN:
            lines += ["", "", *_typed_dict(name, schema)]
    lines += ["", "", CLIENT.rstrip()]
    for call in client_calls(document):
        lines += ["", *_method(call)]
    lines.append(TAIL.rstrip())
    return {"client.py": "\n".join(lines) + "\n"}


def _typed_dict(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"class {name}(TypedDict):"
    yield f"    {_docstring(schema.get('description') or f'{name} as the API sends it.')}"
    required = schema.get("required", [])
    for number, (field, value) in enumerate(schema.get("properties", {}).items()):
        if not number:
            yield ""
        kind = python_type(value)
        yield f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}"


def python_type(schema: Mapping[str, Any]) -> str:
    """The annotation of a value. Moments, days, decimals and UUIDs are strings, as they travel."""
    if name := referred(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(python_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(value, ensure_ascii=False) for value in schema['enum'])}]"
    kind = schema.get("type")
    if isinstance(kind, list):
        return "Any"
    if kind == "array":
        return f"list[{python_type(schema['items'])}]"
    return {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}[str(kind)]


def _method(call: ClientCall) -> Iterator[str]:
    answer = call.answer or "None"
    yield f"    async def {call.id}({', '.join(_parameters(call))}) -> {answer}:"
    yield f"        {_docstring(call.summary)}"
    sent = "".join(f", {part}" for part in _sent(call))
    returned = f"answer: {answer} = " if call.answer else ""
    yield f'        {returned}await self._send("{call.method}", {_path(call)}{sent})'
    if call.answer:
        yield "        return answer"
    if call.pages == "cursor":
        yield from _walk(call)


def _walk(call: ClientCall) -> Iterator[str]:
    row = call.answer.removesuffix("Slice")
    given = [_name(each) for each in call.of("path")]
    options = [f"{name}={name}" for name in (_option(call, each) for each in (*call.of("query"), *call.of("header")))]
    yield ""
    yield f"    async def {call.id}_all({', '.join(_parameters(call))}) -> AsyncIterator[{row}]:"
    yield f'        """Every row of :meth:`{call.id}`, page after page."""'
    yield "        while True:"
    yield f"            page = await self.{call.id}({', '.join([*given, *options])})"
    yield '            for row in page["data"]:'
    yield "                yield row"
    yield '            cursor = page["meta"]["next_cursor"]'
    yield "            if cursor is None:"
    yield "                return"


def _parameters(call: ClientCall) -> Iterator[str]:
    yield "self"
    for each in call.of("path"):
        yield f"{_name(each)}: str"
    if call.body:
        yield f"body: {call.body}"
    options = (*call.of("query"), *call.of("header"))
    if options:
        yield "*"
    for each in sorted(options, key=lambda each: not each.required):
        kind, name = python_type(each.schema), _option(call, each)
        yield f"{name}: {kind}" if each.required else f"{name}: {kind} | None = None"


def _sent(call: ClientCall) -> Iterator[str]:
    if queries := call.of("query"):
        yield f"query={{{', '.join(f'{json.dumps(each.name)}: {_option(call, each)}' for each in queries)}}}"
    if headers := call.of("header"):
        yield f"headers={{{', '.join(f'{json.dumps(each.name.lower())}: {_option(call, each)}' for each in headers)}}}"
    if call.body:
        yield "body=body"


def _path(call: ClientCall) -> str:
    path = call.path
    for each in call.of("path"):
        path = path.replace(f"{{{each.name}}}", f"{{quote({_name(each)}, safe='')}}")
    return f'f"{path}"' if "{" in path else f'"{path}"'


def _option(call: ClientCall, argument: Argument) -> str:
    """The name of a parameter that is not in the path; a filter by the parent that the path names gets another."""
    return _name(argument, {*TAKEN, *(_name(each) for each in call.of("path"))})


def _name(argument: Argument, taken: Collection[str] = TAKEN) -> str:
    name = argument.name.lower().replace("-", "_")
    return f"{name}_" if iskeyword(name) or name in taken else name


def _docstring(text: str) -> str:
    safe = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{safe}{" " if safe.endswith(chr(34)) else ""}"""'
