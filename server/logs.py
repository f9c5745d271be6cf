"""Logging to stderr, every line redacted: messages, arguments and tracebacks alike."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then takes the secrets out."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines, for ``record``."""
        return self._redact(super().format(record))


class StderrHandler(logging.Handler):
    """Our handler, recognisable so that it is installed once; writes to whatever stderr is at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:
            self.handleError(record)


def configure(redact: Callable[[str], str], level: int = logging.WARNING) -> None:
    """Send logs of ``level`` and above to stderr, redacted.

    A handler of ours that is already there gets the new redactor; handlers of others stay. With a handler
    on the root logger the SDK leaves logging alone (its own would print tracebacks as they are).
    """
    root = logging.getLogger()
    handler = next((item for item in root.handlers if isinstance(item, StderrHandler)), None)
    if handler is None:
        handler = StderrHandler()
        root.addHandler(handler)
    handler.setFormatter(RedactingFormatter(redact))
    handler.setLevel(level)
    root.setLevel(level)
