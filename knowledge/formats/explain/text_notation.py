"""Reads plans in text notation: a tree by indentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge.formats.explain.arity import inputs_of, relationship
from knowledge.formats.explain.continuation import LABEL
from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_DEPTH, MAX_NODES
from knowledge.formats.explain.source import Line
from knowledge.formats.explain.text_head import Head, is_head, read_head
from knowledge.formats.explain.text_properties import Draft, finish_sets, read_property
from knowledge.formats.explain.text_trailer import Trailer, begins_trailer
from knowledge.plan.model import Node, Plan


def read_text(lines: Sequence[Line]) -> Plan:
    """The plan in lines of which the first is its root.

    Raises:
        PlanSyntaxError: the tree cannot be told.
    """
    reader = _Reader()
    for place, line in enumerate(lines):
        if line.content and not reader.take(line):
            reader.complain(
                line, f"a second plan begins here; only the first was read ({len(lines) - place} lines left)"
            )
            break
    return reader.plan()


class _Reader:
    """Takes line after line."""

    def __init__(self) -> None:
        self._stack: list[Draft] = []
        self._root: Draft | None = None
        self._label: tuple[str, Line] | None = None
        self._trailer = Trailer()
        self._below = False
        self._count = 0
        self._problems: list[str] = []

    def complain(self, line: Line, message: str) -> None:
        self._problems.append(f"line {line.number}: {message}")

    def take(self, line: Line) -> bool:
        """Take a line; ``False`` where another plan begins."""
        text = line.content
        if text.startswith("->"):
            self._node(line, text[2:].strip(), labelled=self._label is not None)
        elif self._root is None:
            self._node(line, text, labelled=False)
        elif self._is_label(line):
            self._label = (text, line)
        elif (self._below or begins_trailer(text)) and self._trailer.take(text, line.column):
            self._below = True
        elif self._below and is_head(text):
            return False
        elif self._below:
            self.complain(line, "this line below the plan is nothing that EXPLAIN says")
        else:
            problem = read_property(self._stack[-1], text, line.column)
            if problem:
                self.complain(line, problem)
        return True

    def _is_label(self, line: Line) -> bool:
        return not self._below and LABEL.match(line.content) is not None

    def _node(self, line: Line, text: str, *, labelled: bool) -> None:
        head = read_head(text)
        draft = Draft(head.kind, head.properties, line.number, line.column, labelled=labelled)
        self._count += 1
        if self._count > MAX_NODES:
            raise PlanSyntaxError(f"the plan has more than {MAX_NODES} nodes", line.number)
        self._check(line, head)
        if self._root is None:
            self._root = draft
        else:
            self._hang(draft, line)
        self._stack.append(draft)
        if len(self._stack) > MAX_DEPTH:
            raise PlanSyntaxError(f"the plan is more than {MAX_DEPTH} levels deep", line.number)
        self._label = None

    def _check(self, line: Line, head: Head) -> None:
        if not head.known:
            self.complain(line, f"“{head.kind[:60]}” is no kind of node that PostgreSQL has")
        if head.broken:
            self.complain(line, f"“{head.broken[:60]}” cannot be read")

    def _hang(self, draft: Draft, line: Line) -> None:
        """Hang a node under the nearest one before it that is indented less."""
        if self._below:
            self.complain(line, "this node stands below the end of the plan")
        anchor = line.column if self._label is None else self._label[1].column
        while len(self._stack) > 1 and self._stack[-1].column >= anchor:
            self._stack.pop()
        parent = self._stack[-1]
        if parent.column >= anchor and not (len(self._stack) == 1 and parent.column <= anchor):
            raise PlanSyntaxError("this node is indented less than the first one", line.number)
        if parent.child_column is not None and parent.child_column != anchor:
            raise PlanSyntaxError(
                "the indentation is damaged: this node stands neither beside nor below the ones before it", line.number
            )
        parent.child_column = anchor
        if self._label is not None:
            name = self._label[0]
            draft.properties["Parent Relationship"] = "SubPlan" if name.startswith("SubPlan") else "InitPlan"
            draft.properties["Subplan Name"] = name
        parent.children.append(draft)
        parent.inputs += not draft.labelled
        most = inputs_of(parent.kind)[1]
        if parent.inputs > most:
            raise PlanSyntaxError(
                f"the indentation is damaged: {parent.kind} of line {parent.line} would have more than {most} inputs",
                line.number,
            )

    def plan(self) -> Plan:
        """The plan of all lines taken."""
        if self._root is None:
            raise PlanSyntaxError("there is no plan in it", 1)
        if self._label is not None:
            self.complain(self._label[1], "the plan ends before the node of this label")
        order: list[Draft] = []
        pending = [self._root]
        while pending:
            draft = pending.pop()
            order.append(draft)
            pending.extend(reversed(draft.children))
        nodes: dict[int, Node] = {}
        for number in range(len(order), 0, -1):
            draft = order[number - 1]
            self._finish(draft)
            children = tuple(nodes.pop(id(child)) for child in draft.children)
            nodes[id(draft)] = Node(number, draft.kind, draft.properties, children, draft.line)
        return Plan(
            nodes[id(self._root)],
            self._trailer.properties,
            tuple(self._trailer.triggers),
            notation="text",
            problems=tuple(self._problems),
        )

    def _finish(self, draft: Draft) -> None:
        finish_sets(draft)
        inputs = [child for child in draft.children if not child.labelled]
        for place, child in enumerate(inputs):
            child.properties["Parent Relationship"] = relationship(draft.kind, place, len(inputs))
        least = inputs_of(draft.kind)[0]
        if len(inputs) < least:
            missing = "an input" if least - len(inputs) == 1 else "its inputs"
            self.complain(Line(draft.line, ""), f"{missing} of this {draft.kind} is missing: was the text cut?")
        _never_timed(draft.properties, self._root.properties if self._root else {})


def _never_timed(properties: dict[str, Any], root: dict[str, Any]) -> None:
    """``(never executed)`` says no times; the other notations say zero where times were measured."""
    if properties.get("Actual Loops") == 0 and "Actual Total Time" in root:
        properties.setdefault("Actual Startup Time", 0.0)
        properties.setdefault("Actual Total Time", 0.0)
