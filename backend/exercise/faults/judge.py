"""What is wrong with what clients saw during a fault and after it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from backend.exercise.exchange import Failure
from backend.exercise.faults.asking import Seen
from backend.exercise.faults.traffic import acknowledged, envelope

LEAKS = re.compile(
    rb"Traceback|File \"|asyncpg|psycopg|sqlalchemy|aiosqlite|redis\.|postgres(?:ql)?://|redis://"
    rb"|\b127\.0\.0\.1\b|Connection (?:refused|reset)|Errno",
    re.IGNORECASE,
)
"""What only the inside of a backend says: its language, its libraries, its addresses."""


def operation(seen: Seen) -> str:
    """Method and path."""
    return f"{seen.call.method} {seen.call.path}"


def failure(check: str, seen: Iterable[Seen], message: str) -> Iterator[Failure]:
    """One failure for all of ``seen``, shown by the first; nothing where there are none."""
    found = list(seen)
    if found:
        times = f" ({len(found)} times)" if len(found) > 1 else ""
        yield Failure(check, operation(found[0]), message + times, found[0].evidence)


def degraded(check: str, seen: list[Seen], longest: float) -> Iterator[Failure]:
    """While something a request needs is gone: as always, or 503 with envelope and ``Retry-After``, and soon.

    Args:
        check: the check's id.
        seen: reads and writes during the fault.
        longest: seconds that a client may be kept waiting.
    """
    answered = [each for each in seen if each.answer is not None]
    yield from leaks(seen)
    for error in ("timeout", "reset", "refused", "malformed"):
        what = f"no answer within {longest:g} s" if error == "timeout" else f"the connection ended with: {error}"
        yield from failure(check, (each for each in seen if each.error == error), f"expected 503; {what}")
    slow = [each for each in answered if each.seconds > longest]
    if slow:
        worst = max(each.seconds for each in slow)
        yield from failure(check, slow, f"expected an answer within {longest:g} s; it took up to {worst:.1f} s")
    for status in sorted({each.answer.status for each in answered if each.answer}):
        wrong = [each for each in answered if each.answer and each.answer.status == status and not each.good]
        if status >= 500 and status != 503:
            yield from failure(check, wrong, f"expected 503 with Retry-After; the answer was {status}")
        elif status < 500 and status not in (409, 429):
            yield from failure(check, wrong, f"the same request was answered well before; now it was {status}")
    yield from failure(
        check,
        (each for each in answered if _status(each) == 503 and not _retry_after(each)),
        "503 has no Retry-After header",
    )
    yield from failure(
        check,
        (each for each in answered if _status(each) == 503 and each.answer and envelope(each.answer) is None),
        "503 has no error envelope",
    )


def served(check: str, seen: list[Seen], what: str) -> Iterator[Failure]:
    """While something is gone that requests do not need: as always."""
    yield from leaks(seen)
    bad = Counter(each.outcome for each in seen if not each.good)
    for outcome in sorted(bad):
        matching = (each for each in seen if not each.good and each.outcome == outcome)
        yield from failure(check, matching, f"requests must be served without {what}; this one ended with {outcome}")


def leaks(seen: list[Seen]) -> Iterator[Failure]:
    """Bodies of errors that tell of the inside."""
    bad = [each for each in seen if each.answer and not each.good]
    found = [(each, match) for each in bad if each.answer and (match := LEAKS.search(each.answer.body))]
    if found:
        words = found[0][1].group().decode(errors="replace")
        yield from failure("fault.leak", (each for each, _ in found), f'the error tells of the inside: "{words}"')


def readiness(seen: list[Seen], fault_from: float, fault_to: float) -> Iterator[Failure]:
    """/readyz must turn to 503 while the database is gone and back to 200; /healthz must stay 200."""
    ready = [each for each in seen if each.role == "ready"]
    within = [each for each in ready if fault_from < each.began and each.ended < fault_to]
    if within and not any(_status(each) == 503 for each in within):
        yield from failure(
            "fault.readiness", within[-1:], f"expected 503 without database; it was {within[-1].outcome}"
        )
    if ready and not ready[-1].good:
        yield from failure("fault.readiness", ready[-1:], f"expected 200 after the return; it was {ready[-1].outcome}")
    yield from health(seen)


def health(seen: list[Seen]) -> Iterator[Failure]:
    """/healthz must stay 200: an orchestrator restarts what does not."""
    bad = [each for each in seen if each.role == "health" and not each.good]
    yield from failure("fault.health", bad, f"expected 200 all the time; it was {bad[0].outcome if bad else ''}")


def recovery(seen: list[Seen], returned: float, within: float) -> Iterator[Failure]:
    """After the return every request must be answered well ``within`` some seconds."""
    late = [each for each in seen if each.began > returned and each.ended > returned + within and not each.good]
    yield from failure("fault.recovery", late, f"still not served {within:g} s after the return")


def recovery_seconds(seen: list[Seen], returned: float) -> float:
    """From the return to the end of the last bad answer to a request sent after it; 0 where there was none."""
    bad = [each.ended for each in seen if each.began > returned and not each.good]
    return max(bad, default=returned) - returned


def writes(seen: list[Seen], stored: Counter[str]) -> Iterator[Failure]:
    """Each acknowledged write must be stored, and none twice."""
    told = acknowledged(seen)
    yield from failure(
        "fault.lost-write",
        (each for each in told if not stored[each.marker]),
        "the answer said that the row was created; afterwards it is not there",
    )
    sent = {each.marker: each for each in seen if each.role == "write"}
    yield from failure(
        "fault.doubled-write",
        (each for marker, each in sent.items() if stored[marker] > 1),
        "one write, sent again with its Idempotency-Key, made more than one row",
    )


def _status(seen: Seen) -> int:
    return seen.answer.status if seen.answer else 0


def _retry_after(seen: Seen) -> bool:
    """A number of seconds or a date (RFC 9110, 10.2.3)."""
    return seen.answer is not None and bool(seen.answer.headers.get("retry-after", "").strip())
