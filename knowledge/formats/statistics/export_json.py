"""Planner statistics as JSON: what the export query prints, and what we keep."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeGuard

from knowledge.formats.statistics.array_literal import ArrayError, elements
from knowledge.formats.statistics.error import StatisticsError
from knowledge.statistics import (
    BLOCK_SIZE,
    ColumnStatistics,
    DatabaseStatistics,
    ExtendedStatistics,
    RelationStatistics,
)

FORMAT = "planner statistics"
FORMAT_VERSION = 1
MAX_BYTES = 64 * 1024**2
"""Longer texts are not read."""
MAX_NOTES = 50

_KINDS = ("r", "m", "i", "p", "I", "f")
_ARRAYS = (
    "most_common_vals",
    "histogram_bounds",
    "most_common_elems",
    "range_length_histogram",
    "range_bounds_histogram",
)
_NUMBER_LISTS = ("most_common_freqs", "most_common_elem_freqs", "elem_count_histogram")
_PAIRS = (("most_common_vals", "most_common_freqs"), ("most_common_elems", "most_common_elem_freqs"))


def write_export(statistics: DatabaseStatistics) -> str:
    """The statistics as the JSON that :func:`read_export` reads; ``origin`` is not part of it."""
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "server_version_num": statistics.version * 10_000,
        "block_size": BLOCK_SIZE,
        "redacted": statistics.redacted,
        "settings": dict(statistics.settings),
        "relations": [
            _said(relation) | {"columns": [_said(column) for column in relation.columns]}
            for relation in statistics.relations
        ],
        "extended": [_said(extended) for extended in statistics.extended],
        "notes": list(statistics.notes),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _said(part: Any) -> dict[str, Any]:
    return {
        each.name: value
        for each in fields(part)
        if each.name != "columns" and (value := getattr(part, each.name)) is not None and value not in ("", ())
    }


def read_export(text: str, *, origin: str = "exported") -> DatabaseStatistics:
    """The statistics in a JSON text; parts that cannot be read are left out and named in ``notes``.

    Raises:
        StatisticsError: it is no JSON, another format, or of a server with another page size.
    """
    document = _document(text)
    notes = _Notes()
    notes.extend(note for note in _list(document, "notes", notes, "the document") if isinstance(note, str))
    relations = []
    for place, item in enumerate(_list(document, "relations", notes, "the document"), 1):
        relation = _relation(item, f"relation {place}", notes)
        if relation is not None:
            relations.append(relation)
    extended = tuple(
        each
        for place, item in enumerate(_list(document, "extended", notes, "the document"), 1)
        if (each := _extended(item, f"extended statistics {place}", notes)) is not None
    )
    if document.get("extended_unreadable") is True:
        notes.add("the role may not read the data of extended statistics (CREATE STATISTICS); a superuser may")
    settings = document.get("settings")
    version = document.get("server_version_num")
    return DatabaseStatistics(
        relations=tuple(relations),
        extended=extended,
        settings={str(name): value for name, value in settings.items() if isinstance(value, str)}
        if isinstance(settings, dict)
        else {},
        version=version // 10_000 if _is_whole(version) else 0,
        origin=origin,
        redacted=document.get("redacted") is True,
        notes=notes.said,
    )


class _Notes:
    """What could not be read, at most :data:`MAX_NOTES` lines."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._more = 0

    def add(self, note: str) -> None:
        if len(self._said) < MAX_NOTES:
            self._said.append(note)
        else:
            self._more += 1

    def extend(self, notes: Any) -> None:
        for note in notes:
            self.add(note)

    @property
    def said(self) -> tuple[str, ...]:
        return (*self._said, f"and {self._more} more of that kind") if self._more else tuple(self._said)


