"""The fuzz itself: deal, send, judge, minimise what failed, and say what was tried."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from backend.exercise.calls import document
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer, Call, Exchange, Failure, TargetGone
from backend.exercise.fuzz.case import Case, Wish
from backend.exercise.fuzz.deck import Card, deck, shuffled
from backend.exercise.fuzz.drafts import Drafter
from backend.exercise.fuzz.judge import REQUEST_ID, Found, Habits, is_envelope, judge
from backend.exercise.fuzz.minimise import minimise
from backend.exercise.subject import Subject
from backend.exercise.values.valid import NotMade

MOST_ENDS = 5
"""Times that the backend may end before the fuzz gives up."""

SLOW_AGAIN = 2
"""Repetitions that have to be slow as well."""

Clock = Callable[[], float]


@dataclass
class FuzzResult:
    """What was tried and what failed."""

    cases: int = 0
    seconds: float = 0.0
    """Of the whole run, minimising included."""
    failures: list[Failure] = field(default_factory=list)
    """One for each check and operation, minimised."""
    times: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each (check, operation) failed."""
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Answers by operation and status."""
    unreached: dict[str, str] = field(default_factory=dict)
    """Operations of which no request could be made that should succeed, with the reason."""
    complete: bool = True
    """Whether all cases of the budget were tried within its seconds."""
    ends: int = 0
    """Times that the backend's process ended."""


async def fuzz(
    subject: Subject, *, only: Collection[Operation] | None = None, clock: Clock = time.monotonic
) -> FuzzResult:
    """Try as many cases as the budget allows, in turn for all operations; the same seed deals the same cases.

    Args:
        subject: the backend under test.
        only: the operations that are tried; the others only make the rows.
        clock: seconds, for the budget.

    Raises:
        TargetGone: the backend does not start again.
    """
    return await _Run(subject, clock).run(subject.contract.operations if only is None else only)


