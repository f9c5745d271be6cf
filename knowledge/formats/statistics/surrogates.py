"""Made-up values in the order of real ones: equal values stay equal, smaller ones smaller."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FILLER, _AFTER = "x", "z"
_EPOCH = datetime(2000, 1, 1)
STEP = 1_000
"""Distance of two neighbouring numbers, so that a literal between two values finds room."""


@dataclass(frozen=True)
class Order:
    """How values of a family compare, and the real values that occur, sorted by it."""

    key: Callable[[str], Any]
    values: tuple[str, ...]
    keys: tuple[Any, ...]

    @classmethod
    def of(cls, key: Callable[[str], Any], values: Iterable[str]) -> Order:
        """The order of these values; equal keys count once.

        Raises:
            ValueError: a value does not have the form of its type.
        """
        by_key = {key(value): value for value in values}
        keys = tuple(sorted(by_key))
        return cls(key, tuple(by_key[each] for each in keys), keys)

    def rank(self, value: str) -> tuple[int, bool]:
        """How many known values are below, and whether this is a known one."""
        key = self.key(value)
        place = bisect_left(self.keys, key)
        return place, place < len(self.keys) and self.keys[place] == key

    def position(self, value: str) -> Decimal:
        """The rank of a number or moment, in between two known values linear."""
        key, keys = self.key(value), self.keys
        place = bisect_right(keys, key)
        if place == 0 or not keys:
            return Decimal(-1)
        if place == len(keys):
            return Decimal(len(keys) - 1 + (key != keys[-1]))
        below, above = keys[place - 1], keys[place]
        return Decimal(place - 1 + (key - below) / (above - below))


def number_key(value: str) -> Decimal:
    """A finite number.

    Raises:
        ValueError: it is none.
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not finite")
    return number


def moment_key(value: str) -> Decimal:
    """Microseconds of a date or timestamp in ISO form.

    Raises:
        ValueError: it is none, is infinite, or lies before the year 1.
    """
    moment = datetime.fromisoformat(value)
    offset = moment.utcoffset() or timedelta()
    return Decimal((moment.replace(tzinfo=None) - offset - _EPOCH) // timedelta(microseconds=1))


def bytes_key(value: str) -> bytes:
    """The order of collation C."""
    return value.encode("utf-8", "surrogatepass")


def dictionary_key(value: str) -> tuple[str, str, str]:
    """Nearly the order of language collations: letters and digits first, then accents and case, then the rest."""
    plain = unicodedata.normalize("NFD", value)
    letters = "".join(each for each in plain if each.isalnum())
    return letters.casefold(), letters.swapcase(), value


def is_sorted(values: Sequence[str], key: Callable[[str], Any]) -> bool:
    """Whether the values stand in this order."""
    keys = [key(value) for value in values]
    return all(one <= other for one, other in pairwise(keys))


def text_surrogate(order: Order, value: str) -> str:
    """A text of the same length where it is long enough, sorting like ``value`` in every collation."""
    rank, known = order.rank(value)
    if known:
        return _token(rank, token_width(order)).ljust(len(value), _FILLER)
    before = _token(max(rank - 1, 0), token_width(order)) if rank else ""
    return (before + _AFTER * max(len(value), 1)) if rank else "0" * token_width(order)


def token_width(order: Order) -> int:
    """Characters it takes to tell the values apart."""
    width = 1
    while len(_DIGITS) ** width < len(order.values):
        width += 1
    return width


def _token(rank: int, width: int) -> str:
    token = ""
    for _ in range(width):
        rank, digit = divmod(rank, len(_DIGITS))
        token = _DIGITS[digit] + token
    return token


def whole_surrogate(order: Order, value: str, largest: int) -> str:
    """A whole number up to ``largest``."""
    step = max(1, min(STEP, largest // (len(order.values) + 2)))
    return str(int((order.position(value) + 1) * step))


def decimal_surrogate(order: Order, value: str, precision: int | None, scale: int) -> str:
    """A number that fits ``numeric(precision, scale)``."""
    unit = Decimal(1).scaleb(-scale)
    largest = (10**precision - 1) if precision is not None else 10**15
    step = max(1, min(STEP * 10**scale, largest // (len(order.values) + 2)))
    return str(((order.position(value) + 1) * step).to_integral_value() * unit)


def moment_surrogate(order: Order, value: str, *, is_date: bool, zone: bool) -> str:
    """A date or timestamp; neighbours are a day apart, dates among timestamps stay whole days."""
    position = order.position(value) + 1
    moment = _EPOCH + timedelta(microseconds=int(position * 86_400_000_000))
    if is_date:
        return date(moment.year, moment.month, moment.day).isoformat()
    return moment.isoformat(" ") + ("+00" if zone else "")


def uuid_surrogate(order: Order, value: str) -> str:
    """A uuid."""
    rank, known = order.rank(value)
    return f"{rank if known else max(rank - 1, 0):08x}-{'0000' if known else 'ffff'}-4000-8000-000000000000"
