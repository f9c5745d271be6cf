"""Statistics without the real values in them.

Kept: row counts, sizes, frequencies, shares of NULL, numbers of distinct values, correlations, the order of values and
the lengths of texts. Lost: what the values are. A query's literals therefore no longer match; :meth:`Redaction.literal`
translates them where the original statistics are at hand. What the query computes itself, such as
``now() - interval '7 days'``, cannot be translated.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.formats.statistics import surrogates
from knowledge.formats.statistics.array_literal import ArrayError, elements, literal
from knowledge.formats.statistics.surrogates import Order
from knowledge.schema import Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

_NUMERIC = re.compile(r"numeric(?:\((?P<precision>\d+),(?P<scale>-?\d+)\))?")
_TEXT = re.compile(r"(?:text|citext|name|(?P<limited>character(?: varying)?)(?:\((?P<limit>\d+)\))?)")
_MOMENT = re.compile(r"(?P<date>date)|timestamp(?:\(\d\))? with(?P<without>out)? time zone")
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**53}
_TEXT_FUNCTIONS = frozenset(
    "lower upper btrim ltrim rtrim md5 concat substr substring left right initcap replace".split()
)
_VALUES = ("most_common_vals", "histogram_bounds")
_DEPENDENT = {
    "most_common_vals": ("most_common_vals", "most_common_freqs"),
    "histogram_bounds": ("histogram_bounds",),
    "most_common_elems": ("most_common_elems", "most_common_elem_freqs"),
    "range_bounds_histogram": ("range_bounds_histogram",),
    "range_length_histogram": ("range_length_histogram", "range_empty_frac"),
}
_EMPTY = ColumnStatistics("")


@dataclass(frozen=True)
class Redaction:
    """Redacted statistics, and the way from real literals to theirs, which holds real values: keep it to yourself."""

    statistics: DatabaseStatistics
    _orders: Mapping[str, Order] = field(repr=False)
    _families: Mapping[tuple[str, str], tuple[str, str]] = field(repr=False)

    def literal(self, relation: str, column: str, value: str) -> str:
        """What stands for ``value`` of a column in a query planned against the redacted statistics.

        Args:
            relation: ``schema.table``.
            column: its name.
            value: the literal in PostgreSQL's text form.

        Raises:
            ValueError: it does not have the form of the column's type.
        """
        kind, family = self._families.get((relation, column), ("", ""))
        return _surrogate(kind, self._orders[family], value) if family else value


def redacted(statistics: DatabaseStatistics, schema: Schema, *, keep: Collection[str] = ()) -> Redaction:
    """Statistics with made-up values of the same types in the same order.

    Columns of one family of types share their made-up values, so that joined columns stay alike. Booleans and enum
    values stay. Values of types without such a family (JSON, ranges, intervals...) are left out.

    Args:
        statistics: with real values.
        schema: says the columns' types.
        keep: ``schema.table.column`` whose values may stay.
    """
    kinds = dict(_kinds(statistics, schema))
    families = _families(statistics, kinds, keep)
    orders = _orders(statistics, families)
    notes: list[str] = []
    relations = tuple(
        replace(relation, columns=tuple(_redacted(relation, each, kinds, families, orders, keep, notes, schema)
                                        for each in relation.columns))
        for relation in statistics.relations
    )  # fmt: skip
    extended = tuple(replace(each, most_common="") for each in statistics.extended)
    if extended != statistics.extended:
        notes.append("redacted: the lists of common values of extended statistics were left out")
    notes.append(
        "redacted: values are made up in the order of the real ones; frequencies, order and lengths are real,"
        " so literals of a query have to be translated along"
    )
    told = replace(statistics, relations=relations, extended=extended, redacted=True, notes=(*statistics.notes, *notes))
    return Redaction(told, orders, families)


def _kinds(statistics: DatabaseStatistics, schema: Schema) -> Iterator[tuple[tuple[str, str], str]]:
    """The type of every column as far as it is known."""
    for relation in statistics.relations:
        table = schema.by_name.get(relation.qualified)
        for column in relation.columns:
            known = table.column(column.name) if table is not None else None
            kind = known.type if known is not None else ""
            if table is None and column.name.rstrip("0123456789") in _TEXT_FUNCTIONS:
                kind = "text"
            yield (relation.qualified, column.name), kind


def _families(
    statistics: DatabaseStatistics, kinds: Mapping[tuple[str, str], str], keep: Collection[str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Type and family of the columns whose values are replaced."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    texts: list[tuple[tuple[str, str], str, list[str]]] = []
    for relation in statistics.relations:
        for column in relation.columns:
            place = relation.qualified, column.name
            kind = kinds[place]
            if f"{place[0]}.{place[1]}" in keep:
                continue
            family = _family(kind)
            if family == "text":
                texts.append((place, kind, _read(column.histogram_bounds)))
            elif family:
                found[place] = kind, family
    keys = (surrogates.bytes_key, surrogates.dictionary_key)
    by_bytes = all(surrogates.is_sorted(bounds, keys[0]) for _, _, bounds in texts)
    for place, kind, bounds in texts:
        usual = 0 if by_bytes else 1
        family = next(
            (
                ("text by bytes", "text")[each]
                for each in (usual, 1 - usual)
                if surrogates.is_sorted(bounds, keys[each])
            ),
            "",
        )
        limit = _limit(kind)
        if family and limit is not None and limit <= 4:
            family += f" of {place[0]}.{place[1]}"
        if family:
            found[place] = kind, family
    return found


def _family(kind: str) -> str:
    base = kind.removesuffix("[]")
    if base in _LARGEST:
        return "smallint" if base == "smallint" else "whole"
    if _TEXT.fullmatch(base):
        return "text"
    if base != kind:
        return ""
    if kind in ("real", "double precision"):
        return "decimal"
    if _NUMERIC.fullmatch(kind):
        return "decimal" if kind == "numeric" else kind
    return "moment" if _MOMENT.fullmatch(kind) else "uuid" if kind == "uuid" else ""


def _orders(statistics: DatabaseStatistics, families: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Order]:
    """The real values of each family in order; a column whose values cannot be read drops out of ``families``."""
    values: dict[str, set[str]] = defaultdict(set)
    for relation in statistics.relations:
        for column in relation.columns:
            kind, family = families.get((relation.qualified, column.name), ("", ""))
            if not family:
                continue
            lists = (
                (column.most_common_elems,)
                if kind.endswith("[]")
                else (column.most_common_vals, column.histogram_bounds)
            )
            try:
                read = [value for each in lists for value in _read(each)]
                Order.of(_key(family), read)
            except ValueError:
                del families[relation.qualified, column.name]
                continue
            values[family].update(read)
    return {family: Order.of(_key(family), read) for family, read in values.items()}


def _key(family: str) -> Callable[[str], Any]:
    if family.startswith("text by bytes") or family == "uuid":
        return surrogates.bytes_key
    if family.startswith("text"):
        return surrogates.dictionary_key
    return surrogates.moment_key if family == "moment" else surrogates.number_key


def _redacted(
    relation: RelationStatistics,
    column: ColumnStatistics,
    kinds: Mapping[tuple[str, str], str],
    families: Mapping[tuple[str, str], tuple[str, str]],
    orders: Mapping[str, Order],
    keep: Collection[str],
    notes: list[str],
    schema: Schema,
) -> ColumnStatistics:
    place = relation.qualified, column.name
    name = f"{place[0]}.{place[1]}"
    if name in keep or kinds[place] == "boolean" or kinds[place] in schema.enums:
        return column
    kind, family = families.get(place, ("", ""))
    limit = _limit(kind)
    fits = bool(family) and (limit is None or surrogates.token_width(orders[family]) <= limit)
    changed: dict[str, Any] = {}
    dropped: list[str] = []
    for listed in _DEPENDENT:
        if not getattr(column, listed):
            continue
        mine = (listed in _VALUES and not kind.endswith("[]")) or (
            listed == "most_common_elems" and kind.endswith("[]")
        )
        if fits and mine:
            order = orders[family]
            base = kind.removesuffix("[]")
            changed[listed] = literal(_surrogate(base, order, value) for value in _read(getattr(column, listed)))
        else:
            dropped += _DEPENDENT[listed]
    if dropped:
        notes.append(f"redacted: values of {name} were left out ({kinds[place] or 'its type is not known'})")
    return replace(column, **changed, **{each: getattr(_EMPTY, each) for each in dropped})


def _surrogate(kind: str, order: Order, value: str) -> str:
    if kind in _LARGEST:
        return surrogates.whole_surrogate(order, value, _LARGEST[kind])
    moment = _MOMENT.fullmatch(kind)
    if moment is not None:
        return surrogates.moment_surrogate(order, value, is_date=kind == "date", zone=moment["without"] is None)
    if kind == "uuid":
        return surrogates.uuid_surrogate(order, value)
    number = _NUMERIC.fullmatch(kind)
    if number is not None and number["precision"]:
        return surrogates.decimal_surrogate(order, value, int(number["precision"]), int(number["scale"]))
    if number is not None or kind in ("real", "double precision"):
        return surrogates.decimal_surrogate(order, value, None, 0)
    return surrogates.text_surrogate(order, value)


def _limit(kind: str) -> int | None:
    match = _TEXT.fullmatch(kind.removesuffix("[]"))
    if match is None or not match["limited"]:
        return None
    return int(match["limit"]) if match["limit"] else 1 if match["limited"] == "character" else None


def _read(listed: str) -> list[str]:
    try:
        return list(elements(listed)) if listed else []
    except ArrayError:
        return []
