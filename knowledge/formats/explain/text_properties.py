"""Reads one line of text below a node into the node's properties."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from knowledge.formats.explain.names import BOOLEANS, LISTS, NUMBERS, TEXTS, names_in
from knowledge.formats.explain.numbers import number
from knowledge.formats.explain.splitting import split_list
from knowledge.formats.explain.text_details import read_details
from knowledge.formats.explain.text_head import read_target, worker_figures

_NAMED = re.compile(r"([A-Z][A-Za-z0-9/ _-]{1,59}): ?(.*)\Z", re.DOTALL)
_WORKER = re.compile(r"Worker (\d{1,6}): *(.*)\Z")
_TARGET = re.compile(r"(?:Foreign )?(?:Insert|Update|Delete|Merge) on (.+)\Z")
_DETAILS = names_in(
    """
    Sort Method|Sort Methods|Full-sort Groups|Pre-sorted Groups|Buckets|Batches|Hits|Planned Partitions
    HashAgg Batches|Peak Memory Usage|Memory Usage|Disk Usage|Heap Blocks|Buffers|I/O Timings|WAL|Storage|Sampling
    Tuples|Memory|Estimates|Hash Key
    """
)
_FOREIGN = ("Foreign Scan", "Custom Scan", "ModifyTable")
"""Kinds whose properties extensions add to."""


@dataclass
class Draft:
    """A node that is being read."""

    kind: str
    properties: dict[str, Any]
    line: int
    column: int
    children: list[Draft] = field(default_factory=list)
    child_column: int | None = None
    """Where the lines of its children begin, once there is one."""
    inputs: int = 0
    """How many of its children are inputs."""
    labelled: bool = False
    """Whether it is an InitPlan, a SubPlan or a CTE of its parent rather than an input."""
    worker: dict[str, Any] | None = None
    worker_column: int = 0
    sets: list[tuple[str, str]] = field(default_factory=list)
    """Keys of grouping sets in their order: the name of the key, its text."""


def begins_property(text: str, kind: str = "") -> bool:
    """Whether a line is the beginning of something said about a node of that kind."""
    if _WORKER.match(text) or text == "JIT:":
        return True
    named = _NAMED.match(text)
    if not named:
        return kind == "ModifyTable" and _TARGET.match(text) is not None
    name = named.group(1)
    known = name in _DETAILS or name in NUMBERS or name in TEXTS or name in LISTS or name in BOOLEANS
    return known or kind in _FOREIGN or name in ("Options", "Timing")


def read_property(draft: Draft, text: str, column: int) -> str:
    """Take a line into the node.

    Returns:
        What is wrong with the line, in words; ``""`` where all of it was understood.
    """
    worker = _WORKER.match(text)
    if worker:
        draft.worker = _worker(draft, int(worker.group(1)))
        draft.worker_column = column
        text = worker.group(2).strip()
        if not text:
            return ""
    elif draft.worker is not None and column <= draft.worker_column:
        draft.worker = None
    properties = draft.properties if draft.worker is None else draft.worker
    if draft.worker is not None and text.startswith("actual "):
        figures = worker_figures(text)
        properties.update(figures)
        return "" if figures else "these figures of a worker cannot be read"
    if text == "JIT:":
        properties["JIT"] = {}
        return ""
    if text.split(":")[0] in ("Functions", "Options", "Timing") and "JIT" in properties:
        return "" if read_jit(properties["JIT"], text) else "this line about JIT cannot be read"
    details = read_details(draft.kind, text)
    if details is not None:
        properties.update(details)
        return ""
    return _named(draft, properties, text)


def _worker(draft: Draft, number_of_it: int) -> dict[str, Any]:
    workers: list[dict[str, Any]] = draft.properties.setdefault("Workers", [])
    for known in workers:
        if known["Worker Number"] == number_of_it:
            return known
    workers.append({"Worker Number": number_of_it})
    return workers[-1]


def _named(draft: Draft, properties: dict[str, Any], text: str) -> str:
    target = _TARGET.match(text)
    if target and draft.kind == "ModifyTable" and ": " not in text:
        properties.setdefault("Target Tables", []).append(read_target(target.group(1), "Relation Name"))
        return ""
    named = _NAMED.match(text)
    if not named:
        return "this line is nothing that EXPLAIN says of a node"
    name, value = named.group(1), named.group(2).strip()
    if draft.kind == "Aggregate" and name in ("Group Key", "Hash Key", "Sort Key"):
        draft.sets.append((name, value))
        return ""
    return _known(draft.kind, properties, name, value)


def _known(kind: str, properties: dict[str, Any], name: str, value: str) -> str:
    figure = number(value.removesuffix(" ms").removesuffix("kB").strip())
    if name in LISTS:
        properties[name] = split_list(value)
    elif name in BOOLEANS and value in ("true", "false"):
        properties[name] = value == "true"
    elif name in NUMBERS and figure is not None:
        properties[name] = figure
    elif name in NUMBERS or name in BOOLEANS:
        return f"“{value[:40]}” is no value for “{name}”"
    elif name in TEXTS:
        properties[name] = value
    else:
        properties[name] = value if figure is None else figure
        return "" if kind in _FOREIGN else f"“{name}” is not a property EXPLAIN is known for; it is kept as it stands"
    return ""


def finish_sets(draft: Draft) -> None:
    """Turn the keys of an aggregate into ``Group Key``, or into ``Grouping Sets`` where there are several."""
    if not draft.sets:
        return
    if len(draft.sets) == 1 and draft.sets[0][0] == "Group Key" and draft.sets[0][1] != "()":
        draft.properties["Group Key"] = split_list(draft.sets[0][1])
        return
    sets: list[dict[str, Any]] = []
    for name, value in draft.sets:
        if name == "Sort Key":
            sets.append({"Sort Key": split_list(value)})
            continue
        keys = [] if value == "()" else split_list(value)
        plural = name + "s"
        if not sets or name == "Hash Key" or "Hash Keys" in sets[-1]:
            sets.append({})
        sets[-1].setdefault(plural, []).append(keys)
    draft.properties["Grouping Sets"] = sets


def read_jit(group: dict[str, Any], text: str) -> bool:
    """Take a line of the JIT block (``Functions``, ``Options``, ``Timing``); whether it was one."""
    name, _, value = text.partition(":")
    value = value.strip()
    if name == "Functions" and value.isdigit():
        group[name] = int(value[:18])
        return True
    pairs = re.findall(r"([A-Z][a-z]+) (true|false|[\d.]+(?= ms))", value)
    if name == "Options" and pairs:
        group[name] = {option: on == "true" for option, on in pairs}
        return True
    if name == "Timing" and pairs:
        figures: dict[str, Any] = {part: number(spent) for part, spent in pairs}
        if "Deform" in figures:
            figures["Generation"] = {"Deform": figures.pop("Deform"), "Total": figures["Generation"]}
        group[name] = figures
        return True
    return False
