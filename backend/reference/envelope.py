"""The shape of every answer: ``{data, meta}`` or ``{error}``."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class NoMeta(BaseModel):
    """Nothing to say beside the data."""


class Envelope(BaseModel, Generic[T]):
    """One thing."""

    data: T
    meta: NoMeta


class PageMeta(BaseModel):
    """Where in a list of known length this page is."""

    page: int
    limit: int
    total: int


class Page(BaseModel, Generic[T]):
    """A numbered page of a list."""

    data: list[T]
    meta: PageMeta


class CursorMeta(BaseModel):
    """How to go on in a list that grows; null at its end."""

    limit: int
    next_cursor: str | None


class CursorPage(BaseModel, Generic[T]):
    """The rows that follow a cursor."""

    data: list[T]
    meta: CursorMeta


class ErrorDetail(BaseModel):
    """What is wrong with one part of the request."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """What went wrong: a stable code, a sentence, and the parts of the request concerned."""

    code: str
    message: str
    details: list[ErrorDetail]


class ErrorEnvelope(BaseModel):
    """Every answer that is not a success."""

    error: Problem


DESCRIPTIONS = {
    400: "The request cannot be understood",
    401: "No valid credentials",
    403: "The caller may not do this",
    404: "There is no such resource",
    409: "The request contradicts what is stored",
    412: "The resource has changed since",
    413: "The body is too long",
    415: "The body is not JSON",
    422: "Parts of the request are not valid",
    428: "If-Match is required",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Temporarily unavailable",
}

ANYWHERE = (429, 500, 503)
"""What any operation can answer."""


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "What If-None-Match names is still current"}}
"""What a read answers to whoever has the representation already."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation, for its documentation."""
    return {
        status: {"model": ErrorEnvelope, "description": DESCRIPTIONS[status]}
        for status in sorted({*statuses, *ANYWHERE})
    }
