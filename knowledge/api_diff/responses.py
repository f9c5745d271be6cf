"""Differences of answers: statuses, bodies, headers, links."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.change import Direction
from knowledge.api_diff.contract import Operation
from knowledge.api_diff.diffing import Diffing, followed
from knowledge.api_diff.parameters import written
from knowledge.api_diff.payloads import compare_content
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.source import Place


def compare_responses(diff: Diffing, old: Operation, new: Operation, unit: Unit, direction: Direction) -> None:
    """Note what differs between the answers of two operations."""
    first, second = (dict(_statuses(operation)) for operation in (old, new))
    if not first or not second:
        return  # 3.1 lets an operation say nothing of its answers: that is no promise
    view = View("responses", direction)
    pairs = {status: status for status in first if status in second}
    for status in first.keys() - pairs.keys():
        near = _near(status, second)
        if near:
            pairs[status] = near
        else:
            diff.say(f"{_class(status)}-status-removed", view, unit, first[status], new.place, was=status)
    for status in second.keys() - set(pairs.values()):
        near = _near(status, first)
        if near:
            _compare(diff, first[near], second[status], status, direction, unit)
        else:
            diff.say(f"{_class(status)}-status-added", view, unit, old.place, second[status], now=status)
    for status, near in pairs.items():
        _compare(diff, first[status], second[near], status, direction, unit)


def _statuses(operation: Operation) -> list[tuple[str, Place]]:
    return [
        (status if status == "default" else status.upper(), place)
        for status, place in operation.place.members("responses")
    ]


def _class(status: str) -> str:
    return "success" if status[:1] in "123" else "error"


def _near(status: str, others: Mapping[str, Place]) -> str:
    """A range that includes the status; for an error also what is said by default."""
    wide = f"{status[:1]}XX"
    if wide in others:
        return wide
    if status.endswith("XX"):
        return next((other for other in others if other[:1] == status[:1]), "")
    if status != "default" and _class(status) == "error" and "default" in others:
        return "default"
    return ""


def _compare(diff: Diffing, one: Place, other: Place, status: str, direction: Direction, user: Unit) -> None:
    old, new = followed(diff.old, one), followed(diff.new, other)
    if not isinstance(old.value, Mapping) or not isinstance(new.value, Mapping):
        return
    view = View("responses", direction)
    unit, fresh = diff.shared(old, new, view, user)
    if not fresh:
        return
    said = f"response {status}" if unit is user else "response"
    it = said[:1].upper() + said[1:]
    before, after = bool(old.get("content")), bool(new.get("content"))
    if before != after:
        diff.say("content-added" if after else "content-removed", view, unit, old, new, place=said, it=it)
    elif before:
        compare_content(diff, old, new, view, unit, f"{said} body")
    _headers(diff, old, new, direction, unit, said)
    _links(diff, old, new, view, unit, said)


def _headers(diff: Diffing, old: Place, new: Place, direction: Direction, unit: Unit, said: str) -> None:
    first, second = (
        {name.lower(): (name, place) for name, place in holder.members("headers") if name.lower() != "content-type"}
        for holder in (old, new)
    )
    view = View("headers", direction)
    for key, (name, written_place) in first.items():
        one = followed(diff.old, written_place)
        place = f"header {name} of {said}"
        if key not in second:
            what = "required-header-removed" if one.get("required") is True else "header-removed"
            diff.say(what, view, unit, one, new, place=place)
            continue
        other = followed(diff.new, second[key][1])
        inner, fresh = diff.shared(one, other, view, unit)
        if fresh and one.value is not other.value:
            _header(diff, one, other, view, inner, place if inner is unit else f"header {name}")
    for key, (name, written_place) in second.items():
        if key not in first:
            other = followed(diff.new, written_place)
            what = "required-header-added" if other.get("required") is True else "header-added"
            diff.say(what, view, unit, old, other, place=f"header {name} of {said}")


def _header(diff: Diffing, old: Place, new: Place, view: View, unit: Unit, said: str) -> None:
    required = old.get("required") is True, new.get("required") is True
    if required[0] != required[1]:
        diff.say("header-required" if required[1] else "header-optional", view, unit, old, new, place=said)
    if isinstance(old.value, Mapping) and isinstance(new.value, Mapping):
        diff.lifecycle(view, unit, old, new, said)
        styles = written(old, diff, True), written(new, diff, False)
        if styles[0] != styles[1]:
            diff.say("style-changed", view, unit, old, new, styles[0], styles[1], place=said)
        one, other = old.child("schema"), new.child("schema")
        blank = Place(True, old.pointer)
        diff.schemas.compare(one if one.exists else blank, other if other.exists else blank, view, unit, said)


def _links(diff: Diffing, old: Place, new: Place, view: View, unit: Unit, said: str) -> None:
    first, second = dict(old.members("links")), dict(new.members("links"))
    it = said[:1].upper() + said[1:]
    for name, place in first.items():
        if name not in second:
            diff.say("link-removed", view, unit, place, new, was=name, place=said, it=it)
            continue
        one, other = followed(diff.old, place), followed(diff.new, second[name])
        if _told(one) != _told(other):
            diff.say("link-changed", view, unit, one, other, now=name, place=said, it=said)
    for name, place in second.items():
        if name not in first:
            diff.say("link-added", view, unit, old, place, now=name, place=said, it=it)


def _told(link: Place) -> object:
    return {key: link.get(key) for key in ("operationId", "operationRef", "parameters", "requestBody")}
