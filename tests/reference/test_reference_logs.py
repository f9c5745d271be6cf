"""Logs are JSON, a line each, and hold no secret."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from platform_tokens import token

from backend.reference.logs import JsonFormatter, configure_logging


def line(message: str, *arguments: object, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("app", logging.INFO, __file__, 1, message, arguments, None)
    record.__dict__.update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_line_has_its_fields() -> None:
    found = line("request %s", "done", request_id="r1", status=200)
    assert found.pop("time").endswith("Z")
    assert found == {"level": "info", "logger": "app", "message": "request done", "request_id": "r1", "status": 200}


def test_a_value_cannot_forge_a_line() -> None:
    assert line('x\n{"level":"error"}')["message"] == 'x\n{"level":"error"}'


@pytest.mark.parametrize("name", ["authorization", "Cookie", "db_password", "api_key", "access_token", "jwt_secret"])
def test_fields_with_the_name_of_a_secret_are_struck_out(name: str) -> None:
    assert line("x", **{name: "hunter2"})[name] == "[redacted]"


@pytest.mark.parametrize(
    "message",
    [
        f"header Authorization: Bearer {token()}",
        "Bearer s3cr3t-value",
        "postgresql+asyncpg://app:hunter2@db/app refused",
        "redis://:hunter2@cache:6379 refused",
        "GET /reset?token=hunter2&x=1",
        "password=hunter2",
    ],
)
def test_what_looks_like_a_secret_is_struck_out_of_texts(message: str) -> None:
    shown = line(message)["message"]
    assert "[redacted]" in shown
    assert not any(secret in shown for secret in ("hunter2", "s3cr3t", "eyJ"))


def test_a_traceback_is_one_field_without_its_secrets() -> None:
    try:
        raise RuntimeError("cannot reach postgresql://app:hunter2@db/app")
    except RuntimeError:
        record = logging.LogRecord("app", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    found = json.loads(JsonFormatter().format(record))
    assert "RuntimeError: cannot reach postgresql://[redacted]@db/app" in found["exception"]


def test_everything_goes_through_the_formatter(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logging("warning")
        logging.getLogger("uvicorn.error").warning("password=hunter2")
        logging.getLogger("anything").info("not logged")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    (written,) = capsys.readouterr().err.splitlines()
    assert json.loads(written)["message"] == "password=[redacted]"