def _document(text: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise StatisticsError(f"the statistics are longer than {MAX_BYTES // 1024**2} MB")
    try:
        document = json.loads(text.lstrip("\ufeff"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise StatisticsError(f"the statistics are no JSON: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StatisticsError(f'this JSON is not the export: "format" must be "{FORMAT}"')
    if document.get("format_version") != FORMAT_VERSION:
        raise StatisticsError(f"this reads version {FORMAT_VERSION} of the export format")
    if document.get("block_size", BLOCK_SIZE) != BLOCK_SIZE:
        raise StatisticsError(
            f"the server has pages of {document['block_size']!r} bytes; only {BLOCK_SIZE} is supported"
        )
    return document


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _list(found: Mapping[str, Any], name: str, notes: _Notes, where: str) -> list[Any]:
    value = found.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        notes.add(f'{where}: "{name}" is no list and was left out')
        return []
    return value


def _relation(item: Any, where: str, notes: _Notes) -> RelationStatistics | None:
    if not isinstance(item, dict) or not (_is_name(item.get("schema")) and _is_name(item.get("name"))):
        notes.add(f"{where} has no schema and name and was left out")
        return None
    where = f"{item['schema']}.{item['name']}"
    pages, tuples, kind = item.get("pages"), item.get("tuples"), item.get("kind")
    if kind not in _KINDS or not _is_whole(pages) or not _is_number(tuples) or tuples < -1:
        notes.add(f"{where} has no usable kind, pages or tuples and was left out")
        return None
    columns = tuple(
        column for found in _list(item, "columns", notes, where) if (column := _column(found, where, notes)) is not None
    )
    if item.get("hidden") is True:
        notes.add(f"the role may not see the column statistics of {where}")
    elif tuples < 0 and kind in ("r", "m"):
        notes.add(f"{where} was never analysed")
    return RelationStatistics(
        schema=item["schema"],
        name=item["name"],
        kind=kind,
        pages=pages,
        tuples=float(tuples),
        relpages=_whole(item, "relpages", 0),
        all_visible=_whole(item, "all_visible", 0),
        table=item["table"] if isinstance(item.get("table"), str) else "",
        height=_whole(item, "height", -1),
        columns=columns,
    )


def _column(item: Any, table: str, notes: _Notes) -> ColumnStatistics | None:
    if not isinstance(item, dict) or not _is_name(item.get("name")):
        notes.add(f"{table}: a column has no name and was left out")
        return None
    where = f"{table}.{item['name']}"
    values: dict[str, Any] = {"name": item["name"], "inherited": item.get("inherited") is True}
    for name, low, high in (("null_frac", 0, 1), ("n_distinct", -1, math.inf), ("correlation", -1.01, 1.01)):
        if name in item:
            if not _is_number(item[name]) or not low <= item[name] <= high:
                notes.add(f'{where}: "{name}" is out of range; the column was left out')
                return None
            values[name] = float(item[name])
    if _is_number(item.get("range_empty_frac")):
        values["range_empty_frac"] = float(item["range_empty_frac"])
    values["avg_width"] = _whole(item, "avg_width", 0)
    values |= {name: item[name] for name in _ARRAYS if _is_array(item, name, where, notes)}
    values |= {
        name: tuple(float(number) for number in item[name])
        for name in _NUMBER_LISTS
        if isinstance(item.get(name), list) and all(_is_number(number) for number in item[name])
    }
    for listed, frequencies in _PAIRS:
        _pair(values, listed, frequencies, where, notes)
    if item.get("left_out") is True:
        notes.add(f"{where}: values of its type cannot be redacted and were left out")
    return ColumnStatistics(**values)


def _pair(values: dict[str, Any], listed: str, frequencies: str, where: str, notes: _Notes) -> None:
    """Values without their frequencies, or the other way, say nothing; elements have two or three frequencies more."""
    count, given = len(elements(values.get(listed, "{}"))), len(values.get(frequencies, ()))
    spare = (0,) if listed == "most_common_vals" else (0, 2, 3)
    if count == 0 and given == 0:
        values.pop(listed, None)
    elif given - count not in spare or count == 0:
        notes.add(f'{where}: "{listed}" and "{frequencies}" do not fit each other and were left out')
        values.pop(listed, None)
        values.pop(frequencies, None)


def _is_array(item: Mapping[str, Any], name: str, where: str, notes: _Notes) -> bool:
    value = item.get(name)
    if value is None:
        return False
    try:
        elements(value if isinstance(value, str) else "")
    except ArrayError as error:
        notes.add(f'{where}: "{name}" is no array literal ({error}) and was left out')
        return False
    return True


def _extended(item: Any, where: str, notes: _Notes) -> ExtendedStatistics | None:
    if not isinstance(item, dict) or not (_is_name(item.get("schema")) and _is_name(item.get("name"))):
        notes.add(f"{where} have no schema and name and were left out")
        return None
    if item.get("expressions") is True:
        notes.add(f"{item['schema']}.{item['name']}: the statistics of its expressions are not exported")
    data = {name: value for name in ("ndistinct", "dependencies", "most_common") if _is_hex(value := item.get(name))}
    return ExtendedStatistics(item["schema"], item["name"], item.get("inherited") is True, **data)


def _is_hex(value: Any) -> TypeGuard[str]:
    if not isinstance(value, str):
        return False
    try:
        return len(bytes.fromhex(value)) * 2 == len(value)
    except ValueError:
        return False


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 63 * 4 and "\0" not in value


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(item: Mapping[str, Any], name: str, default: int) -> int:
    value = item.get(name)
    return value if _is_whole(value) else default
