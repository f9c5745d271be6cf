"""Differences of the operations of a document, and of what the API calls itself."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.contract import Operation, operations_of, path_items, shape_of
from knowledge.api_diff.diffing import NEUTRAL, Diffing, followed
from knowledge.api_diff.lifecycle import removal_level
from knowledge.api_diff.parameters import compare_parameters
from knowledge.api_diff.payloads import compare_bodies
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.responses import compare_responses
from knowledge.api_diff.security import Security
from knowledge.api_diff.servers import compare_servers
from knowledge.api_diff.source import Place, Source

PATHS = View("paths", NEUTRAL)
TAGS = View("tags", NEUTRAL)
COMPONENTS = View("components", NEUTRAL)


def compare_paths(diff: Diffing, security: Security) -> dict[str, int]:
    """Note what differs between the paths of both documents; the order of all operations by name."""
    first, second = path_items(diff.old), path_items(diff.new)
    matched = _matched(first, second)
    order: dict[str, int] = {}
    for template, item in second.items():
        for operation in operations_of(template, item).values():
            order.setdefault(operation.name, len(order))
            if operation.place.get("operationId"):
                diff.moved[str(operation.place.get("operationId"))] = operation.name
    for template, item in first.items():
        for operation in operations_of(template, item).values():
            order.setdefault(operation.name, len(order))
        if template not in matched:
            _path_removed(diff, template, item)
    for old_template, new_template in matched.items():
        _path(diff, security, (old_template, first[old_template]), (new_template, second[new_template]))
    for template in second.keys() - set(matched.values()):
        operations = operations_of(template, second[template])
        for operation in operations.values():
            unit = Unit(template, operation.name)
            diff.say("path-added", PATHS, unit, diff.old.top.child("paths"), second[template], now=template)
    return order


def _matched(first: Mapping[str, Place], second: Mapping[str, Place]) -> dict[str, str]:
    """Which path became which: by its template, else by its shape."""
    matched = {template: template for template in first if template in second}
    shapes = {shape_of(template): template for template in second if template not in matched}
    for template in first:
        if template not in matched and shape_of(template) in shapes:
            matched[template] = shapes.pop(shape_of(template))
    return matched


def _path_removed(diff: Diffing, template: str, item: Place) -> None:
    operations = operations_of(template, item)
    levels = [removal_level(operation.place.value, diff.today, Level.BREAKING) for operation in operations.values()]
    level = min(levels, key=lambda level: level.rank, default=Level.SAFE)
    paths = diff.new.top.child("paths")
    hints = dict.fromkeys(hint for operation in operations.values() if (hint := _moved(diff, operation)))
    for operation in operations.values():
        unit = Unit(template, operation.name)
        diff.say("path-removed", PATHS, unit, item, paths, was=template, level=level, advice=" ".join(hints))


def _moved(diff: Diffing, operation: Operation) -> str:
    """Where an operation went, by its operationId."""
    name = diff.moved.get(str(operation.place.get("operationId") or ""), "")
    return f"{name} has the operationId of {operation.name}: call that instead." if name else ""


def _path(diff: Diffing, security: Security, old: tuple[str, Place], new: tuple[str, Place]) -> None:
    first, second = operations_of(*old), operations_of(*new)
    for method, operation in first.items():
        if method in second:
            _operation(diff, security, operation, second[method])
        else:
            level = removal_level(operation.place.value, diff.today, Level.BREAKING)
            unit = Unit(operation.name, operation.name)
            name, hint = operation.name, _moved(diff, operation)
            diff.say("operation-removed", PATHS, unit, operation.place, new[1], was=name, level=level, advice=hint)
    for method, operation in second.items():
        if method not in first:
            unit = Unit(operation.name, operation.name)
            diff.say("operation-added", PATHS, unit, old[1], operation.place, now=operation.name)


def _operation(diff: Diffing, security: Security, old: Operation, new: Operation) -> None:
    unit = Unit(new.name, new.name)
    security.compare(old, new)
    compare_servers(diff, old, new)
    _about(diff, old, new, unit)
    compare_exchange(diff, old, new, unit)
    _callbacks(diff, old, new, unit)


def _about(diff: Diffing, old: Operation, new: Operation, unit: Unit) -> None:
    diff.lifecycle(PATHS, unit, old.place, new.place, it="The operation")
    was, now = (str(operation.place.get("operationId") or "") for operation in (old, new))
    if was != now:
        what = "operation-id-changed" if was and now else "operation-id-added" if now else "operation-id-removed"
        diff.say(what, PATHS, unit, old.place, new.place, was, now)
    first, second = _tags(old), _tags(new)
    for tag in first:
        if tag not in second:
            diff.say("tag-removed", TAGS, unit, old.place, new.place, was=tag)
    for tag in second:
        if tag not in first:
            diff.say("tag-added", TAGS, unit, old.place, new.place, now=tag)


def _tags(operation: Operation) -> list[str]:
    found = operation.place.get("tags")
    return [str(tag) for tag in found] if isinstance(found, list) else []


def compare_exchange(diff: Diffing, old: Operation, new: Operation, unit: Unit) -> None:
    """Note what differs between what is sent and what comes back; the other way round where the API calls."""
    asks, answers = Direction.REQUEST, Direction.RESPONSE
    if new.called:
        asks, answers = answers, asks
    compare_parameters(diff, old, new, unit, asks)
    compare_bodies(diff, old, new, unit, asks)
    compare_responses(diff, old, new, unit, answers)


def _callbacks(diff: Diffing, old: Operation, new: Operation, unit: Unit) -> None:
    first, second = _calls(diff.old, old), _calls(diff.new, new)
    for key, operation in first.items():
        if key in second:
            compare_exchange(diff, operation, second[key], unit)
        else:
            diff.say("callback-removed", COMPONENTS, unit, operation.place, new.place, was=" ".join(key))
    for key, operation in second.items():
        if key not in first:
            diff.say("callback-added", COMPONENTS, unit, old.place, operation.place, now=" ".join(key))


def _calls(source: Source, operation: Operation) -> dict[tuple[str, str], Operation]:
    """The operations that the API calls, by callback and method; a callback has one expression as a rule."""
    found = {}
    for name, written in operation.place.members("callbacks"):
        callback = followed(source, written)
        for index, expression in enumerate(callback.value if isinstance(callback.value, Mapping) else ()):
            item = source.follow(callback.child(expression))
            key = name if not index else f"{name} {expression}"
            for method, inner in operations_of(str(expression), item, called=True).items():
                found[key, method] = inner
    return found


def compare_webhooks(diff: Diffing) -> None:
    """Note what differs between the webhooks of both documents."""
    first, second = (
        {name: source.follow(place) for name, place in source.top.members("webhooks")}
        for source in (diff.old, diff.new)
    )
    for name, item in first.items():
        if name not in second:
            unit = Unit(f"webhook {name}", f"webhook {name}")
            diff.say("webhook-removed", COMPONENTS, unit, item, diff.new.top, was=name)
            continue
        ones, others = operations_of(name, item, called=True), operations_of(name, second[name], called=True)
        for method in ones.keys() & others.keys():
            compare_exchange(diff, ones[method], others[method], Unit(f"webhook {name}", f"webhook {name}"))
    for name, item in second.items():
        if name not in first:
            unit = Unit(f"webhook {name}", f"webhook {name}")
            diff.say("webhook-added", COMPONENTS, unit, diff.old.top, item, now=name)
