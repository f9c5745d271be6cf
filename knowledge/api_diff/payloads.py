"""Differences of bodies: media types, their schemas, and how parts are encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge.api_diff.change import Direction
from knowledge.api_diff.contract import Operation
from knowledge.api_diff.diffing import Diffing, followed
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.source import Place, Source

_PLAIN_ENCODING = {"style": "form", "explode": True, "allowReserved": False}


def compare_bodies(diff: Diffing, old: Operation, new: Operation, unit: Unit, direction: Direction) -> None:
    """Note what differs between the request bodies of two operations."""
    one, other = (followed(s, o.place.child("requestBody")) for s, o in ((diff.old, old), (diff.new, new)))
    view = View("requestBody", direction)
    before, after = isinstance(one.value, Mapping), isinstance(other.value, Mapping)
    if before != after:
        needed = "required-" if (other if after else one).get("required") is True else ""
        what = f"{needed}body-{'added' if after else 'removed'}"
        diff.say(what, view, unit, one if before else old.place, other if after else new.place, place="request body")
        return
    if not before or one.value is other.value:
        return
    unit, fresh = diff.shared(one, other, view, unit)
    if not fresh:
        return
    required = one.get("required") is True, other.get("required") is True
    if required[0] != required[1]:
        what = "body-required" if required[1] else "body-optional"
        diff.say(what, view, unit, one, other, place="request body")
    compare_content(diff, one, other, view, unit, "request body")


def media_types(place: Place, source: Source) -> dict[str, Place]:
    """The media types of a body by name, in lower case and without the character set."""
    found = {}
    for name, media_type in place.members("content"):
        parts = [part.strip() for part in name.lower().split(";")]
        kept = [part for part in parts if not part.startswith("charset=")]
        found[";".join(kept)] = source.follow(media_type)
    return found


def compare_content(diff: Diffing, old: Place, new: Place, view: View, unit: Unit, said: str) -> None:
    """Note what differs between two bodies."""
    first, second = media_types(old, diff.old), media_types(new, diff.new)
    it = said[:1].upper() + said[1:]
    matched = {name: name for name in first if name in second}
    for name in first.keys() - matched.keys():
        near = next((other for other in second if _covers(other, name) or _covers(name, other)), "")
        if near:
            matched[name] = near
    for name, near in matched.items():
        if name != near and near not in first and name not in second:
            what = "media-type-widened" if _covers(near, name) else "media-type-narrowed"
            diff.say(what, view, unit, first[name], second[near], name, near, place=said, it=it)
        _compare(diff, first[name], second[near], view, unit, said)
    for name in first:
        if name not in matched:
            diff.say("media-type-removed", view, unit, first[name], new, was=name, place=said, it=it)
    reached = set(matched.values())
    for name in second:
        if name not in reached and not any(_covers(other, name) for other in first):
            diff.say("media-type-added", view, unit, old, second[name], now=name, place=said, it=it)


def _covers(wide: str, narrow: str) -> bool:
    """Whether a media range admits the other (RFC 9110, 12.5.1)."""
    if wide == narrow or not wide.endswith("/*"):
        return False
    return wide == "*/*" or narrow.startswith(wide[:-1])


def _compare(diff: Diffing, old: Place, new: Place, view: View, unit: Unit, said: str) -> None:
    inner = View("schema", view.direction)
    for keyword, suffix in (("schema", ""), ("itemSchema", "[]")):
        one, other = old.child(keyword), new.child(keyword)
        if one.exists and other.exists:
            diff.schemas.compare(one, other, inner, unit, said + suffix)
        elif one.exists or other.exists:
            _one_sided(diff, one, other, old, new, view, unit, said + suffix)
    for name in sorted(_encoding(old).keys() | _encoding(new).keys()):
        if _encoding(old).get(name, {}) != _encoding(new).get(name, {}):
            it = said[:1].upper() + said[1:]
            diff.say("encoding-changed", view, unit, old, new, now=name, place=said, it=it)


def _one_sided(
    diff: Diffing, one: Place, other: Place, old: Place, new: Place, view: View, unit: Unit, said: str
) -> None:
    canon, place = (diff.schemas.old, one) if one.exists else (diff.schemas.new, other)
    if canon.shape(place).trivial:
        return
    kinds = sorted({branch.kind for branch in canon.shape(place).branches})
    what = "schema-removed" if one.exists else "schema-added"
    diff.say(what, view, unit, old, new, " or ".join(kinds), " or ".join(kinds), place=said)


def _encoding(place: Place) -> dict[str, dict[str, Any]]:
    found = place.get("encoding")
    return {
        str(name): {
            key: item
            for key, item in value.items()
            if key in ("contentType", "style", "explode", "allowReserved") and _PLAIN_ENCODING.get(key) != item
        }
        for name, value in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(value, Mapping)
    }
