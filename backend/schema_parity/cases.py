"""Values of a field as they travel: valid ones at every bound, and such with exactly one fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from knowledge.blueprint.fields import INTEGER_LIMIT, FieldSpec, FieldType, StringFormat

_OF_OTHER_TYPES: dict[FieldType, tuple[Any, ...]] = {
    FieldType.INTEGER: ("7", 1.5, True, [1], {}),
    FieldType.DECIMAL: (True, [1], {}, "seven", "1e3", ""),
    FieldType.BOOLEAN: ("true", 1, [], {}),
    FieldType.JSON: (),
}
_TEXTS: dict[StringFormat, tuple[str, tuple[str, ...]]] = {
    StringFormat.ANY: ("", ()),
    StringFormat.EMAIL: ("info@example.org", ("nobody", "a@b", "a b@example.org")),
    StringFormat.URL: ("https://example.org/a", ("example.org", "ftp://example.org/", "https:// a")),
    StringFormat.SLUG: ("first-post", ("First", "a--b", "-a", "a_b")),
}
_MOMENT = "2026-01-31T12:00:00Z"


@dataclass(frozen=True)
class Case:
    """A value and what it is a case of: ``valid``, ``null``, ``other type``, or the name of its fault."""

    name: str
    value: Any


def cases(spec: FieldSpec) -> Iterator[Case]:
    """All cases of a field; those of other types first."""
    for value in _OF_OTHER_TYPES.get(spec.type, (7, True, ["x"], {"x": 1})):
        yield Case("other type", value)
    yield Case("null", None)
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            yield from _texts(spec)
        case FieldType.INTEGER:
            yield from _integers(spec)
        case FieldType.DECIMAL:
            yield from _decimals(spec)
        case FieldType.BOOLEAN:
            yield from (Case("valid", value) for value in (True, False))
        case FieldType.DATETIME:
            yield Case("valid", _MOMENT)
            yield Case("valid", "2026-01-31T12:00:00.123456+02:00")
            yield Case("no zone", "2026-01-31T12:00:00")
            yield from (Case("no such moment", value) for value in ("yesterday's", "2026-02-30T00:00:00Z", ""))
        case FieldType.DATE:
            yield from (Case("valid", value) for value in ("2026-01-31", "2024-02-29"))
            yield Case("no such day", "2026-02-30")
            yield Case("date in other words", "2026-1-31")
            yield from (Case("no date", value) for value in ("31 o'clock", "", "2026-13-01"))
        case FieldType.UUID:
            yield Case("valid", "0190163d-8694-739b-aea5-966c26f8ad91")
            yield Case("identifier in other words", "0190163d8694739baea5966c26f8ad91")
            yield from (Case("no identifier", value) for value in ("7", "", "0190163d-8694-739b-aea5-966c26f8ad9"))
        case FieldType.ENUM:
            yield from (Case("valid", value) for value in spec.values)
            others = ("no-such-value", "", spec.values[0].swapcase())
            yield from (Case("other value", value) for value in others if value not in spec.values)
            yield Case("space at the end", f"{spec.values[0]} ")
        case FieldType.JSON:
            values: tuple[Any, ...] = ({"a": [1, None]}, [], "text", 7, 0.5, False)
            yield from (Case("valid", value) for value in values)


def _texts(spec: FieldSpec) -> Iterator[Case]:
    stem, wrong = _TEXTS[spec.format]
    least, most = spec.min_length, spec.longest
    if stem:
        if least <= len(stem) <= most:
            yield Case("valid", stem)
        yield from (Case("format", value) for value in wrong if least <= len(value) <= most)
    else:
        yield from (Case("valid", "x" * length) for length in {max(least, 0), most})
        yield Case("valid", "é" * most)
        yield Case("space at the end", "x" * most + " ")
        yield Case("nul", "\0" + "x" * (max(least, 1) - 1))
    fitting = f"{'a' * most}b" if spec.format in (StringFormat.ANY, StringFormat.SLUG) else ""
    if fitting:
        yield Case("too long", fitting)
        if least:
            yield Case("too short", "x" * (least - 1))


def _integers(spec: FieldSpec) -> Iterator[Case]:
    low, high = spec.minimum, spec.maximum
    yield Case("valid", int(low if low is not None else -INTEGER_LIMIT))
    yield Case("valid", int(high if high is not None else INTEGER_LIMIT))
    yield Case("too small", int(low) - 1) if low is not None else Case("not exact", -INTEGER_LIMIT - 1)
    yield Case("too large", int(high) + 1) if high is not None else Case("not exact", INTEGER_LIMIT + 1)


def _decimals(spec: FieldSpec) -> Iterator[Case]:
    step = Decimal(1).scaleb(-spec.scale)
    edge = Decimal(10) ** (spec.precision - spec.scale) - step
    low = Decimal(str(spec.minimum)) if spec.minimum is not None else -edge
    high = Decimal(str(spec.maximum)) if spec.maximum is not None else edge
    yield from (Case("valid", f"{value:.{spec.scale}f}") for value in (low, high))
    if low - step >= -edge:
        yield Case("below its bound", f"{low - step:.{spec.scale}f}")
    if high + step <= edge:
        yield Case("above its bound", f"{high + step:.{spec.scale}f}")
    yield Case("digits before the point", "1" + "0" * (spec.precision - spec.scale))
    yield Case("digits after the point", f"{low + step / 10:.{spec.scale + 1}f}")
