"""Differences of who may call: requirements as alternatives of conjunctions, and the schemes behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api_diff.change import Level
from knowledge.api_diff.contract import Operation
from knowledge.api_diff.diffing import NEUTRAL, Diffing, followed
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.shape import text_of
from knowledge.api_diff.source import Place, Source

Alternative = Mapping[str, frozenset[str]]
"""The schemes that are needed together, with their scopes; an empty one is a call without credentials."""
VIEW = View("security", NEUTRAL)
_INVERSE = {
    "authentication-added": "authentication-removed",
    "scheme-removed": "scheme-added",
    "scheme-required": "scheme-unneeded",
    "scope-added": "scope-removed",
}
_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


class Security:
    """The security of two documents; a scheme under a new name is the same scheme if it is defined alike."""

    def __init__(self, diff: Diffing) -> None:
        self._diff = diff
        self._old, self._new = _schemes(diff.old), _schemes(diff.new)
        gone = {_definition(self._old[name]): name for name in self._old if name not in self._new}
        self._names = {
            name: gone.get(_definition(self._new[name]), name) for name in self._new if name not in self._old
        }
        self._users: dict[str, list[str]] = {}

    def compare(self, old: Operation, new: Operation) -> None:
        """Note what differs between who may call two operations."""
        one, other = _written(old, self._diff.old), _written(new, self._diff.new)
        first, second = _alternatives(one, {}), _alternatives(other, self._names)
        for scheme in {name for alternative in (*first, *second) for name in alternative}:
            self._users.setdefault(scheme, []).append(new.name)
        if first == second:
            return
        for what, was, now in _lost(first, second):
            self._say(what, was, now, new, one, other)
        for what, was, now in _lost(second, first):
            self._say(_INVERSE[what], now, was, new, one, other)

    def _say(self, what: str, was: str, now: str, operation: Operation, old: Place, new: Place) -> None:
        subject = f"security {now or was}" if "scheme" not in what else f"security {was or now}"
        unit = Unit(subject, operation.name)
        self._diff.say(what, VIEW, unit, old, new, was, now)

    def compare_schemes(self) -> None:
        """Note what differs between the definitions of schemes, with the operations that need them."""
        for name, one in self._old.items():
            other = self._new.get(name)
            if other is None:
                continue
            users = self._users.get(name, [])
            units = [Unit(f"securitySchemes/{name}", user) for user in users] or [Unit(f"securitySchemes/{name}")]
            for what, was, now in _scheme_changes(one.value, other.value):
                for unit in units:
                    self._diff.say(what, VIEW, unit, one, other, was, now, level=None if users else Level.SAFE)


def _schemes(source: Source) -> dict[str, Place]:
    holder = source.top.child("components")
    found = {name: followed(source, place) for name, place in holder.members("securitySchemes")}
    return {name: place for name, place in found.items() if isinstance(place.value, Mapping)}


def _written(operation: Operation, source: Source) -> Place:
    own = operation.place.child("security")
    return own if isinstance(own.value, list) else source.top.child("security")


def _alternatives(place: Place, names: Mapping[str, str]) -> list[Alternative]:
    """What is accepted; no requirement at all is a call without credentials."""
    found: list[Alternative] = []
    for requirement in place.value if isinstance(place.value, list) else ():
        if isinstance(requirement, Mapping):
            one = {
                names.get(str(name), str(name)): frozenset(map(str, scopes))
                if isinstance(scopes, list)
                else frozenset()
                for name, scopes in requirement.items()
            }
            if one not in found:
                found.append(one)
    return found or [{}]


def _lost(old: list[Alternative], new: list[Alternative]) -> Iterator[tuple[str, str, str]]:
    """For each way to call that is no longer enough: what happened, what was enough, and what it takes now."""
    for one in old:
        if any(_enough(one, other) for other in new):
            continue
        same = [other for other in new if other.keys() == one.keys()]
        more = [other for other in new if other.keys() > one.keys()]
        if not one:
            yield "authentication-added", "", " or ".join(sorted(_told(other) for other in new))
        elif same:
            least = min(same, key=lambda other: sum(len(other[name] - one[name]) for name in other))
            for name in sorted(least):
                for scope in sorted(least[name] - one[name]):
                    yield "scope-added", "", f"{scope} of {name}"
        elif more:
            least = min(more, key=len)
            yield "scheme-required", _told(one), " and ".join(sorted(least.keys() - one.keys()))
        else:
            yield "scheme-removed", _told(one), ""


def _enough(given: Alternative, needed: Alternative) -> bool:
    return all(name in given and scopes <= given[name] for name, scopes in needed.items())


def _told(alternative: Alternative) -> str:
    return " and ".join(sorted(alternative)) or "no credentials"


def _definition(place: Place) -> str:
    value = place.value
    return text_of({"sent": _sent(value), "flows": _flows(value), "url": value.get("openIdConnectUrl")})


def _sent(value: Mapping[str, Any]) -> str:
    """How credentials are sent."""
    kind = str(value.get("type") or "")
    if kind == "apiKey":
        where, name = str(value.get("in") or ""), str(value.get("name") or "")
        return f"{where} {name.lower() if where == 'header' else name}"
    return f"HTTP {str(value.get('scheme') or '').lower()}" if kind == "http" else kind


def _flows(value: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found = value.get("flows")
    return {
        str(name): {key: flow[key] for key in (*_URLS, "scopes") if flow.get(key)}
        for name, flow in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(flow, Mapping)
    }


def _scheme_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if _sent(old) != _sent(new):
        yield "scheme-changed", _sent(old), _sent(new)
        return
    if old.get("openIdConnectUrl") != new.get("openIdConnectUrl"):
        yield "flow-url-changed", str(old.get("openIdConnectUrl")), str(new.get("openIdConnectUrl"))
    first, second = _flows(old), _flows(new)
    for name in first.keys() - second.keys():
        yield "flow-removed", name, ""
    for name in second.keys() - first.keys():
        yield "flow-added", "", name
    for name in first.keys() & second.keys():
        for url in _URLS:
            if first[name].get(url) != second[name].get(url):
                was, now = (f"{flow.get(url)} ({name}, {url})" for flow in (first[name], second[name]))
                yield "flow-url-changed", was, now
        scopes = [set(flow.get("scopes") or ()) for flow in (first[name], second[name])]
        for scope in sorted(scopes[0] - scopes[1]):
            yield "scope-unlisted", f"{scope} ({name})", ""
        for scope in sorted(scopes[1] - scopes[0]):
            yield "scope-listed", "", f"{scope} ({name})"
