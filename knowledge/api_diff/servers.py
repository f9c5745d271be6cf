"""Differences of where the API is served."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from knowledge.api_diff.contract import Operation
from knowledge.api_diff.diffing import NEUTRAL, Diffing
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.source import Place, Source

VIEW = View("servers", NEUTRAL)
MOST_ADDRESSES = 64
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def compare_servers(diff: Diffing, old: Operation, new: Operation) -> None:
    """Note servers that came or went for an operation; what is stated nowhere is known nowhere."""
    first, second = _addresses(old, diff.old), _addresses(new, diff.new)
    for address, place in first.items():
        if address not in second:
            unit = Unit(f"server {address}", new.name)
            diff.say("server-removed", VIEW, unit, place, new.place, was=address)
    for address, place in second.items():
        if address not in first:
            unit = Unit(f"server {address}", new.name)
            diff.say("server-added", VIEW, unit, old.place, place, now=address)


def _addresses(operation: Operation, source: Source) -> dict[str, Place]:
    for holder in (operation.place, operation.item, source.top):
        servers = list(holder.items("servers"))
        if servers:
            return {address: place for place in servers for address in _spelled(place)}
    return {}


def _spelled(place: Place) -> list[str]:
    """The addresses that a server stands for, one for each choice of its variables."""
    url = str(place.get("url") or "")
    variables = place.get("variables")
    choices = []
    for name in dict.fromkeys(_VARIABLE.findall(url)):
        variable = variables.get(name) if isinstance(variables, Mapping) else None
        values = variable.get("enum") if isinstance(variable, Mapping) else None
        found = [str(value) for value in values] if isinstance(values, list) and values else ["{" + name + "}"]
        choices.append([(name, value) for value in found])
    made = []
    for chosen in itertools.islice(itertools.product(*choices), MOST_ADDRESSES):
        address = url
        for name, value in chosen:
            address = address.replace("{" + name + "}", value)
        made.append(address.rstrip("/") or "/")
    return made
