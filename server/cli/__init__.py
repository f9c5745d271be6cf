"""The ``backend-architect`` command line: the server, and the same verbs for people and CI.

Only the parser is imported at once; each command brings its own imports when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from server.cli.parser import build_parser
from server.settings import SettingsError, settings_from

OK, FINDINGS, ERROR, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 findings, 2 error, 130 interrupted."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        settings = settings_from(options)
        code: int = import_module(f"server.cli.{options.module}").run(options, settings)
        return code
    except SettingsError as error:
        print(f"backend-architect: {error}", file=sys.stderr)
        return ERROR
    except KeyboardInterrupt:
        print("backend-architect: interrupted", file=sys.stderr)
        return INTERRUPTED
