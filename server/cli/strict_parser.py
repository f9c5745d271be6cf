"""An argument parser that takes nothing it does not know."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from server.closest import did_you_mean

_CHOICE = re.compile(r"argument (?P<what>.+?): invalid choice: '(?P<given>[^']*)' \(choose from (?P<choices>.*)\)")
_WORD = re.compile(r"[\w-]+")


class StrictParser(argparse.ArgumentParser):
    """``ArgumentParser`` that takes no abbreviations and suggests the option that was meant."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **options})

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, or leave with exit code 2 and a message.

        Options are looked at first: the value of a misspelt one would otherwise be taken for a command.
        """
        given = list(sys.argv[1:] if args is None else args)
        strangers = _unknown_options(given, every_option(self))
        if strangers:
            self.error(_unknown(strangers, every_option(self)))
        known, unknown = self.parse_known_args(given, namespace)
        if unknown:
            self.error(_unknown(unknown, every_option(self)))
        return known

    def error(self, message: str) -> NoReturn:
        """Print ``message``, with the choice that was probably meant, and leave with exit code 2."""
        if wrong := _CHOICE.match(message):
            choices = _WORD.findall(wrong["choices"])
            message = f"there is no {wrong['what'].lower()} {wrong['given']!r}.{did_you_mean(wrong['given'], choices)} "
            message += f"Known: {', '.join(choices)}"
        print(f"{self.prog}: {message}", file=sys.stderr)
        print(f"Try '{self.prog} --help'.", file=sys.stderr)
        sys.exit(2)


def every_option(parser: argparse.ArgumentParser) -> list[str]:
    """All options of ``parser`` and of its commands."""
    found = dict.fromkeys(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= dict.fromkeys(every_option(command))
    return list(found)


def _unknown_options(arguments: Sequence[str], known: Sequence[str]) -> list[str]:
    """Long options nobody declared, up to a ``--`` that ends them."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return [item for item in options if item.startswith("--") and item.partition("=")[0] not in known]


def _unknown(arguments: Sequence[str], known: Sequence[str]) -> str:
    first = arguments[0].partition("=")[0]
    if not first.startswith("-"):
        return f"unexpected argument {first!r}"
    if first in known:
        return f"{first} is not an option of this command"
    return f"unknown option {first!r}.{did_you_mean(first, known)}"
