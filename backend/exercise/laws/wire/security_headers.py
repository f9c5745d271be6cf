"""``law.security-headers``."""

from __future__ import annotations

import re

from backend.exercise.exchange import Exchange
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial
from backend.exercise.laws.wire._kinds import Given, every_kind

PROMISED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-site",
}
"""By the wire contract; of other backends the first is demanded, and the others once any answer has them."""

TELLING = re.compile(r"\d")
"""Versions in ``Server`` and ``X-Powered-By``."""


async def check(trial: Trial) -> None:
    """Collect an answer of every kind and look at the headers of each."""
    found = [given async for given in every_kind(trial)]
    promised = trial.subject.blueprint is not None
    present = {name for given in found for name in PROMISED if name in given.answer.headers}
    demanded = set(PROMISED) if promised else {"x-content-type-options", *present}
    for given in found:
        async with trial.about(given.label):
            _judge(trial, given, sorted(demanded), promised)


def _judge(trial: Trial, given: Given, demanded: list[str], promised: bool) -> None:
    headers, shown = given.answer.headers, Exchange(given.call, given.answer)
    for name in demanded:
        value = headers.get(name)
        sound = value == PROMISED[name] if promised or name == "x-content-type-options" else value is not None
        if not sound:
            trial.fail(f"{given.about} is answered ({given.answer.status}) with {name}: {value}", shown)
    for name in ("server", "x-powered-by"):
        if TELLING.search(headers.get(name, "")):
            trial.fail(f"{given.about} is answered with {name}: {headers[name]}, which tells a version", shown)


LAW = Law(
    id="law.security-headers",
    claim="Every answer, errors too, carries the headers that keep browsers from guessing, framing and telling.",
    applies="all operations, and what the framework answers itself",
    why="An error page without nosniff is where uploaded text is run as a script.",
    source="OWASP REST Security Cheat Sheet, security headers; wire contract v1",
    check=check,
)
