"""Requests and answers of the lawful sample, and the faults that are planted in it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

BUGS = frozenset(filter(None, os.environ.get("LAWFUL_BUGS", "").split(",")))
RATE = int(os.environ.get("LAWFUL_RATE", "0"))
SECRET = os.environ.get("LAWFUL_SECRET", "")
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    412: "PRECONDITION_FAILED",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    428: "PRECONDITION_REQUIRED",
    429: "RATE_LIMITED",
    500: "INTERNAL_ERROR",
}
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, field: str = "", code: str = "", **headers: str) -> None:
        self.status, self.message, self.code = status, message, code or CODES[status]
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.details = [{"field": field, "code": "invalid", "message": message}] if field else []


@dataclass
class Said:
    """An answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request, and who sent it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    subject: str = ""
    tenant: str = ""
    roles: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """The body, a JSON object."""
        if self.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Refused(415, "JSON is wanted")
        try:
            found = json.loads(self.raw)
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(found, dict):
            raise Refused(422, "an object is wanted", "body")
        return found
