"""Requests from operations, and rows from answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from backend.exercise.callers import Caller
from backend.exercise.contract import Operation, Resource
from backend.exercise.derivation import ROW_KEYS
from backend.exercise.exchange import Answer, Call

NOTHING: Any = object()
"""As the body: none at all, where ``None`` would be JSON's ``null``."""


def build(
    operation: Operation,
    caller: Caller,
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = NOTHING,
) -> Call:
    """The request of an operation. Values are encoded, not judged.

    Args:
        operation: whose method and path template.
        caller: whose headers are sent.
        path: by the names of the template.
        query: by name; lists are repeated.
        headers: in addition to the caller's; those of the same name replace them.
        body: any JSON value (NaN and lone surrogates included), or :data:`NOTHING`.
    """
    address = operation.path
    for name, value in (path or {}).items():
        address = address.replace("{" + name + "}", segment(value))
    if query:
        pairs = [(name, part) for name, value in query.items() for part in _parts(value)]
        address += "?" + urlencode(pairs, quote_via=quote, errors="surrogatepass")
    sent = dict(caller.headers)
    if body is not NOTHING:
        sent["content-type"] = "application/json"
    for name, value in (headers or {}).items():
        for same in [each for each in sent if each.lower() == name.lower()]:
            del sent[same]
        sent[name] = value
    return Call(operation.method, address, sent, b"" if body is NOTHING else json.dumps(body).encode())


def segment(value: Any) -> str:
    """A value as one segment of a path; ``.`` and ``..`` are encoded too, which clients would otherwise resolve."""
    text = quote(_text(value), safe="", errors="surrogatepass")
    return text.replace(".", "%2E") if text.strip(".") == "" else text


def _parts(value: Any) -> list[str]:
    return [_text(each) for each in value] if isinstance(value, list | tuple) else [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | dict | list) or value is None else str(value)


def document(answer: Answer) -> Any:
    """The answer's JSON, ``None`` where it is none."""
    try:
        return answer.json()
    except ValueError:
        return None


def row(answer: Answer) -> dict[str, Any]:
    """The one row of an answer, with or without an envelope; empty where there is none."""
    found = document(answer)
    if isinstance(found, Mapping) and isinstance(found.get("data"), Mapping):
        found = found["data"]
    return dict(found) if isinstance(found, Mapping) else {}


def rows(answer: Answer) -> list[dict[str, Any]]:
    """The rows of a list's answer, with or without an envelope."""
    found = document(answer)
    if isinstance(found, Mapping):
        found = next((found[key] for key in ROW_KEYS if isinstance(found.get(key), list)), [])
    return [dict(each) for each in found if isinstance(each, Mapping)] if isinstance(found, Sequence) else []


def id_of(resource: Resource, values: Mapping[str, Any]) -> Any:
    """The id of a row, ``None`` where it has none."""
    for name in ("id", resource.id_parameter, f"{resource.name}_id", "uuid", "_id", "slug", "key"):
        if values.get(name) is not None:
            return values[name]
    return None
