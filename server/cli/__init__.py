"""The ``backend-architect`` command line: the server, and the same verbs for people and CI.

Only the parser is imported at once; each command brings its own imports when it runs.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from server.cli.parser import build_parser
from server.settings import Settings, SettingsError, settings_from

ERROR, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 fine, 1 findings, 2 error, 130 interrupted."""
    options = build_parser().parse_args(list(sys.argv[1:] if argv is None else argv))
    settings = Settings()
    try:
        settings = settings_from(options)
        code: int = import_module(f"server.cli.{options.module}").run(options, settings)
        return code
    except KeyboardInterrupt:
        print("backend-architect: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return ERROR
    except SettingsError as error:
        return _fail(str(error))
    except Exception as error:
        return _fail(_explained(error, settings))


def _explained(error: Exception, settings: Settings) -> str:
    """What went wrong: a refusal in its own words, anything else with its traceback, neither with secrets."""
    from server.kit import REFUSALS, redactor_of

    known = isinstance(error, (*REFUSALS, OSError))
    text = str(error) if known else f"internal error\n{''.join(traceback.format_exception(error))}"
    return redactor_of(settings)(text)


def _fail(message: str) -> int:
    print(f"backend-architect: {message}", file=sys.stderr)
    return ERROR
