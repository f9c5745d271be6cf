"""Two schemas compared: without recursion, each pair once, a schema that contains itself taken as equal there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from knowledge.api_diff.canon import Canon
from knowledge.api_diff.catalogue import SORTS
from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.inheritance import compare_kinds
from knowledge.api_diff.likeness import pair_up
from knowledge.api_diff.limits import limit_changes, shown_values, type_change, value_changes
from knowledge.api_diff.members import array_members, compare_lists, object_members
from knowledge.api_diff.notes import note_changes
from knowledge.api_diff.overlap import overlapping
from knowledge.api_diff.records import Emit, Record, Unit, View, record
from knowledge.api_diff.sameness import Sameness
from knowledge.api_diff.shape import Both, Branch, Shape
from knowledge.api_diff.sorts import Effect
from knowledge.api_diff.source import Place
from knowledge.api_diff.spot import Pair, Spot

MOST_PROBES = 300
"""Pairs that a probe, with those within it, looks at before it answers that the schemas differ."""
MOST_IN_ALL = 30_000
"""Pairs that all probes of a comparison look at, themselves counted; later ones answer that the schemas differ."""
MOST_PROBING = 20
"""Probes within probes."""
UNKNOWN = (Effect.DIFFERS, -1)
ANYTHING = "anything"


@dataclass(slots=True)
class Probe:
    """What bounds a comparison that only asks for an effect."""

    left: int
    active: frozenset[tuple[int, int, Direction]]
    """What is being asked: asked again within, it is taken as equal."""


class Schemas:
    """Comparisons of schemas of two documents; what was compared once is not compared again."""

    def __init__(
        self, old: Canon, new: Canon, emit: Emit, sameness: Sameness, today: date, probe: Probe | None = None
    ) -> None:
        self.old, self.new, self._emit, self.today = old, new, emit, today
        self._sameness = sameness
        self._probe = probe
        self._left_for_probes = MOST_IN_ALL
        self._seen: set[tuple[int, int, View]] = set()
        self._units: dict[tuple[int, int, View], Unit] = {}
        self._waiting: list[Pair] = []
        self._probed: dict[tuple[int, int, Direction], tuple[Effect, int]] = {}

    def compare(self, old: Place, new: Place, view: View, unit: Unit, path: str = "") -> None:
        """Emit what differs between the schemas at two places."""
        self.later(Pair(old, new, view, unit, path))
        while self._waiting:
            pair = self._waiting.pop()
            if self._sameness.same(pair.old.value, pair.new.value):
                continue
            if self._probe is not None:
                self._probe.left -= 1
                if self._probe.left < 0:
                    self._waiting.clear()
                    return
            self._enter(pair)

    def later(self, pair: Pair) -> None:
        """Compare ``pair`` before :meth:`compare` returns."""
        self._waiting.append(pair)

    def say(
        self,
        what: str,
        spot: Spot,
        was: str = "",
        now: str = "",
        *,
        level: Level | None = None,
        it: str = "",
        advice: str = "",
    ) -> None:
        """Emit one change."""
        sort = SORTS[what]
        self._emit(
            record(
                sort, spot.view, spot.unit, spot.path, spot.old, spot.new, was=was, now=now, level=level, it=it,
                advice=advice,
            )
        )  # fmt: skip

    def probe(self, old: Place, new: Place, view: View) -> tuple[Effect, int]:
        """What all the changes between two schemas do together, and how many there are; -1 if that took too long."""
        fresh = isinstance(old.value, Both) or isinstance(new.value, Both)
        key = None if fresh else (id(old.value), id(new.value), view.direction)
        return self._probing(key, lambda inner: inner.compare(old, new, view, Unit("")))

    def probe_branches(self, old: Branch, new: Branch, view: View) -> tuple[Effect, int]:
        """Like :meth:`probe`, of two alternatives."""

        def work(inner: Schemas) -> None:
            inner.branches(old, new, Spot(view, Unit(""), "", (), ()))
            inner.finish()

        return self._probing((id(old), id(new), view.direction), work)

    def _probing(self, key: tuple[int, int, Direction] | None, work: Callable[[Schemas], None]) -> tuple[Effect, int]:
        """The outcome of ``work`` on a comparison of its own; known ones by ``key``."""
        if key is not None and key in self._probed:
            return self._probed[key]
        outer = self._probe
        active = outer.active if outer is not None else frozenset()
        if key in active:
            return Effect.NONE, 0
        left = min(MOST_PROBES, self._left_for_probes) if outer is None else outer.left
        if left <= 0 or len(active) >= MOST_PROBING:
            return UNKNOWN
        seen: list[Record] = []
        probe = Probe(left, active | ({key} if key is not None else set()))
        work(Schemas(self.old, self.new, seen.append, self._sameness, self.today, probe))
        used = 1 + left - max(0, probe.left)
        if outer is None:
            self._left_for_probes -= used
        else:
            outer.left -= used
        if probe.left < 0:
            return UNKNOWN
        found = together(seen)
        if key is not None:
            self._probed[key] = found
        return found

    def finish(self) -> None:
        """Compare what still waits."""
        if self._waiting:
            pair = self._waiting.pop()
            self.compare(pair.old, pair.new, pair.view, pair.unit, pair.path)

    def _enter(self, pair: Pair) -> None:
        old, new, unit, path = pair.old, pair.new, pair.unit, pair.path
        first, second = self.old.source.follow(old), self.new.source.follow(new)
        named = (first.component if first is not old else "") or (second.component if second is not new else "")
        key = (id(first.value), id(second.value), pair.view)
        if named and not (_beside(old) or _beside(new)):
            known = self._units.get(key)
            if known is not None:
                known.used_by(unit)
                return
            inner = self._units[key] = Unit(named)
            inner.used_by(unit)
            unit, path, old, new = inner, "", first, second
        elif key in self._seen and not (_beside(old) or _beside(new)):
            return
        else:
            self._seen.add(key)
        spot = Spot(pair.view, unit, path, old.pointer, new.pointer)
        self._shapes(self.old.shape(old), self.new.shape(new), spot)
        compare_kinds(self, old, new, spot)

    def refer(self, pair: Pair) -> None:
        """Compare two components that nothing refers to by a reference, as if something did."""
        key = (id(pair.old.value), id(pair.new.value), pair.view)
        known = self._units.get(key)
        if known is not None:
            known.used_by(pair.unit)
            return
        unit = self._units[key] = Unit(pair.new.component)
        unit.used_by(pair.unit)
        self.later(Pair(pair.old, pair.new, pair.view, unit, pair.path))

    def _shapes(self, old: Shape, new: Shape, spot: Spot) -> None:
        if old is new:
            return
        note_changes(self, old, new, spot)
        if old.trivial and new.trivial:
            return
        ones, others = _values(old), _values(new)
        self._null(old, new, spot)
        pairs, gone, come = pair_up(ones, others, lambda one, other: self.probe_branches(one, other, spot.view)[1] == 0)
        if old.exclusive or new.exclusive:
            self._exclusive(old, new, spot, pairs, len(gone) + len(come))
        if len(gone) == 1 and len(come) == 1 and not pairs:
            self.branches(gone[0], come[0], spot)
            return
        alone = len(ones) == 1 and len(others) == 1
        for one, other in pairs:
            self.branches(one, other, spot, alone=alone)
        self._unpaired(gone, come, ones, others, spot)

    def _null(self, old: Shape, new: Shape, spot: Spot) -> None:
        """Null, unless one side admits anything: then the type says it."""
        if any(branch.kind == "any" for branch in (*old.branches, *new.branches)):
            return
        before, after = (any(branch.kind == "null" for branch in shape.branches) for shape in (old, new))
        if before != after:
            self.say("null-forbidden" if before else "null-allowed", spot)

    def _exclusive(self, old: Shape, new: Shape, spot: Spot, pairs: list[tuple[Branch, Branch]], unpaired: int) -> None:
        """``oneOf`` and ``anyOf`` are the same where no value fits two alternatives."""
        shapes = ((self.old, old), (self.new, new))
        is_rewritten = old.exclusive != new.exclusive and len(pairs) > 1
        if not any(shape.exclusive and overlapping(canon, shape, is_rewritten) for canon, shape in shapes):
            return
        if is_rewritten:
            self.say("exclusive-removed" if old.exclusive else "exclusive-added", spot)
        elif (
            old.exclusive != new.exclusive
            or unpaired
            or any(self._surely_changed(one, other, spot.view) for one, other in pairs)
        ):
            self.say("overlap-changed", spot)

    def _surely_changed(self, old: Branch, new: Branch, view: View) -> bool:
        effect, count = self.probe_branches(old, new, view)
        return bool(effect) and count > 0

    def _unpaired(
        self, gone: list[Branch], come: list[Branch], ones: list[Branch], others: list[Branch], spot: Spot
    ) -> None:
        """Alternatives without a counterpart, unless another one admits all they do."""
        for one in gone:
            if not any(self._covers(other, one, spot.view, old=False) for other in others):
                simple = one.bare and not any(other.kind == one.kind for other in others)
                at = spot.at(spot.path, one.place.pointer, spot.new)
                self.say("type-removed" if simple else "alternative-removed", at, was=described(one))
        for other in come:
            if not any(self._covers(one, other, spot.view, old=True) for one in ones):
                simple = other.bare and not any(one.kind == other.kind for one in ones)
                at = spot.at(spot.path, spot.old, other.place.pointer)
                self.say("type-added" if simple else "alternative-added", at, now=described(other))

    def _covers(self, wide: Branch, narrow: Branch, view: View, old: bool) -> bool:
        """Whether every value of ``narrow`` is surely one of ``wide``, which is an alternative of before or of now."""
        if wide.kind == "any" and wide.bare:
            return True
        pair = (wide, narrow) if old else (narrow, wide)
        effect, count = self.probe_branches(*pair, view)
        return count == 0 or effect is (Effect.NARROWS if old else Effect.WIDENS)

    def branches(self, old: Branch, new: Branch, spot: Spot, alone: bool = True) -> None:
        """Emit what differs between two alternatives; ``alone`` are those of schemas that have no other."""
        if old is new:
            return
        name = old.place.component or new.place.component
        elsewhere = old.place.pointer != spot.old or new.place.pointer != spot.new
        if name and elsewhere:
            key = (id(old), id(new), spot.view)
            known = self._units.get(key)
            if known is not None:
                known.used_by(spot.unit)
                return
            unit = self._units[key] = Unit(name)
            unit.used_by(spot.unit)
            spot = Spot(spot.view, unit, "", old.place.pointer, new.place.pointer)
        elif not alone:
            spot = spot.at(spot.path, old.place.pointer, new.place.pointer)
        what = type_change(old, new, spot.view.area in ("parameters", "headers"))
        if what:
            self.say(what, spot, described(old), described(new))
            if what == "type-changed" or (old.kind == "any" and old.bare) or (new.kind == "any" and new.bare):
                return
        if (old.values is not None or new.values is not None) and what != "type-changed":
            for happened, was, now in value_changes(old, new):
                self.say(happened, spot, was, now)
            if (old.values is None) != (new.values is None):
                return
        for happened, was, now in limit_changes(old, new):
            self.say(happened, spot, was, now)
        object_members(self, old, new, spot)
        array_members(self, old, new, spot)
        compare_lists(self, old, new, spot)


def together(records: list[Record]) -> tuple[Effect, int]:
    """The effect of several changes; one that comes or goes without an effect makes the whole different."""
    effects = {item.sort.effect or (Effect.DIFFERS if item.sort.kind == "existence" else None) for item in records}
    effects.discard(None)
    if not effects:
        return Effect.NONE, len(records)
    only = effects.pop()
    return (Effect.DIFFERS if effects or only is None else only), len(records)


def described(branch: Branch) -> str:
    """An alternative as a sentence calls it."""
    if branch.place.component:
        return branch.place.component.rpartition("/")[2]
    if branch.kind == "any":
        return ANYTHING
    if branch.kind == "enum":
        return f"one of {shown_values(branch)}"
    title = branch.place.get("title")
    if isinstance(title, str):
        return title
    names = sorted(branch.maps.get("properties", ()))
    told = f" with {', '.join(names[:5])}" if names else ""
    bounds = [f"{name.lower()} >= {value:g}" for name, value in branch.least.items()]
    bounds += [f"{name.lower()} <= {value:g}" for name, value in branch.most.items()]
    return branch.kind + told + (f" ({', '.join(bounds)})" if bounds else "")


def _values(shape: Shape) -> list[Branch]:
    return [branch for branch in shape.branches if branch.kind != "null"]


def _beside(place: Place) -> bool:
    """Whether something stands beside a reference."""
    return isinstance(place.value, dict) and len(place.value) > 1 and "$ref" in place.value
