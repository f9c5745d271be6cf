"""Logs for machines: one JSON object a line, on standard error, with secrets struck out."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

REDACTED = "[redacted]"

SECRET_NAMES = re.compile(r"authorization|cookie|password|passwd|secret|token|api_?key|idempotency", re.IGNORECASE)

SECRETS = re.compile(
    r"(?P<jwt>eyJ[\w-]{5,}\.[\w-]+\.[\w-]*)"
    r"|(?P<bearer>(?<=[Bb]earer )\S+)"
    r"|(?P<url>(?<=://)[^\s:/@]*:[^\s/@]+(?=@))"
    r"|(?P<pair>(?<=password=)[^\s&]+|(?<=secret=)[^\s&]+|(?<=token=)[^\s&]+)"
)
"""Signed tokens, bearer credentials, user and password in a URL, and named values."""

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """A record with its ``extra`` fields as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in STANDARD:
                line[name] = REDACTED if SECRET_NAMES.search(name) else redact(value)
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()


def redact(value: Any) -> Any:
    """``value`` with everything struck out that looks like a secret; numbers and the like as they are."""
    return SECRETS.sub(REDACTED, value) if isinstance(value, str) else value


def configure_logging(level: str) -> None:
    """Send all logs through the formatter, the server's own included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
    logging.getLogger("uvicorn.access").disabled = True
