"""Every error, whoever raised it, in the one envelope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from .cache_control import NO_STORE
from .errors import AppError, BadRequestError, Detail, NotFoundError, PayloadTooLargeError, ValidationError
from .integrity import conflict_of
from .serialization import to_json

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

NOT_LEFT_OUT = "none_required"
"""What Pydantic says besides of a wrong value that could have been left out."""

KEY = ("header", "Idempotency-Key")

CODES = {
    400: "BAD_REQUEST",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def error_response(error: AppError) -> Response:
    """``{error: {code, message, details}}`` with the error's status and headers."""
    body = to_json({"error": {"code": error.code, "message": error.message, "details": error.details}})
    headers = {"Cache-Control": NO_STORE, **error.headers}
    return Response(body, error.status, headers, "application/json")


def internal_error() -> AppError:
    """What the client hears of anything unexpected."""
    return AppError("INTERNAL_ERROR", "Something went wrong", 500)


def install_error_handlers(app: FastAPI) -> None:
    """Answer the framework's own errors, and the database's constraints, like the application's."""

    @app.exception_handler(AppError)
    async def on_app_error(_request: Request, error: AppError) -> Response:
        return error_response(error)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        return error_response(_of_framework(request, error))

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
        return error_response(_of_validation(request, error.errors()))

    @app.exception_handler(IntegrityError)
    async def on_integrity_error(_request: Request, error: IntegrityError) -> Response:
        return error_response(conflict_of(error))


def _of_framework(request: Request, error: HTTPException) -> AppError:
    if error.status_code == 404:
        return NotFoundError()
    if error.status_code == 413:
        return PayloadTooLargeError(request.app.state.services.settings.max_body_bytes)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    code = CODES.get(error.status_code, "HTTP_ERROR")
    return AppError(code, str(error.detail), error.status_code, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Every method this path takes: the router itself names only those of the first route that matches."""
    return [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


def _of_validation(request: Request, problems: Sequence[Any]) -> AppError:
    if any(problem["type"] == "json_invalid" for problem in problems):
        return BadRequestError("The body is not valid JSON")
    if any(problem["type"] == "missing" and problem["loc"] == KEY for problem in problems):
        return BadRequestError("Send an Idempotency-Key with this request", "IDEMPOTENCY_KEY_REQUIRED")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if problems[0]["loc"] == ("body",) and content_type not in ("", "application/json"):
        return AppError("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json", 415)
    return ValidationError([_detail(problem) for problem in problems if problem["type"] != NOT_LEFT_OUT])


def _detail(problem: Any) -> Detail:
    # What follows the name of a parameter is a branch of its type.
    place = problem["loc"] if problem["loc"][0] == "body" else problem["loc"][:2]
    return {
        "field": ".".join(str(part) for part in place),
        "code": problem["type"],
        "message": problem["msg"].removeprefix("Value error, "),
    }
