"""Reads the figures of a text plan that share a line: sorts, hashes, buffers, timings, write-ahead log."""

from __future__ import annotations

import re
from typing import Any

from knowledge.formats.explain.numbers import number
from knowledge.formats.explain.splitting import split_list

_FIGURE = re.compile(r"(?<![a-z])([a-z]{1,20}(?: [a-z]{1,20})?)=(-?[\d.]+)(?: ?kB| ms)?")

_IN_AGGREGATE = {
    "Batches": "HashAgg Batches",
    "HashAgg Batches": "HashAgg Batches",
    "Memory Usage": "Peak Memory Usage",
    "Peak Memory Usage": "Peak Memory Usage",
    "Disk Usage": "Disk Usage",
    "Planned Partitions": "Planned Partitions",
}
_IN_HASH = {"Buckets": "Hash Buckets", "Batches": "Hash Batches", "Memory Usage": "Peak Memory Usage"}
_IN_MEMOIZE = {
    "Hits": "Cache Hits",
    "Misses": "Cache Misses",
    "Evictions": "Cache Evictions",
    "Overflows": "Cache Overflows",
    "Memory Usage": "Peak Memory Usage",
}


def read_details(kind: str, text: str) -> dict[str, Any] | None:
    """The properties on one line of figures of a node of that kind; ``None`` if it is no such line."""
    name = text.partition(":")[0]
    match name:
        case "Sort Method" | "Sort Methods":
            return _sort(text)
        case "Full-sort Groups" | "Pre-sorted Groups":
            return _sort_groups(text)
        case "Buckets" | "Batches" | "Hits" | "Planned Partitions" | "HashAgg Batches" | "Peak Memory Usage":
            return _memory(kind, text)
        case "Memory Usage" | "Disk Usage":
            return _memory(kind, text)
        case "Heap Blocks":
            return _named(text, {"exact": "Exact Heap Blocks", "lossy": "Lossy Heap Blocks"})
        case "Buffers":
            return _blocks(text)
        case "I/O Timings":
            return _timings(text)
        case "WAL":
            names = {
                "records": "WAL Records",
                "fpi": "WAL FPI",
                "bytes": "WAL Bytes",
                "buffers full": "WAL Buffers Full",
            }
            return _named(text, names)
        case "Storage":
            return _storage(text)
        case "Sampling":
            return _sampling(text)
        case "Tuples":
            return _named(
                text, {word.lower(): f"Tuples {word}" for word in ("Inserted", "Updated", "Deleted", "Skipped")}
            )
        case "Memory":
            return _named(text, {"used": "Memory Used", "allocated": "Memory Allocated"})
        case _:
            return None


def _kilobytes(text: str) -> int | float | str:
    value = number(text.removesuffix("kB").strip())
    return text if value is None else value


def _sort(text: str) -> dict[str, Any] | None:
    match = re.match(r"Sort Methods?: (\S+(?: \S+)*)  (Memory|Disk): (\d+)kB\Z", text)
    if not match:
        return None
    method, space, size = match.groups()
    return {"Sort Method": method, "Sort Space Used": int(size[:18]), "Sort Space Type": space}


def _sort_groups(text: str) -> dict[str, Any] | None:
    name, _, rest = text.partition(":")
    match = re.match(r" (\d{1,18})(?:  Sort Methods?: (\S+(?: \S+)*?))?(?=  |\Z)", rest)
    if not match:
        return None
    group: dict[str, Any] = {"Group Count": int(match.group(1))}
    if match.group(2):
        group["Sort Methods Used"] = match.group(2).split(", ")
    for space in ("Memory", "Disk"):
        sizes = re.search(rf"Average {space}: (\d{{1,18}})kB  Peak {space}: (\d{{1,18}})kB", rest)
        if sizes:
            average, peak = sizes.groups()
            group[f"Sort Space {space}"] = {"Average Sort Space Used": int(average), "Peak Sort Space Used": int(peak)}
    return {name: group}


def _memory(kind: str, text: str) -> dict[str, Any] | None:
    names = {"Hash": _IN_HASH, "Memoize": _IN_MEMOIZE, "Result Cache": _IN_MEMOIZE}.get(kind, _IN_AGGREGATE)
    found: dict[str, Any] = {}
    for part in text.split("  "):
        name, _, value = part.strip().partition(": ")
        original = re.match(r"(\d+) \(originally (\d+)\)\Z", value)
        figure = number((original.group(1) if original else value).removesuffix("kB"))
        if name not in names or figure is None:
            return None
        found[names[name]] = figure
        if kind == "Hash" and name != "Memory Usage":
            found["Original " + names[name]] = number(original.group(2)) if original else figure
    return found


def _figures(text: str) -> dict[str, int | float]:
    found = {}
    for name, value in _FIGURE.findall(text):
        figure = number(value)
        if figure is not None:
            found[name.strip()] = figure
    return found


def _named(text: str, names: dict[str, str]) -> dict[str, Any] | None:
    figures = _figures(text.partition(":")[2])
    if not figures or any(name not in names for name in figures):
        return None
    return {names[name]: value for name, value in figures.items()}


def _blocks(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for part in text.partition(":")[2].split(","):
        words = part.split()
        if not words or words[0] not in ("shared", "local", "temp"):
            return None
        for word in words[1:]:
            name, _, value = word.partition("=")
            figure = number(value)
            if name not in ("hit", "read", "dirtied", "written") or figure is None:
                return None
            found[f"{words[0].capitalize()} {name.capitalize()} Blocks"] = figure
    return found


def _timings(text: str) -> dict[str, Any] | None:
    """Before version 15 the line names no kind of buffer; in 15 and 16 it says ``shared/local``."""
    found: dict[str, Any] = {}
    for part in text.partition(":")[2].split(","):
        words = part.split()
        kind = words.pop(0) if words and "=" not in words[0] else ""
        if kind not in ("", "shared/local", "shared", "local", "temp"):
            return None
        prefix = kind.capitalize() + " " if kind in ("shared", "local", "temp") else ""
        for word in words:
            name, _, value = word.partition("=")
            figure = number(value)
            if name not in ("read", "write") or figure is None:
                return None
            found[f"{prefix}I/O {name.capitalize()} Time"] = figure
    return found


def _storage(text: str) -> dict[str, Any] | None:
    match = re.match(r"Storage: (\w+)  Maximum Storage: (\d{1,18})kB\Z", text)
    return {"Storage": match.group(1), "Maximum Storage": int(match.group(2))} if match else None


def _sampling(text: str) -> dict[str, Any] | None:
    method, _, rest = text.removeprefix("Sampling: ").partition(" (")
    arguments, again, seed = rest.partition(") REPEATABLE (")
    found: dict[str, Any] = {
        "Sampling Method": method,
        "Sampling Parameters": split_list(arguments if again else arguments.removesuffix(")")),
    }
    if again:
        found["Repeatable Seed"] = seed.removesuffix(")")
    return found
