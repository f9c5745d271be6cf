"""Requests that once showed a fault, replayed; each test fails while its fault is there.

Run it with pytest against the application itself, or against a running one: BACKEND_URL=http://127.0.0.1:8000.
Tokens of callers come from BACKEND_TOKEN_OWNER, BACKEND_TOKEN_ADMIN and so on, or are signed with JWT_SECRET.
Use an empty database: rows that are already there can be in the way.
"""

import asyncio
import contextlib
import importlib
import inspect
import os
import re
import time
import uuid
from typing import Any

try:
    import httpx2 as httpx
except ImportError:
    import httpx  # type: ignore[no-redef, import-not-found, unused-ignore]

APPLICATION = ""
ENVIRONMENT: dict[str, str] = {}
CALLERS: dict[str, dict[str, Any]] = {}
SCHEMAS: dict[str, Any] = {}
LEAKS = ""
BASE_URL = os.environ.get("BACKEND_URL", "")


def replay(*steps: tuple[str, str, dict[str, str], Any]) -> tuple[Any, float]:
    """Send the steps in order and return the last answer with its seconds.

    ``${id:0}`` stands for the id of the row that the first step made, ``${token:owner}`` for the owner's token.
    """
    return asyncio.run(_replay(steps))


async def _replay(steps: tuple[tuple[str, str, dict[str, str], Any], ...]) -> tuple[Any, float]:
    ids: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(_client())
        if not BASE_URL:
            client = await _inside(stack, client)
        for number, (method, path, headers, body) in enumerate(steps):
            sent = body if isinstance(body, bytes) else _filled(body, ids).encode()
            told = {name: _filled(value, ids) for name, value in headers.items()}
            began = time.perf_counter()
            answer = await client.request(method, _filled(path, ids), headers=told, content=sent or None)
            seconds = time.perf_counter() - began
            if number < len(steps) - 1:
                assert answer.status_code < 300, f"the request before failed: {answer.status_code} {answer.text[:300]}"
                row = answer.json()
                ids.append(str((row.get("data") or row).get("id")))
    return answer, seconds


def _client(app: Any = None) -> Any:
    if app is None:
        return httpx.AsyncClient(base_url=BASE_URL or "http://localhost", timeout=30)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30)


async def _inside(stack: contextlib.AsyncExitStack, outside: Any) -> Any:
    """A client of the application in this process, its own start and end (lifespan) included."""
    await outside.aclose()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    module, _, attribute = APPLICATION.partition(":")
    app = getattr(importlib.import_module(module), attribute or "app")
    with contextlib.suppress(TypeError, ValueError):
        inspect.signature(app).bind()
        app = app()
    events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, events.get, told.put))

    async def tell(event: str) -> None:
        events.put_nowait({"type": f"lifespan.{event}"})
        waiting = asyncio.ensure_future(told.get())
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def end() -> None:
        await tell("shutdown")
        task.cancel()

    await tell("startup")
    stack.push_async_callback(end)
    return await stack.enter_async_context(_client(app))


def _filled(text: str, ids: list[str]) -> str:
    text = re.sub(r"\$\{id:(\d+)\}", lambda match: ids[int(match.group(1))], text)
    return re.sub(r"\$\{token:(\w+)\}", lambda match: _token(match.group(1)), text)


def _token(caller: str) -> str:
    given = os.environ.get(f"BACKEND_TOKEN_{caller.upper()}")
    if given:
        return given
    import jwt  # only where tokens are signed here

    claims = {**CALLERS[caller], "iat": int(time.time()), "exp": int(time.time()) + 3600, "jti": str(uuid.uuid4())}
    secret = os.environ.get("JWT_SECRET") or ENVIRONMENT.get("JWT_SECRET", "")
    return jwt.encode(claims, secret, algorithm="HS256", headers={"typ": "at+jwt"})


def faults_of(value: Any, schema: dict[str, Any], place: str = "") -> list[str]:
    """What is wrong with ``value``: the parts of JSON Schema that contracts of this kind use."""
    if "$ref" in schema:
        return faults_of(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], place)
    found = [fault for part in schema.get("allOf", []) for fault in faults_of(value, part, place)]
    for key in ("anyOf", "oneOf"):
        if key in schema and all(faults_of(value, part, place) for part in schema[key]):
            found.append(f"{place}: {value!r} is none of the alternatives")
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    wanted = schema.get("type", [])
    numbers = {"integer": isinstance(value, int), "number": isinstance(value, int | float)}
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if kinds and not any(
        (numbers[kind] and not isinstance(value, bool)) if kind in numbers else isinstance(value, types[kind])
        for kind in kinds
    ):
        return [*found, f"{place}: {value!r} is no {' or '.join(kinds)}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is none of {schema['enum']}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, str) and schema.get("format") == "uuid" and not re.fullmatch(r"[0-9a-fA-F-]{36}", value):
        found.append(f"{place}: {value!r} is no UUID")
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        found.append(f"{place}: longer than {schema['maxLength']}")
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        found += [f"{place}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, part in value.items():
            if name in fields:
                found += faults_of(part, fields[name], f"{place}/{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{place}: {name} is not in the contract")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, part in enumerate(value):
            found += faults_of(part, schema["items"], f"{place}/{number}")
    return found
