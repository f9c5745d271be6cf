"""What every comparison of parts of a contract needs at hand."""

from __future__ import annotations

from datetime import date

from knowledge.api_diff.canon import Canon
from knowledge.api_diff.catalogue import SORTS
from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.lifecycle import lifecycle_changes
from knowledge.api_diff.records import Record, Unit, View, record
from knowledge.api_diff.sameness import Sameness
from knowledge.api_diff.schemas import Schemas
from knowledge.api_diff.source import Place, Source


class Diffing:
    """Two documents under comparison, and what was found so far."""

    def __init__(self, old: Source, new: Source, today: date) -> None:
        self.old, self.new, self.today = old, new, today
        self.records: list[Record] = []
        self.moved: dict[str, str] = {}
        """Operations of the new document by their operationId."""
        self.schemas = Schemas(Canon(old), Canon(new), self.records.append, Sameness(old, new), today)
        self._units: dict[tuple[int, int, View], Unit] = {}

    def say(
        self,
        what: str,
        view: View,
        unit: Unit,
        old: Place,
        new: Place,
        was: str = "",
        now: str = "",
        *,
        place: str = "",
        it: str = "",
        level: Level | None = None,
        advice: str = "",
    ) -> None:
        """Note one change."""
        self.records.append(
            record(
                SORTS[what],
                view,
                unit,
                place,
                old.pointer,
                new.pointer,
                was=was,
                now=now,
                it=it,
                level=level,
                advice=advice,
            )
        )

    def shared(self, old: Place, new: Place, view: View, user: Unit) -> tuple[Unit, bool]:
        """The unit that a part belongs to, and whether it still has to be compared.

        A part that is a component (or belongs to a whole path) is compared once for all its users.
        """
        name = old.component or new.component
        if not name:
            return user, True
        key = (id(old.value), id(new.value), view)
        known = self._units.get(key)
        if known is None:
            known = self._units[key] = Unit(name)
            known.used_by(user)
            return known, True
        known.used_by(user)
        return known, False

    def lifecycle(self, view: View, unit: Unit, old: Place, new: Place, place: str = "", it: str = "") -> None:
        """Note what is announced about a part."""
        for what, was, now, level in lifecycle_changes(old.value, new.value, self.today):
            self.say(what, view, unit, old, new, was, now, place=place, it=it, level=level)


def followed(source: Source, written: Place) -> Place:
    """What a place that may be a reference stands for; ``component`` is set only where it was one."""
    place = source.follow(written)
    return place if place is not written else place.known_as("")


NEUTRAL = Direction.NONE
