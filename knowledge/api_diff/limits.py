"""Differences of the plain constraints of two branches: limits, formats, patterns, values, types."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api_diff.admission import admits
from knowledge.api_diff.formats import format_changes
from knowledge.api_diff.own import fits
from knowledge.api_diff.shape import Bound, Branch, type_of

Difference = tuple[str, str, str]
"""What happened, the old value and the new one as people write them."""
SHOWN = 5
"""Values that a sentence names."""
_UNITS = {"Length": "length", "Items": "items", "Properties": "properties"}
_SCALARS = frozenset({"integer", "number", "boolean"})


def limit_changes(old: Branch, new: Branch) -> Iterator[Difference]:
    """Every difference of plain constraints."""
    for unit, name in _UNITS.items():
        yield from bound_change(f"min-{name}", old.least.get(unit), new.least.get(unit), 1)
        yield from bound_change(f"max-{name}", old.most.get(unit), new.most.get(unit), -1)
    yield from _limit("minimum", old.minimum, new.minimum, 1)
    yield from _limit("maximum", old.maximum, new.maximum, -1)
    if old.unique != new.unique:
        yield ("unique-items-added" if new.unique else "unique-items-removed"), "", ""
    yield from format_changes(_set(old, "format"), _set(new, "format"))
    yield from _patterns(_set(old, "pattern"), _set(new, "pattern"))
    yield from _multiples(_set(old, "multipleOf"), _set(new, "multipleOf"))
    for keyword, what in (
        ("contentEncoding", "content-encoding-changed"),
        ("contentMediaType", "content-media-type-changed"),
    ):
        one, other = _set(old, keyword), _set(new, keyword)
        if one != other:
            yield what, _listed(one) or "plain", _listed(other) or "plain"


def bound_change(name: str, old: float | None, new: float | None, sign: int) -> Iterator[Difference]:
    """The difference of one limit; ``sign`` is 1 for a lower one."""
    yield from _limit(name, None if old is None else (old, False), None if new is None else (new, False), sign)


def _limit(name: str, old: Bound | None, new: Bound | None, sign: int) -> Iterator[Difference]:
    if old == new:
        return
    if old is None or new is None:
        yield f"{name}-{'added' if old is None else 'removed'}", shown_bound(old), shown_bound(new)
    elif old[0] != new[0]:
        yield f"{name}-{'raised' if new[0] > old[0] else 'lowered'}", shown_bound(old), shown_bound(new)
    else:
        tighter, looser = ("raised", "lowered") if sign > 0 else ("lowered", "raised")
        yield f"{name}-{tighter if new[1] else looser}", shown_bound(old), shown_bound(new)


def shown_bound(bound: Bound | None) -> str:
    """A limit as people write it."""
    if bound is None:
        return ""
    value = int(bound[0]) if float(bound[0]).is_integer() else bound[0]
    return f"{value} (itself excluded)" if bound[1] else str(value)


def _set(branch: Branch, keyword: str) -> frozenset[str]:
    return branch.sets.get(keyword, frozenset())


def _listed(values: frozenset[str]) -> str:
    return " and ".join(sorted(map(str, values)))


def _patterns(old: frozenset[str], new: frozenset[str]) -> Iterator[Difference]:
    if old == new:
        return
    gone, come = old - new, new - old
    if gone and come:
        yield "pattern-changed", _quoted(gone), _quoted(come)
    else:
        yield ("pattern-removed" if gone else "pattern-added"), _quoted(gone), _quoted(come)


def _quoted(patterns: frozenset[str]) -> str:
    return " and ".join(f"`{pattern}`" for pattern in sorted(patterns))


def _multiples(old: frozenset[str], new: frozenset[str]) -> Iterator[Difference]:
    for one, other in _paired(old - new, new - old):
        if one is None or other is None:
            yield f"multiple-of-{'added' if one is None else 'removed'}", _digits(one), _digits(other)
        else:
            what = "narrowed" if _divides(one, other) else "widened" if _divides(other, one) else "changed"
            yield f"multiple-of-{what}", _digits(one), _digits(other)


def _paired(old: frozenset[str], new: frozenset[str]) -> Iterator[tuple[float | None, float | None]]:
    first, second = sorted(map(float, old)), sorted(map(float, new))
    for index in range(max(len(first), len(second))):
        yield (
            first[index] if index < len(first) else None,
            second[index] if index < len(second) else None,
        )


def _divides(one: float, other: float) -> bool:
    quotient = other / one
    return abs(quotient - round(quotient)) < 1e-9


def _digits(value: float | None) -> str:
    return "" if value is None else shown_bound((value, False))


def value_changes(old: Branch, new: Branch) -> Iterator[Difference]:
    """What happened to an enumeration, of which at least one of both is one."""
    if old.values is None or new.values is None:
        plain, listed = (old, new) if old.values is None else (new, old)
        inside = all(admits(plain, value) for value in (listed.values or {}).values())
        what = "values-restricted" if old.values is None else "values-freed"
        yield (what if inside else "values-changed"), shown_values(old) or old.kind, shown_values(new) or new.kind
        return
    gone = [text for text in old.values if text not in new.values]
    come = [text for text in new.values if text not in old.values]
    if len(old.values) == len(new.values) == 1 and gone:
        yield "constant-changed", gone[0], come[0]
        return
    for text in gone:
        yield "value-removed", text, ""
    for text in come:
        yield "value-added", "", text


def shown_values(branch: Branch) -> str:
    """The values of an enumeration, the first few of many."""
    if branch.values is None:
        return ""
    texts = list(branch.values)
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more


def type_change(old: Branch, new: Branch, is_text: bool) -> str:
    """What happened to the type; empty if nothing did.

    Args:
        is_text: the value travels as text (a parameter or header), where any scalar is a string as well.
    """
    if old.kind == new.kind:
        return ("type-stated" if old.implied else "type-unstated") if old.implied != new.implied else ""
    if old.values is not None and new.values is not None:
        return ""
    if old.values is not None:
        return "" if all(fits(type_of(value), [new.kind]) for value in old.values.values()) else "type-changed"
    if new.values is not None:
        return "" if all(fits(type_of(value), [old.kind]) for value in new.values.values()) else "type-changed"
    if old.kind == "any" or (old.kind == "number" and new.kind == "integer"):
        return "type-narrowed"
    if new.kind == "any" or (old.kind == "integer" and new.kind == "number"):
        return "type-widened"
    if is_text and old.kind in _SCALARS and new.kind == "string":
        return "type-widened"
    return "type-narrowed" if is_text and old.kind == "string" and new.kind in _SCALARS else "type-changed"
