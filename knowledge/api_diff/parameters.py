"""Differences of the parameters of two operations."""

from __future__ import annotations

from typing import Any

from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.contract import Operation, ParameterKey, parameters_of
from knowledge.api_diff.diffing import Diffing
from knowledge.api_diff.lifecycle import removal_level
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.source import Place

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_COLLECTIONS = {
    "csv": ("", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "tsv": ("tabDelimited", False),
}


def compare_parameters(diff: Diffing, old: Operation, new: Operation, unit: Unit, direction: Direction) -> None:
    """Note what differs between the parameters of two operations."""
    first, second = parameters_of(old, diff.old), parameters_of(new, diff.new)
    view = View("parameters", direction)
    for key, place in first.items():
        if key in second:
            _compare(diff, key, place, second[key], view, unit)
        elif key[0] != "path":  # a variable without a description is still a variable
            required = place.get("required") is True
            what = "required-parameter-removed" if required else "parameter-removed"
            level = _removed_level(diff, place, required, direction)
            said = called(place)
            other = next((found for near, found in second.items() if near not in first and near[1] == key[1]), None)
            hint = f"Send it as {called(other)} instead." if other is not None else ""
            diff.say(what, view, unit, place, new.place, place=said, it=_sentence(said), level=level, advice=hint)
    for key, place in second.items():
        if key not in first and key[0] != "path":
            what = "required-parameter-added" if place.get("required") is True else "parameter-added"
            said = called(place)
            diff.say(what, view, unit, old.place, place, place=said, it=_sentence(said))


def _removed_level(diff: Diffing, place: Place, required: bool, direction: Direction) -> Level:
    if direction is Direction.RESPONSE:
        return removal_level(place.value, diff.today, Level.BREAKING if required else Level.RISKY)
    return removal_level(place.value, diff.today, Level.RISKY)


def called(place: Place) -> str:
    """A parameter as people call it; those of the path by name as well."""
    return f"{place.get('in')} parameter {place.get('name')}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _compare(diff: Diffing, key: ParameterKey, old: Place, new: Place, view: View, user: Unit) -> None:
    if old.value is new.value:
        return
    unit, fresh = diff.shared(old, new, view, user)
    if not fresh:
        return
    said = called(new)
    it = _sentence(said)
    required = [place.get("required") is True or key[0] == "path" for place in (old, new)]
    if required[0] != required[1]:
        diff.say("parameter-required" if required[1] else "parameter-optional", view, unit, old, new, place=said, it=it)
    empty = [place.get("allowEmptyValue") is True for place in (old, new)]
    if empty[0] != empty[1]:
        what = "empty-value-allowed" if empty[1] else "empty-value-forbidden"
        diff.say(what, view, unit, old, new, place=said, it=it)
    diff.lifecycle(view, unit, old, new, said, it)
    forms = [_content(place) for place in (old, new)]
    if forms[0] != forms[1]:
        was, now = (form or "plain text" for form in forms)
        diff.say("serialization-changed", view, unit, old, new, was, now, place=said, it=it)
    elif not forms[0]:
        styles = [written(place, diff, index == 0) for index, place in enumerate((old, new))]
        if styles[0] != styles[1]:
            diff.say("style-changed", view, unit, old, new, styles[0], styles[1], place=said, it=it)
    one, other = _schema(old), _schema(new)
    diff.schemas.compare(one, other, view, unit, said)


def _content(place: Place) -> str:
    found = place.get("content")
    return next(iter(found), "") if isinstance(found, dict) else ""


def _schema(place: Place) -> Place:
    media_type = _content(place)
    holder = place.child("content").child(media_type) if media_type else place
    schema = holder.child("schema")
    return schema if schema.exists else Place(True, place.pointer)


def written(place: Place, diff: Diffing, is_old: bool) -> str:
    """How the value is put into text, if that makes a difference for its types."""
    where = str(place.get("in") or "header")
    style, explode = _style(place, where)
    shape = (diff.schemas.old if is_old else diff.schemas.new).shape(_schema(place))
    kinds = {branch.kind for branch in shape.branches}
    if not kinds & {"array", "object", "any"}:
        explode, style = False, style if style in ("matrix", "label") else "plain"
    elif kinds == {"any"}:
        style = style if style != _STYLES.get(where, "form") else "plain"
        explode = False if style == "plain" else explode
    reserved = ", reserved characters as they are" if place.get("allowReserved") is True else ""
    return f"{style}{', exploded' if explode else ''}{reserved}"


def _style(place: Place, where: str) -> tuple[str, bool]:
    default = _STYLES.get(where, "form")
    collection: Any = place.get("collectionFormat")
    if isinstance(place.value, dict) and "style" not in place.value and _is_old_array(place):
        style, explode = _COLLECTIONS.get(collection or "csv", ("", False))
        return style or default, explode
    style = str(place.get("style") or default)
    explode = place.get("explode")
    return style, explode if isinstance(explode, bool) else style == "form"


def _is_old_array(place: Place) -> bool:
    """Whether it is a list as OpenAPI 2.0 writes it, which is not exploded unless that is said."""
    return place.get("collectionFormat") is not None or type(place.value).__name__ == "Upgraded"
