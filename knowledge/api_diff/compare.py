"""The contract diff: two documents in, the changes out."""

from __future__ import annotations

import re
from datetime import date

from knowledge.api.document import ApiDocument
from knowledge.api_diff.change import Change
from knowledge.api_diff.diffing import NEUTRAL, Diffing
from knowledge.api_diff.operations import compare_paths, compare_webhooks
from knowledge.api_diff.records import Unit, View, changes_of
from knowledge.api_diff.security import Security
from knowledge.api_diff.source import Source

_NUMBERS = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


def compare(old: ApiDocument, new: ApiDocument, *, today: date) -> tuple[Change, ...]:
    """What changed from ``old`` to ``new``, each change once, the worst first.

    Args:
        old: the contract that clients were written for; of any version of OpenAPI.
        new: the contract that takes its place; the versions may differ.
        today: what announced ends are compared with.
    """
    diff = Diffing(Source(old), Source(new), today)
    security = Security(diff)
    order = compare_paths(diff, security)
    compare_webhooks(diff)
    security.compare_schemes()
    _version(diff)
    return changes_of(diff.records, order)


def _version(diff: Diffing) -> None:
    one, other = diff.old.top.child("info"), diff.new.top.child("info")
    was, now = str(one.get("version") or ""), str(other.get("version") or "")
    if was == now:
        return
    first, second = version_numbers(was), version_numbers(now)
    what = "version-changed"
    if first and second and first != second:
        what = "version-raised" if second > first else "version-lowered"
    diff.say(what, View("info", NEUTRAL), Unit("info"), one, other, was, now)


def version_numbers(text: str) -> tuple[int, ...]:
    """The numbers of a semantic version, empty where it is none."""
    found = _NUMBERS.match(text)
    return tuple(int(number or 0) for number in found.groups()) if found else ()
