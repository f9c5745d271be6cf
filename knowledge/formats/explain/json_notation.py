"""Reads plans in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.numbers import number

_NODE = re.compile(r'(?<!\\)"Node Type"\s*:')


def parse(text: str, *, whole: bool = False) -> Any:
    """The value of a JSON text.

    Args:
        text: the text.
        whole: whether something after the value is a mistake rather than left alone.

    Raises:
        PlanSyntaxError: it is no JSON; with the line.
    """
    start = len(text) - len(text.lstrip())
    decoder = json.JSONDecoder(
        object_pairs_hook=_merged, parse_int=_number, parse_float=_number, parse_constant=_no_number
    )
    try:
        value, end = decoder.raw_decode(text, start)
    except json.JSONDecodeError as mistake:
        raise PlanSyntaxError(f"this is no JSON: {mistake.msg}", mistake.lineno) from None
    except RecursionError:
        raise PlanSyntaxError("the JSON is nested too deeply", 1) from None
    if whole and text[end:].strip():
        raise PlanSyntaxError("something follows the JSON", text.count("\n", 0, end) + 1)
    return value


def node_lines(text: str) -> list[int]:
    """The line of every ``Node Type``, in order."""
    found, line, seen = [], 1, 0
    for match in _NODE.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        found.append(line)
    return found


def _number(text: str) -> int | float:
    value = number(text)
    if value is None:
        raise PlanSyntaxError(f"the number {text[:20]}… is beyond what a plan can hold", 1)
    return value


def _no_number(text: str) -> Any:
    raise PlanSyntaxError(f"{text} is no number of a plan", 1)


def _merged(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One group. Before version 13 a node said ``Workers`` twice: once for times, once for sorts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name == "Workers" and isinstance(found.get(name), list) and isinstance(value, list):
            value = merge_workers(found[name], value)
        found[name] = value
    return found


def merge_workers(first: list[Any], second: list[Any]) -> list[Any]:
    """One list of workers from two, each worker once."""
    by_number: dict[Any, dict[str, Any]] = {}
    for worker in [*first, *second]:
        if isinstance(worker, Mapping):
            by_number.setdefault(str(worker.get("Worker Number")), {}).update(worker)
    return list(by_number.values())
