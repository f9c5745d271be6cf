"""A query plan: a tree of nodes that keep PostgreSQL's own words for their properties.

Whatever notation a plan came in, its nodes carry the property names of ``EXPLAIN (FORMAT JSON)``
(manual, "Using EXPLAIN"), so that every reader of the same plan builds the same tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Trigger:
    """One line of trigger times of an executed plan."""

    name: str
    relation: str = ""
    constraint: str = ""
    milliseconds: float = 0.0
    calls: int = 0


@dataclass(frozen=True)
class Node:
    """One step of a plan.

    ``number`` counts the nodes of the plan from 1, parents before children. ``properties`` holds everything
    under PostgreSQL's JSON names (``Plan Rows``, ``Rows Removed by Filter``); what is absent was not said.
    """

    number: int
    kind: str
    """``Node Type`` as JSON has it: ``Seq Scan``, ``Aggregate`` (its strategy is a property)."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Node, ...] = ()
    line: int = 0
    """Line of the pasted text, from 1; 0 where there is none."""

    def number_of(self, name: str, default: float = 0.0) -> float:
        """A numeric property, or ``default`` where it was not said."""
        value = self.properties.get(name, default)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def text(self, name: str) -> str:
        """A property as text; ``""`` where it was not said."""
        value = self.properties.get(name, "")
        return ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A property that is a list (``Sort Key``, ``Output``); one value is a list of one."""
        value = self.properties.get(name, ())
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)

    @property
    def relationship(self) -> str:
        """``Outer``, ``Inner``, ``InitPlan``, ``SubPlan``, ``Subquery``, ``Member``; ``""`` for the root."""
        return self.text("Parent Relationship")

    @property
    def relation(self) -> str:
        """The table it reads or writes, schema-qualified where the plan says so, or ``""``."""
        name, schema = self.text("Relation Name"), self.text("Schema")
        return f"{schema}.{name}" if name and schema else name

    @property
    def alias(self) -> str:
        """The name the query uses for what it reads, or ``""``."""
        return self.text("Alias")

    @property
    def index(self) -> str:
        """The index it uses, or ``""``."""
        return self.text("Index Name")

    @property
    def has_costs(self) -> bool:
        """Whether the plan carries estimates."""
        return "Total Cost" in self.properties

    @property
    def is_measured(self) -> bool:
        """Whether the plan was executed with ANALYZE."""
        return "Actual Loops" in self.properties

    @property
    def is_timed(self) -> bool:
        """Whether times were measured (ANALYZE without TIMING OFF)."""
        return "Actual Total Time" in self.properties

    @property
    def loops(self) -> float:
        """How often it ran, over all workers; 0 for "never executed" and where nothing was measured."""
        return self.number_of("Actual Loops")

    @property
    def never_executed(self) -> bool:
        """Whether it was planned, measured and never started."""
        return self.is_measured and self.loops == 0

    @property
    def estimated_rows(self) -> float:
        """The planner's estimate, for one execution."""
        return self.number_of("Plan Rows")

    @property
    def actual_rows(self) -> float:
        """Rows it returned, on average for one loop."""
        return self.number_of("Actual Rows")

    @property
    def all_rows(self) -> float:
        """Rows it returned over all loops and workers."""
        return self.actual_rows * self.loops

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents before children."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))


@dataclass(frozen=True)
class Plan:
    """A whole plan and what was said about the query beside the tree."""

    root: Node
    properties: Mapping[str, Any] = field(default_factory=dict)
    """What stands beside ``Plan`` in JSON: ``Planning Time``, ``Execution Time``, ``JIT``, ``Settings``,
    ``Serialization``, ``Planning`` (buffers and memory of planning), ``Query Identifier``."""
    triggers: tuple[Trigger, ...] = ()
    notation: str = "json"
    """``text``, ``json``, ``yaml``, ``xml``."""
    engine: str = "postgresql"
    """``postgresql``, ``sqlite`` or ``mongodb``."""
    query: str = ""
    """The query, where it was given with the plan."""
    problems: tuple[str, ...] = ()
    """What could not be read, each with its line."""

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes by number: ``nodes[0]`` is the root, number 1."""
        return tuple(self.root.walk())

    @cached_property
    def tables(self) -> frozenset[str]:
        """Names of the tables it reads or writes, without schema, in lower case."""
        return frozenset(node.text("Relation Name").lower() for node in self.nodes if node.relation)

    @cached_property
    def parents(self) -> Mapping[int, Node]:
        """The parent of each node but the root, by the child's number."""
        return {child.number: node for node in self.nodes for child in node.children}

    def node(self, number: int) -> Node:
        """The node of that number.

        Raises:
            IndexError: there is none.
        """
        return self.nodes[number - 1]

    @property
    def is_measured(self) -> bool:
        """Whether the plan was executed with ANALYZE."""
        return self.root.is_measured

    @property
    def is_timed(self) -> bool:
        """Whether it carries times."""
        return self.root.is_timed

    @property
    def planning_ms(self) -> float:
        """Milliseconds of planning; 0 where not said."""
        return _milliseconds(self.properties.get("Planning Time"))

    @property
    def execution_ms(self) -> float:
        """Milliseconds of execution, triggers included; 0 where not said."""
        return _milliseconds(self.properties.get("Execution Time"))

    @property
    def settings(self) -> Mapping[str, str]:
        """Planner settings that are not the default (EXPLAIN SETTINGS)."""
        found = self.properties.get("Settings")
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, Mapping) else {}


def _milliseconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
