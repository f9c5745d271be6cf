"""N+1: one query for a list, then one more for each of its rows.

What tells it: in one session, the same statement many times, one value changing, with little time between,
begun right after another query. The same statement with the same values is told apart: it is asked for
again, not asked for each row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.query_log.fingerprint import fingerprint, values_of
from knowledge.query_log.model import LoggedQuery, QueryLog

LEAST_RUN = 4
"""Executions from which a run is told."""
LONGEST_GAP = 1.0
"""Seconds between two executions of a run at the most, where the log has times: a loop does not think."""
MOST_BETWEEN = 8
"""Other queries between two executions of a run: what the loop asks beside."""
READS = ("select", "with", "values")


@dataclass(frozen=True)
class Run:
    """The executions of one statement that one query could have made."""

    queries: tuple[LoggedQuery, ...]
    varying: int
    """Which of its values changes, from 0; -1: none, the same question again and again."""
    values: tuple[str, ...]
    """What it changed to, in order."""
    parent: LoggedQuery | None
    """The query right before, whose rows are likely the loop's."""

    @property
    def wasted(self) -> int:
        """Round trips that one query would save."""
        return len(self.queries) - 1

    @property
    def milliseconds(self) -> float:
        """What they took together, as far as the log says."""
        return sum(query.milliseconds or 0.0 for query in self.queries)


def runs(log: QueryLog) -> list[Run]:
    """The runs of a log, the most wasteful first."""
    found = [run for session in _sessions(log.queries) for run in _of_session(session)]
    return sorted(found, key=lambda run: (-run.wasted, run.queries[0].line))


def _sessions(queries: Sequence[LoggedQuery]) -> Iterator[list[LoggedQuery]]:
    by_session: defaultdict[str, list[LoggedQuery]] = defaultdict(list)
    for query in queries:
        by_session[query.session].append(query)
    yield from by_session.values()


def _of_session(queries: Sequence[LoggedQuery]) -> Iterator[Run]:
    prints = [fingerprint(query.sql) for query in queries]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(prints):
        if text.startswith(READS):
            places[text].append(place)
    for text, occurrences in places.items():
        for group in _together(occurrences, queries):
            yield from _run(group, queries, prints, text)


def _together(places: Sequence[int], queries: Sequence[LoggedQuery]) -> Iterator[list[int]]:
    """The executions of one statement, parted where the loop must have ended."""
    group = [places[0]]
    for before, place in pairwise(places):
        if not _close(queries[before], queries[place], place - before):
            yield group
            group = []
        group.append(place)
    yield group


def _close(before: LoggedQuery, after: LoggedQuery, distance: int) -> bool:
    if distance - 1 > MOST_BETWEEN:
        return False
    if before.transaction and after.transaction and before.transaction != after.transaction:
        return False
    return before.at is None or after.at is None or 0 <= after.at - before.at <= LONGEST_GAP


def _run(group: Sequence[int], queries: Sequence[LoggedQuery], prints: Sequence[str], text: str) -> Iterator[Run]:
    if len(group) < LEAST_RUN:
        return
    asked = [arguments(queries[place]) for place in group]
    width = {len(each) for each in asked}
    if len(width) != 1:
        return
    varying = [number for number in range(width.pop()) if len({each[number] for each in asked}) > 1]
    members = tuple(queries[place] for place in group)
    parent = next((queries[place] for place in range(group[0] - 1, -1, -1) if prints[place] != text), None)
    if len(varying) == 1:
        values = tuple(each[varying[0]] for each in asked)
        if len(set(values)) >= LEAST_RUN - 1:
            yield Run(members, varying[0], values, parent)
    elif not varying:
        yield Run(members, -1, (), parent)


def arguments(query: LoggedQuery) -> tuple[str, ...]:
    """The values of one execution in the order they stand in the text: parameters where placeholders are."""
    written = [value.text for value in values_of(query.sql)]
    if not query.parameters:
        return tuple(written)
    rest = iter(query.parameters)
    found = []
    for text in written:
        if text[0] == "$" and text[1:].isdigit():
            number = int(text[1:]) - 1
            found.append(query.parameters[number] if number < len(query.parameters) else text)
        elif text[0] in "?%:@":
            found.append(next(rest, text))
        else:
            found.append(text)
    return tuple(found)
