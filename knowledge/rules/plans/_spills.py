"""What rules about work done on disk share: when it is worth a word, and how much memory would hold it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from knowledge.plan.model import Node
from knowledge.plan.words import size
from knowledge.report import Fix, Step
from knowledge.rules.plan_rule import PlanContext

LEAST_KB = 1024.0
"""Kilobytes written to disk below which the operating system's cache makes them free."""

LEAST_SHARE = 0.1
"""Share of the query's time from which an operation on disk is worth a word."""

MOST_MB = 1024
"""Megabytes of work_mem that are recommended at most: each sort or hash of each session may take as much."""

HASH_MEM_MULTIPLIER = 2.0
"""Default of hash_mem_multiplier (since PostgreSQL 15)."""


def parts(node: Node) -> Iterator[Any]:
    """What a node says of itself and of each of its workers."""
    yield node.properties
    workers = node.properties.get("Workers")
    if isinstance(workers, list | tuple):
        yield from (worker for worker in workers if isinstance(worker, dict))


def largest(node: Node, name: str) -> float:
    """The largest value of a property over the leader and the workers."""
    return max((_number(part.get(name)) for part in parts(node)), default=0.0)


def total(node: Node, name: str) -> float:
    """The sum of a property over the leader and the workers."""
    return sum(_number(part.get(name)) for part in parts(node))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def hash_memory(context: PlanContext) -> float:
    """By how much hash tables may exceed work_mem."""
    try:
        return max(1.0, float(context.plan.settings.get("hash_mem_multiplier", HASH_MEM_MULTIPLIER)))
    except ValueError:
        return HASH_MEM_MULTIPLIER


def work_mem_fix(kilobytes: float, besides: str = "") -> Fix:
    """Advice to allow that much memory for this query; ``besides`` says what else would help."""
    megabytes = max(1, math.ceil(kilobytes * 1.1 / 1024))
    also = f"; or {besides}" if besides else ""
    if megabytes > MOST_MB:
        return Fix(summary=f"It would take about {size(megabytes * 1024**2)} of work_mem: too much for a setting{also}")
    return Fix(
        summary=f"Allow this query {megabytes} MB of work_mem, in its session only{also}",
        steps=[Step(sql=f"SET work_mem = '{megabytes}MB';", note="for this session")],
    )


def allowed(context: PlanContext) -> str:
    """`` (work_mem 4MB)`` where the plan says what it is."""
    found = context.plan.settings.get("work_mem", "")
    return f" (work_mem {found})" if found else ""
