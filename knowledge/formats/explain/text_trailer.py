"""Reads what stands below the tree of a text plan: times, triggers, settings, planning, JIT, serialization."""

from __future__ import annotations

import re
from typing import Any

from knowledge.formats.explain.numbers import number
from knowledge.formats.explain.text_details import read_details
from knowledge.formats.explain.text_properties import read_jit
from knowledge.plan.model import Trigger

_MILLISECONDS = re.compile(r"(Planning Time|Execution Time|Total runtime): ([\d.]+) ms\Z", re.IGNORECASE)
_NAMES = {"planning time": "Planning Time", "execution time": "Execution Time", "total runtime": "Execution Time"}
_SETTING = re.compile(r"([\w.]+) = (?:'((?:[^']|'')*)'|(NULL))(?:, |\Z)")
_CALLS = re.compile(r"(?:time=([\d.]{1,30}) )?calls=(\d{1,18})\Z")
_SERIALIZATION = re.compile(r"Serialization: (?:time=([\d.]+) ms  )?output=(\d{1,18})kB  format=(\w+)\Z")

_BEGINNINGS = (
    "Planning:",
    "Planning Time: ",
    "Planning time: ",
    "Execution Time: ",
    "Execution time: ",
    "Total runtime: ",
    "Trigger ",
    "Settings: ",
    "Query Identifier: ",
    "Query Parameters: ",
    "JIT:",
    "Serialization: ",
)


class Trailer:
    """What was said beside the tree, under its JSON names."""

    def __init__(self) -> None:
        self.properties: dict[str, Any] = {}
        self.triggers: list[Trigger] = []
        self._group: dict[str, Any] | None = None
        self._group_name = ""
        self._group_column = 0

    def take(self, text: str, column: int) -> bool:
        """Take a line; whether it was one of the trailer's."""
        if self._group is not None and column > self._group_column and self._in_group(text):
            return True
        return self._time(text) or self._trigger(text) or self._opens(text, column) or self._line(text)

    def _in_group(self, text: str) -> bool:
        group = self._group
        if group is None:
            return False
        if self._group_name == "JIT":
            return read_jit(group, text)
        details = read_details("", text) if text.startswith(("Buffers:", "I/O Timings:", "Memory:")) else None
        if details is None:
            return False
        group.update(details)
        return True

    def _time(self, text: str) -> bool:
        match = _MILLISECONDS.match(text)
        value = number(match.group(2)) if match else None
        if match is None or value is None:
            return False
        self.properties[_NAMES[match.group(1).lower()]] = value
        return True

    def _trigger(self, text: str) -> bool:
        said, _, figures = text.rpartition(": ")
        match = _CALLS.match(figures) if said.startswith("Trigger") else None
        if match is None:
            return False
        said, _, relation = said.rpartition(" on ") if " on " in said else (said, "", "")
        name, _, constraint = said.removeprefix("Trigger").partition(" for constraint ")
        time = number(match.group(1) or "0")
        calls = int(match.group(2))
        self.triggers.append(Trigger(name.strip(), relation, constraint, float(time or 0), calls))
        return True

    def _opens(self, text: str, column: int) -> bool:
        serialization = _SERIALIZATION.match(text)
        if text in ("Planning:", "JIT:"):
            self._group_name = text[:-1]
            self._group = self.properties.setdefault(self._group_name, {})
        elif serialization:
            time, output, form = serialization.groups()
            self._group_name = "Serialization"
            self._group = {"Time": number(time)} if time else {}
            self._group |= {"Output Volume": int(output), "Format": form}
            self.properties["Serialization"] = self._group
        else:
            return False
        self._group_column = column
        return True

    def _line(self, text: str) -> bool:
        if text.startswith("Settings: "):
            settings = {
                name: value.replace("''", "'") for name, value, _ in _SETTING.findall(text[len("Settings: ") :])
            }
            self.properties["Settings"] = settings
            return bool(settings)
        for name in ("Query Identifier", "Query Parameters"):
            if text.startswith(name + ": "):
                value = text[len(name) + 2 :].strip()
                figure = number(value) if name == "Query Identifier" else None
                self.properties[name] = value if figure is None else figure
                return True
        return False


def begins_trailer(text: str) -> bool:
    """Whether a line is the beginning of something said below the tree."""
    return text.startswith(_BEGINNINGS)