class _Run:
    def __init__(self, subject: Subject, clock: Clock) -> None:
        self._subject, self._clock = subject, clock
        self._began = clock()
        self._habits = Habits()
        self._result = FuzzResult()
        self._first: Exchange | None = None

    async def run(self, operations: Collection[Operation]) -> FuzzResult:
        """Everything."""
        result, budget = self._result, self._subject.budget
        self._habits = await self._learn()
        hands = [await self._hand(operation) for operation in operations]
        number = 0
        while hands and result.cases < budget.cases:
            for hand in hands:
                if result.cases >= budget.cases:
                    break
                if self._clock() - self._began > budget.seconds or result.ends > MOST_ENDS:
                    result.complete = False
                    break
                number += 1
                await self._one(hand, number)
            if not result.complete:
                break
        result.seconds = self._clock() - self._began
        return result

    async def _learn(self) -> Habits:
        """What the backend does on every answer: promised by a blueprint, else seen on two answers."""
        subject = self._subject
        slow = subject.budget.slow_seconds
        if subject.blueprint is not None:
            return Habits(envelope=True, request_id=True, strict_query=True, slow_seconds=slow)
        unknown = await self._send(Call("GET", "/no-such-path-of-this-backend", subject.everyday.headers))
        if unknown is None:
            return Habits(slow_seconds=slow)
        return Habits(
            envelope=is_envelope(document(unknown)), request_id=REQUEST_ID in unknown.headers, slow_seconds=slow
        )

    async def _hand(self, operation: Operation) -> _Hand:
        drafter = Drafter(self._subject, operation)
        try:
            await drafter.prepare()
        except TargetGone as gone:
            drafter.unreached = str(gone)
            await self._gone(operation, None, gone)
        if drafter.unreached:
            self._result.unreached[operation.label] = drafter.unreached
        blueprint = self._subject.blueprint
        strict = self._habits.strict_query and blueprint is not None and operation.path.startswith(blueprint.prefix)
        cards = deck(self._subject.contract, operation, strict)
        return _Hand(operation, drafter, cards, self._subject.seed)

    async def _one(self, hand: _Hand, number: int) -> None:
        random = Random(f"{self._subject.seed} {number} {hand.operation.label}")
        card = next(hand.cards)
        try:
            draft = await hand.drafter.draft(random, odd=card.odd)
            case = card.change(draft, random)
        except NotMade as error:
            self._result.unreached.setdefault(hand.operation.label, str(error))
            self._result.cases += 1
            return
        except TargetGone as gone:
            self._result.cases += 1
            await self._gone(hand.operation, None, gone)
            return
        if case is None:
            return
        case = replace(case, about=card.about)
        if hand.drafter.unreached and case.wish in (Wish.ACCEPT, Wish.ABSENT):
            case = replace(case, wish=Wish.EITHER)
        self._result.cases += 1
        exchange = await self._exchange(case)
        if exchange is None:
            return
        self._result.statuses[hand.operation.label, exchange.answer.status] += 1
        for found in judge(self._subject.contract, self._habits, case, exchange.call, exchange.answer):
            await self._failed(case, exchange, found)

    async def _failed(self, case: Case, exchange: Exchange, found: Found) -> None:
        """Count a failure; the first of its kind is repeated and made smaller."""
        label = case.operation.label
        if found.check == "fuzz.slow" and not await self._slow_again(case):
            return
        self._result.times[found.check, label] += 1
        if self._result.times[found.check, label] > 1:
            return
        message = found.message

        async def fails(candidate: Case) -> Exchange | None:
            nonlocal message
            tried = await self._exchange(candidate)
            if tried is None or not _same_kind(tried.answer, exchange.answer):
                return None
            for each in judge(self._subject.contract, self._habits, candidate, tried.call, tried.answer):
                if each.check == found.check:
                    message = each.message
                    return tried
            return None

        smaller = exchange
        if found.check != "fuzz.slow":
            _, smaller = await minimise(case, exchange, self._subject.contract.schemas, fails, self._subject.seed)
        before = (self._first,) if case.twice and self._first is not None else ()
        exchanges = (*self._subject.world.history(smaller.call, smaller.answer), *before, smaller)
        self._result.failures.append(Failure(found.check, label, message, exchanges, self._subject.seed))

    async def _exchange(self, case: Case) -> Exchange | None:
        call = case.call()
        if case.twice:
            first = await self._send(call, case.operation)
            self._first = Exchange(call, first) if first is not None else None
        answer = await self._send(call, case.operation)
        if answer is None:
            return None
        if case.operation.method == "POST":
            self._subject.world.remember(call, answer)
        return Exchange(call, answer)

    async def _slow_again(self, case: Case) -> bool:
        for _ in range(SLOW_AGAIN):
            answer = await self._send(case.call(), case.operation)
            if answer is not None and answer.seconds <= self._habits.slow_seconds:
                return False
        return True

    async def _send(self, call: Call, operation: Operation | None = None) -> Answer | None:
        """The answer; ``None`` where the backend ended, which has then been noted and the backend started again."""
        try:
            return await self._subject.target.call(call)
        except TargetGone as gone:
            await self._gone(operation, call, gone)
            return None

    async def _gone(self, operation: Operation | None, call: Call | None, gone: TargetGone) -> None:
        self._result.ends += 1
        label = operation.label if operation is not None else "start"
        self._result.times["fuzz.process-ended", label] += 1
        if self._result.times["fuzz.process-ended", label] == 1:
            exchanges: tuple[Exchange, ...] = ()
            if call is not None:
                exchanges = (*self._subject.world.history(call), Exchange(call, Answer(0, crash=str(gone))))
            failure = Failure("fuzz.process-ended", label, str(gone), exchanges, self._subject.seed)
            self._result.failures.append(failure)
        restart = getattr(self._subject.target, "restart", None)
        if restart is None:
            raise gone
        await restart()
        self._subject.world.forget()


class _Hand:
    """The cards of an operation, shuffled anew each time they are through."""

    def __init__(self, operation: Operation, drafter: Drafter, cards: list[Card], seed: int) -> None:
        self.operation, self.drafter = operation, drafter
        self.cards = self._deal(cards, Random(f"{seed} deck {operation.label}"))

    @staticmethod
    def _deal(cards: list[Card], random: Random) -> Iterator[Card]:
        while True:
            yield from shuffled(cards, random)


def _same_kind(one: Answer, other: Answer) -> bool:
    """Whether two answers are of the same class: a minimised 500 must not have become a 404."""
    return one.status // 100 == other.status // 100
