"""Planner statistics in the text of ``pg_dump --statistics-only`` (PostgreSQL 18 and later), or of a whole dump."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from knowledge.formats.statistics.array_literal import ArrayError, elements
from knowledge.formats.statistics.error import StatisticsError
from knowledge.schema import Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

MAX_CHARACTERS = 512 * 1024**2
"""Longer dumps are not read."""
MAX_NOTES = 50

_CALL = re.compile(r"\bpg_restore_(?P<what>relation|attribute)_stats\s*\(", re.IGNORECASE)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']++|'')*+')
    | [eE](?P<escaped>'(?:[^'\\]++|''|\\.)*+')
    | (?P<number>-?\d[\d.eE+-]*)
    | (?P<word>[A-Za-z_]\w*)
    | ::\s*(?P<cast>(?:[A-Za-z_][\w ]*|"[^"]*")(?:\.\w+)?(?:\[\])?)
    | (?P<mark>[,()]))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?P<code>[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|''", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

_TEXTS = (
    "most_common_vals",
    "histogram_bounds",
    "most_common_elems",
    "range_length_histogram",
    "range_bounds_histogram",
)
_LISTS = ("most_common_freqs", "most_common_elem_freqs", "elem_count_histogram")
_NUMBERS = ("null_frac", "n_distinct", "correlation", "range_empty_frac")
_KNOWN = frozenset(
    ("version", "schemaname", "relname", "attname", "attnum", "inherited", "avg_width", *_TEXTS, *_LISTS, *_NUMBERS)
)


def read_dump(text: str, schema: Schema | None = None) -> DatabaseStatistics:
    """The statistics in a dump; everything else in its text is passed over.

    A dump does not say which relations are indexes, nor how long the files are. With ``schema`` the first is
    known; without it a relation of at least one page and no column statistics is taken for an index. Pages are
    those of the last VACUUM or ANALYZE. Columns of expression indexes go by their position (``"1"``), see
    :func:`with_index_columns`.

    Raises:
        StatisticsError: there are no statistics in it, or it is too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise StatisticsError(f"the dump is longer than {MAX_CHARACTERS // 1024**2} million characters")
    found = _Found()
    for what, line, values in _calls(text, found.notes):
        (found.relation if what == "relation" else found.attribute)(line, values)
    if not found.relations:
        raise StatisticsError("there are no statistics in this dump: it takes pg_dump 18 with --statistics-only")
    tables, indexes = _known(schema)
    relations = tuple(
        _placed(replace(relation, columns=tuple(found.columns.get(name, ()))), tables, indexes, schema is not None)
        for name, relation in found.relations.items()
    )
    notes = [
        "sizes are those of the last VACUUM or ANALYZE: a dump does not hold the lengths of the files",
        "a dump holds no planner settings, no B-tree heights and no extended statistics",
    ]
    if schema is None:
        notes.append("a dump does not say which relations are indexes: those without column statistics were taken so")
    return DatabaseStatistics(
        relations=relations, version=found.version // 10_000, origin="dump", notes=(*notes, *found.notes[:MAX_NOTES])
    )


def with_index_columns(statistics: DatabaseStatistics, names: Mapping[str, Sequence[str]]) -> DatabaseStatistics:
    """The statistics with columns of expression indexes by name instead of position.

    Args:
        statistics: as :func:`read_dump` gives them.
        names: column names of indexes in order, by ``schema.index``.
    """
    return replace(
        statistics,
        relations=tuple(
            replace(
                relation,
                columns=tuple(_by_name(column, names[relation.qualified]) for column in relation.columns),
            )
            if relation.qualified in names
            else relation
            for relation in statistics.relations
        ),
    )


def _by_name(column: ColumnStatistics, names: Sequence[str]) -> ColumnStatistics:
    place = int(column.name) if column.name.isdecimal() else 0
    return replace(column, name=names[place - 1]) if 0 < place <= len(names) else column


