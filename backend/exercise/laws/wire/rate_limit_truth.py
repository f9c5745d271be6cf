"""``law.rate-limit-truth``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from backend.exercise.calls import build
from backend.exercise.exchange import Answer, Call, Exchange
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.laws.wire._structured import Item, items

MOST = 400
"""Requests of the burst; quotas beyond are not used up, only watched falling."""

WATCHED = 5

WINDOWS = 2
"""A sliding window that is kept as two counters forgets a request by the end of the next window."""


@dataclass(frozen=True)
class Limit:
    """What an answer says of its limit."""

    remaining: int
    reset: int | None
    quota: int | None
    window: int | None


async def check(trial: Trial) -> None:
    """Use up a limit: what is left falls to nothing, then comes 429 and says when to come again."""
    operation = next((each.list for each in trial.contract.resources if each.list and "{" not in each.collection), None)
    if operation is None:
        return
    caller = trial.subject.callers.known.get("other") or trial.caller
    async with trial.about(operation):
        call = build(operation, caller)
        first = await _send(trial, call)
        if "ratelimit" not in first.headers and first.status != 429:
            raise Untested("answers have no RateLimit header: limits are switched off, or told in another way")
        await _burst(trial, call, first)


async def _send(trial: Trial, call: Call) -> Answer:
    trial.count(1)
    return await trial.subject.target.call(call)


async def _burst(trial: Trial, call: Call, answer: Answer) -> None:
    before: Limit | None = None
    start = 0
    last: Exchange | None = None
    for number in range(MOST + 1):
        shown = Exchange(call, answer)
        try:
            limit = told(answer)
        except (ValueError, LookupError) as error:
            trial.fail(f"RateLimit cannot be read as a structured field: {error}", shown)
            return
        start = limit.remaining if number == 0 else start
        if answer.status == 429:
            _refused(trial, limit, shown)
            return
        if before is not None and last is not None and _rose(before, limit):
            trial.fail(f"r was {before.remaining} and is {limit.remaining} after one more request", last, shown)
            return
        if number == WATCHED and limit.remaining >= start:
            trial.fail(f"r is {limit.remaining} before and after {WATCHED} requests", shown)
            return
        if before is not None and before.remaining == 0:
            trial.fail("r was 0, and the next request was let through", *(each for each in (last, shown) if each))
            return
        if limit.quota is not None and limit.quota > MOST and number > WATCHED:
            trial.verdict.untested["the end of the limit"] = (
                f"its quota of {limit.quota} is beyond the {MOST} requests sent"
            )
            return
        before, last = limit, shown
        answer = await _send(trial, call)
    trial.verdict.untested["the end of the limit"] = f"no 429 came within {MOST} requests"


def _rose(before: Limit, now: Limit) -> bool:
    """Whether more is left than before although no new window began; sliding windows may give one back."""
    begun = now.reset is not None and before.reset is not None and now.reset > before.reset
    return now.remaining > before.remaining and not begun


def told(answer: Answer) -> Limit:
    """What ``RateLimit`` and ``RateLimit-Policy`` say.

    Raises:
        ValueError, LookupError: they cannot be read.
    """
    (member, *_) = items(answer.headers["ratelimit"])
    policies: list[Item] = items(answer.headers["ratelimit-policy"]) if "ratelimit-policy" in answer.headers else []
    policy = next((each.parameters for each in policies if each.name == member.name), {})
    left = member.parameters["r"]
    if left < 0:
        raise ValueError(f"r is {left}")
    return Limit(left, member.parameters.get("t"), policy.get("q"), policy.get("w"))


def _refused(trial: Trial, limit: Limit, shown: Exchange) -> None:
    if limit.remaining != 0:
        trial.fail(f"429 says that {limit.remaining} requests are left", shown)
    again = shown.answer.headers.get("retry-after", "")
    if not re.fullmatch(r"\d+", again):
        try:
            parsedate_to_datetime(again)
        except ValueError:
            trial.fail(f"429 has Retry-After: {again or 'none'}, neither seconds nor a date", shown)
            return
    elif limit.window is not None and not 0 < int(again) <= WINDOWS * limit.window:
        told = f"429 has Retry-After: {again}, which is not within {WINDOWS} windows of {limit.window} s"
        trial.fail(told, shown)


LAW = Law(
    id="law.rate-limit-truth",
    claim="What is left of a limit falls with each request to 0, then comes 429 with Retry-After.",
    applies="backends with limits switched on",
    why="Clients pace themselves by these numbers; without them they run into 429 or wait for nothing.",
    source="draft-ietf-httpapi-ratelimit-headers; RFC 6585 section 4; RFC 9651",
    check=check,
    last=True,
)
