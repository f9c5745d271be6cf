"""What a kind of change is: its effect, its level in each direction, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge.api_diff.change import Level


class Effect(StrEnum):
    """What a change does to the set of values (or ways) that the contract admits."""

    NARROWS = "narrows"
    WIDENS = "widens"
    DIFFERS = "differs"
    """Neither set is known to contain the other."""
    NONE = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """One kind of change. ``fact`` says what happened, with ``{it}``, ``{old}`` and ``{new}``."""

    what: str
    kind: str
    effect: Effect
    inverse: str
    """What the change is called when it is undone."""
    request: Level
    response: Level
    fact: str
    request_advice: str = ""
    response_advice: str = ""


def parse_sorts(text: str) -> dict[str, Sort]:
    """One sort a paragraph; the first line is ``what | kind | effect | inverse | request level | response level``."""
    found = {}
    for paragraph in text.strip().split("\n\n"):
        head, fact, *advice = paragraph.split("\n")
        what, kind, effect, inverse, request, response = (part.strip() for part in head.split("|"))
        advices = dict(line.split(": ", 1) for line in advice)
        either = advices.get("any", "")
        found[what] = Sort(
            what,
            kind,
            Effect(effect),
            inverse or what,
            Level(request),
            Level(response),
            fact,
            advices.get("request", either),
            advices.get("response", either),
        )
    return found


ADVICE: Mapping[tuple[Effect, Level, bool], str] = {
    (Effect.NARROWS, Level.BREAKING, True): "Requests outside of that are rejected now: change what you send first.",
    (Effect.NARROWS, Level.RISKY, True): "Requests outside of that may be rejected now: look at what you send.",
    (Effect.NARROWS, Level.SAFE, True): "What clients of the old contract send is still accepted.",
    (Effect.WIDENS, Level.BREAKING, True): "Clients that counted on the old form fail: change them first.",
    (Effect.WIDENS, Level.RISKY, True): "Look whether your requests count on it.",
    (Effect.WIDENS, Level.SAFE, True): "What was accepted still is: nothing to do.",
    (Effect.NARROWS, Level.BREAKING, False): "Clients that read it no longer find it: stop relying on it first.",
    (Effect.NARROWS, Level.RISKY, False): "Clients that read it may no longer find it: look whether you do.",
    (Effect.NARROWS, Level.SAFE, False): "Every answer of now was possible before: nothing to do.",
    (Effect.WIDENS, Level.BREAKING, False): "Clients may get answers that the old contract ruled out: "
    "handle them first.",
    (Effect.WIDENS, Level.RISKY, False): "Clients that judge answers strictly may refuse the new ones: "
    "look whether yours do.",
    (Effect.WIDENS, Level.SAFE, False): "Clients may ignore it: nothing to do.",
    (Effect.DIFFERS, Level.BREAKING, True): "Requests built for the old contract are rejected or misunderstood: "
    "change what you send first.",
    (Effect.DIFFERS, Level.RISKY, True): "Requests built for the old contract may be rejected: look at what you send.",
    (Effect.DIFFERS, Level.SAFE, True): "Nothing to do.",
    (Effect.DIFFERS, Level.BREAKING, False): "Clients cannot read answers as they did: change how you read them first.",
    (Effect.DIFFERS, Level.RISKY, False): "Clients may read something else than they expect: look at how you read it.",
    (Effect.DIFFERS, Level.SAFE, False): "Nothing to do.",
}
"""What to do, by effect, level and whether it is a request, where a sort says nothing of its own."""
