"""What a caller got wrong about a tool's name or arguments, in words it can act on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from server.closest import did_you_mean

MAX_PROBLEMS = 5
MAX_VALUE = 60


def unknown_tool(name: str, known: Collection[str]) -> str:
    """The message for a tool that does not exist."""
    names = ", ".join(sorted(known)) or "none"
    return f"There is no tool {shown(name)}.{did_you_mean(name, known)} Tools: {names}."


def unknown_arguments(tool: str, given: Iterable[str], known: Collection[str]) -> str:
    """The message for arguments the tool does not take, or ``""`` if it takes them all."""
    strangers = sorted(set(given) - set(known))
    if not strangers:
        return ""
    hints = "".join(did_you_mean(name, known) for name in strangers[:MAX_PROBLEMS])
    named = ", ".join(shown(name) for name in strangers[:MAX_PROBLEMS])
    accepted = ", ".join(known) or "no arguments"
    return f"{tool}: unknown argument {named}.{hints} Accepted: {accepted}."


def invalid_arguments(tool: str, errors: Iterable[Mapping[str, Any]]) -> str:
    """Pydantic's list of errors as one short message: no links, no class names."""
    problems = [_problem(error) for error in errors]
    more = len(problems) - MAX_PROBLEMS
    tail = f"; and {more} more" if more > 0 else ""
    return f"{tool}: {'; '.join(problems[:MAX_PROBLEMS])}{tail}."


def _problem(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error.get("loc", ())) or "the arguments"
    message = str(error.get("msg", "is not valid"))
    match error.get("type"):
        case "missing":
            return f"missing argument '{place}'"
        case "extra_forbidden":
            return f"unknown argument '{place}'"
        case "value_error" | "assertion_error":
            return f"'{place}': {message.split(', ', 1)[-1]}"
    wish = message.removeprefix("Input should be ")
    wish = wish if wish != message else message[:1].lower() + message[1:]
    return f"'{place}' must be {wish}, got {shown(error.get('input'))}"


def shown(value: Any) -> str:
    """``value`` for a message: its repr on one line, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
