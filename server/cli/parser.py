"""The options of the command line."""

from __future__ import annotations

from server.settings import StrictParser, add_options


def build_parser() -> StrictParser:
    """The parser of all commands; without a command, ``serve`` is meant."""
    parser = StrictParser(prog="backend-architect", description="Backend advice that was executed first.")
    add_options(parser)
    parser.set_defaults(module="serve")
    return parser
