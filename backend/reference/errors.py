"""Errors the application answers with. Raise them anywhere; one handler turns them into the error envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict


class Detail(TypedDict):
    """What is wrong with one part of the request."""

    field: str
    """As in ``body.title`` or ``query.limit``."""
    code: str
    message: str


class AppError(Exception):
    """An error the client may see: a stable code, a sentence for people, a status."""

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        details: Sequence[Detail] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = list(details)
        self.headers = dict(headers or {})


class BadRequestError(AppError):
    """The request cannot be understood at all."""

    def __init__(self, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(code, message, 400)


class UnauthenticatedError(AppError):
    """No valid credentials (RFC 6750 section 3)."""

    def __init__(self, message: str = "Sign in first", *, reason: str = "") -> None:
        challenge = f'Bearer error="{reason}"' if reason else "Bearer"
        super().__init__("UNAUTHENTICATED", message, 401, headers={"WWW-Authenticate": challenge})


class ForbiddenError(AppError):
    """The caller is known and may not."""

    def __init__(self, message: str = "You may not do this") -> None:
        super().__init__("FORBIDDEN", message, 403)


class NotFoundError(AppError):
    """There is no such thing, or none that the caller may know of."""

    def __init__(self, what: str = "Resource") -> None:
        super().__init__("NOT_FOUND", f"{what} not found", 404)


class ConflictError(AppError):
    """The request contradicts what is stored."""

    def __init__(self, message: str, details: Sequence[Detail] = (), code: str = "CONFLICT") -> None:
        super().__init__(code, message, 409, details)


class PreconditionFailedError(AppError):
    """The row has changed since the version that ``If-Match`` names."""

    def __init__(self) -> None:
        super().__init__("PRECONDITION_FAILED", "The resource has changed; fetch it again", 412)


class PreconditionRequiredError(AppError):
    """The request must say which version it changes (RFC 6585 section 3)."""

    def __init__(self) -> None:
        super().__init__("PRECONDITION_REQUIRED", "Send If-Match with the ETag of the version you change", 428)


class PayloadTooLargeError(AppError):
    """The body is longer than the application reads."""

    def __init__(self, limit: int) -> None:
        super().__init__("PAYLOAD_TOO_LARGE", f"The body may have at most {limit} bytes", 413)


class ValidationError(AppError):
    """Parts of the request do not fit; ``details`` says which and why."""

    def __init__(self, details: Sequence[Detail], code: str = "VALIDATION_ERROR") -> None:
        super().__init__(code, "The request is not valid", 422, details)


class RateLimitedError(AppError):
    """Too many requests; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int, headers: Mapping[str, str] | None = None) -> None:
        merged = {**(headers or {}), "Retry-After": str(retry_after)}
        super().__init__("RATE_LIMITED", "Too many requests", 429, headers=merged)


class UnavailableError(AppError):
    """A service this one needs does not answer; trying again later may help."""

    def __init__(self, message: str = "Temporarily unavailable", *, retry_after: int = 1) -> None:
        super().__init__("UNAVAILABLE", message, 503, headers={"Retry-After": str(retry_after)})


def missing_reference(field: str) -> ValidationError:
    """The error for a body that refers to something that does not exist, or that the caller may not know of."""
    return ValidationError([{"field": f"body.{field}", "code": "missing_reference", "message": "There is no such row"}])