@dataclass
class _Found:
    """What was read so far."""

    relations: dict[tuple[str, str], RelationStatistics] = field(default_factory=dict)
    columns: dict[tuple[str, str], list[ColumnStatistics]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    version: int = 0

    def relation(self, line: int, values: Mapping[str, str]) -> None:
        """Take a call of ``pg_restore_relation_stats``."""
        name = _name(values)
        try:
            pages, visible = max(int(values.get("relpages", 0)), 0), max(int(values.get("relallvisible", 0)), 0)
            tuples, version = float(values.get("reltuples", -1)), int(values.get("version", 0))
        except ValueError as error:
            self.notes.append(f"line {line}: {error}")
            return
        if name is None or not -1 <= tuples < 1e15:
            self.notes.append(f"line {line}: the statistics of a relation name none, or have no usable row count")
            return
        self.version = max(self.version, version)
        self.relations[name] = RelationStatistics(*name, "r", pages, tuples, relpages=pages, all_visible=visible)

    def attribute(self, line: int, values: Mapping[str, str]) -> None:
        """Take a call of ``pg_restore_attribute_stats``."""
        name, column = _name(values), values.get("attname", values.get("attnum", ""))
        if name is None or not column:
            self.notes.append(f"line {line}: the statistics of a column do not say of which")
            return
        unknown = sorted(set(values) - _KNOWN)
        if unknown:
            self.notes.append(f"line {line}: {', '.join(unknown)} of {name[1]}.{column} is unknown and was left out")
        try:
            self.columns.setdefault(name, []).append(_column(column, values))
        except (ValueError, ArrayError) as error:
            self.notes.append(f"line {line}: the statistics of {name[1]}.{column} were left out: {error}")


def _name(values: Mapping[str, str]) -> tuple[str, str] | None:
    schema, name = values.get("schemaname", ""), values.get("relname", "")
    if not schema and values.get("relation"):  # early spelling: 'relation', 'public.t'::regclass
        schema, _, name = values["relation"].replace('"', "").rpartition(".")
    return (schema, name) if schema and name else None


def _column(name: str, values: Mapping[str, str]) -> ColumnStatistics:
    said: dict[str, Any] = {each: values[each] for each in _TEXTS if each in values}
    for each in said.values():
        elements(each)
    said |= {each: tuple(float(one) for one in elements(values[each])) for each in _LISTS if each in values}
    said |= {each: float(values[each]) for each in _NUMBERS if each in values}
    column = ColumnStatistics(
        name=name,
        avg_width=int(values.get("avg_width", 0)),
        inherited=values.get("inherited", "f").lower() in ("t", "true"),
        **said,
    )
    if not (0 <= column.null_frac <= 1 and -1 <= column.n_distinct < 1e15 and column.avg_width >= 0):
        raise ValueError("its numbers are out of range")
    return column


def _known(schema: Schema | None) -> tuple[dict[str, str], dict[str, str]]:
    """Kinds of tables and tables of indexes, by ``schema.name``."""
    tables = schema.tables if schema is not None else ()
    return (
        {table.qualified: "p" if table.partitioned else "r" for table in tables},
        dict(chain.from_iterable(((f"{t.schema}.{i.name}", t.name) for i in t.indexes) for t in tables)),
    )


def _placed(
    relation: RelationStatistics, tables: Mapping[str, str], indexes: Mapping[str, str], sure: bool
) -> RelationStatistics:
    name = relation.qualified
    if name in tables:
        return replace(relation, kind=tables[name], pages=0 if tables[name] == "p" else relation.pages)
    if name in indexes:
        return replace(relation, kind="i", table=indexes[name])
    by_position = any(column.name.isdecimal() for column in relation.columns)
    if by_position or (not sure and not relation.columns and relation.pages > 0):
        return replace(relation, kind="i")
    return relation


def _calls(text: str, notes: list[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    position, line, counted = 0, 1, 0
    while (match := _CALL.search(text, position)) is not None:
        line += text.count("\n", counted, match.start())
        counted = match.start()
        values, position, fault = _arguments(text, match.end())
        if fault:
            notes.append(f"line {line}: the call cannot be read ({fault})")
        else:
            yield match["what"].lower(), line, values


def _arguments(text: str, position: int) -> tuple[dict[str, str], int, str]:
    """The named arguments of a call; those that are NULL are left out."""
    parts: list[str | None] = []
    expected = True
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            return {}, position, "it does not end"
        position = match.end()
        if match["mark"] == ")":
            break
        if match["cast"] is not None and not expected:
            continue
        if match["mark"] == "," and not expected:
            expected = True
            continue
        value = _value(match)
        if not expected or value is False:
            return {}, position, "an argument is no constant"
        parts.append(value)
        expected = False
    if len(parts) % 2:
        return {}, position, "its names and values are no pairs"
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name.lower(): value for name, value in pairs if name is not None and value is not None}, position, ""


def _value(match: re.Match[str]) -> Any:
    """A constant as text, ``None`` for NULL, ``False`` where it is none."""
    if match["text"] is not None:
        return match["text"][1:-1].replace("''", "'")
    if match["escaped"] is not None:
        return _ESCAPE.sub(_unescaped, match["escaped"][1:-1])
    if match["number"] is not None:
        return match["number"]
    word = (match["word"] or "").lower()
    return None if word == "null" else word if word in ("true", "false") else False


def _unescaped(match: re.Match[str]) -> str:
    code = match["code"]
    if code is None:
        return "'"
    if code[0] in "xuU" and len(code) > 1:
        return chr(min(int(code[1:], 16), 0x10FFFF))
    return chr(int(code, 8)) if code[0] in "01234567" else _LETTERS.get(code, code)
