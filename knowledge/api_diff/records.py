"""Changes as they are found, before the same one found twice is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from knowledge.api_diff.change import Change, Direction, Level, Pointer
from knowledge.api_diff.sorts import ADVICE, Sort


@dataclass(eq=False, slots=True)
class Unit:
    """What is compared once and used in many places: a component, a shared parameter, an operation."""

    subject: str
    operation: str = ""
    """Of a unit that is an operation: its name."""
    users: dict[int, Unit] = field(default_factory=dict)
    """What uses it."""

    def used_by(self, user: Unit) -> None:
        """Note a use."""
        if user is not self:
            self.users[id(user)] = user


@dataclass(frozen=True, slots=True)
class View:
    """How data is looked at: what area of the contract it belongs to, and which way it travels."""

    area: str
    direction: Direction


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One change where it was found."""

    sort: Sort
    view: View
    unit: Unit
    place: str
    detail: str
    level: Level
    fact: str
    advice: str
    old: Pointer
    new: Pointer


Emit = Callable[[Record], None]


def record(
    sort: Sort,
    view: View,
    unit: Unit,
    place: str,
    old: Pointer,
    new: Pointer,
    *,
    was: str = "",
    now: str = "",
    it: str = "",
    level: Level | None = None,
    advice: str = "",
) -> Record:
    """A record with its wording; ``level`` and ``advice`` replace those of the sort."""
    asks = view.direction is not Direction.RESPONSE
    judged = level or (sort.request if asks else sort.response)
    fact = sort.fact.format(it=it or named(place, unit), old=was, new=now)
    told = sort.request_advice if asks else sort.response_advice
    said = advice or (told or ADVICE.get((sort.effect, judged, asks), "")).format(old=was, new=now)
    return Record(sort, view, unit, place, "→".join(part for part in (was, now) if part), judged, fact, said, old, new)


def named(place: str, unit: Unit) -> str:
    """What a sentence calls a place: by its path, or by the component that it is."""
    if not place:
        return f"`{unit.subject.rpartition('/')[2]}`" if "/" in unit.subject else "The value"
    return place[0].upper() + place[1:] if " " in place else f"`{place}`"


def changes_of(records: list[Record], order: Mapping[str, int]) -> tuple[Change, ...]:
    """Each change once with all its uses, the worst first, then in the order of the operations that they reach."""
    found: dict[tuple[str, ...], Record] = {}
    uses: dict[tuple[str, ...], set[str]] = {}
    users = _Users()
    for item in records:
        key = (_id(item), item.unit.subject, item.place, item.detail, item.view.direction)
        found.setdefault(key, item)
        uses.setdefault(key, set()).update(users.of(item.unit))
    made = [
        Change(
            key[0],
            item.view.area,
            item.sort.kind,
            item.view.direction,
            item.level,
            f"{item.fact} {item.advice}".strip(),
            item.unit.subject,
            item.place,
            item.detail,
            item.old,
            item.new,
            _ordered(uses[key], order),
        )
        for key, item in found.items()
    ]
    last = len(order)

    def rank(change: Change) -> tuple[int, int, str, str, str, str]:
        first = order.get(change.uses[0], last) if change.uses else last
        return change.level.rank, first, change.subject, change.place, change.id, change.detail

    return tuple(sorted(_both_ways(made, order), key=rank))


def _id(item: Record) -> str:
    return f"{_slug(item.view.area)}-{item.sort.kind}-{item.sort.what}"


def _ordered(names: Iterable[str], order: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (order.get(name, len(order)), name)))


def _slug(area: str) -> str:
    return "request-body" if area == "requestBody" else area


def _both_ways(changes: list[Change], order: Mapping[str, int]) -> list[Change]:
    """The same change of requests and of responses: one if they are judged alike; a safe side goes unsaid."""
    by_key: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        by_key.setdefault((change.id, change.subject, change.place, change.detail), []).append(change)
    made = []
    for twins in by_key.values():
        worst = min(twin.level.rank for twin in twins)
        kept = [twin for twin in twins if twin.level.rank == worst or twin.level is not Level.SAFE]
        if len(twins) == 2 and len(kept) == 2 and kept[0].level is kept[1].level:
            uses = _ordered({*kept[0].uses, *kept[1].uses}, order)
            said = kept[0].message
            if said != kept[1].message:
                said = f"In requests: {said} In responses: {kept[1].message}"
            kept = [replace(kept[0], direction=Direction.BOTH, message=said, uses=uses)]
        made += kept
    return made


class _Users:
    """The operations that units reach, found once per unit."""

    def __init__(self) -> None:
        self._found: dict[int, set[str]] = {}

    def of(self, unit: Unit) -> set[str]:
        if id(unit) not in self._found:
            seen, waiting, names = {id(unit)}, [unit], set[str]()
            while waiting:
                one = waiting.pop()
                if one.operation:
                    names.add(one.operation)
                for key, user in one.users.items():
                    if key not in seen:
                        seen.add(key)
                        waiting.append(user)
            self._found[id(unit)] = names
        return self._found[id(unit)]
