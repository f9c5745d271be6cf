"""Whether a branch admits one given value, as far as its plain constraints can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from knowledge.api_diff.shape import Branch

_MADE_BY: Mapping[str, Callable[[str], object]] = {"date": date.fromisoformat, "uuid": UUID}


def admits(branch: Branch, value: Any) -> bool:
    """Whether ``value``, which is of the branch's type, keeps its limits; true of what cannot be told.

    Patterns are searched for as Python reads them; one that it cannot read is taken as kept.
    """
    if isinstance(value, str):
        return _text(branch, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(branch, value)
    if isinstance(value, list):
        return branch.least.get("Items", 0) <= len(value) <= branch.most.get("Items", float("inf"))
    if isinstance(value, dict):
        count = branch.least.get("Properties", 0) <= len(value) <= branch.most.get("Properties", float("inf"))
        return count and branch.required <= value.keys()
    return True


def _text(branch: Branch, value: str) -> bool:
    if not branch.least.get("Length", 0) <= len(value) <= branch.most.get("Length", float("inf")):
        return False
    if not all(_found(str(pattern), value) for pattern in branch.sets.get("pattern", ())):
        return False
    return all(_made(str(name), value) for name in branch.sets.get("format", ()))


def _found(pattern: str, value: str) -> bool:
    if len(value) > 1000:
        return True
    try:
        return re.search(pattern, value) is not None
    except (re.error, RecursionError, OverflowError):
        return True


def _made(name: str, value: str) -> bool:
    make = _MADE_BY.get(name)
    try:
        return make is None or make(value) is not None
    except ValueError:
        return False


def _number(branch: Branch, value: float) -> bool:
    low, high = branch.minimum, branch.maximum
    if low is not None and (value < low[0] or (low[1] and value == low[0])):
        return False
    if high is not None and (value > high[0] or (high[1] and value == high[0])):
        return False
    return all(abs(value / factor - round(value / factor)) < 1e-9 for factor in branch.sets.get("multipleOf", ()))
