"""Reads ``explain("executionStats")`` of MongoDB, as JSON or as mongosh prints it.

Stages become nodes whose properties have PostgreSQL's names where the meaning is the same
(``Actual Rows`` for ``nReturned``), so that a plan is told and drawn like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES
from knowledge.plan.model import Node, Plan

_TOKEN = re.compile(
    r"""
    (?P<double>"(?:[^"\\]|\\.)*")
  | (?P<single>'(?:[^'\\]|\\.)*')
  | (?P<call>\b(?:new\s+)?[A-Z]\w*\s*\()
  | (?P<key>[A-Za-z_$][\w$]*)(?=\s*:)
  | (?P<word>\bundefined\b|\bNaN\b|-?\bInfinity\b)
  | (?P<regex>/(?:[^/\\\n]|\\.)+/[a-z]*)
  | (?P<cut>\[(?:Object|Array)\]|\.\.\.\s*\d+\s+more\s+items?)
  | (?P<comma>,(?=\s*[}\]]))
  | (?P<close>\))
""",
    re.VERBOSE,
)
_BEGINS = re.compile(r"^\s*[{\[]", re.MULTILINE)
"""The document; the braces of the command before it stand within their line."""
_SAME = {"nReturned": "Actual Rows", "indexName": "Index Name", "executionTimeMillisEstimate": "Actual Total Time"}
_NAMED = {
    "docsExamined": "Documents Examined",
    "keysExamined": "Keys Examined",
    "totalDataSizeSorted": "Bytes Sorted",
    "usedDisk": "Used Disk",
    "works": "Works",
    "keyPattern": "Key Pattern",
    "indexBounds": "Index Bounds",
    "sortPattern": "Sort Key",
    "filter": "Filter",
    "direction": "Scan Direction",
    "limitAmount": "Limit",
    "skipAmount": "Skip",
    "memLimit": "Memory Limit",
    "spills": "Spills",
    "dupsDropped": "Duplicates Dropped",
    "transformBy": "Output",
    "seeks": "Seeks",
}
_INPUTS = ("inputStage", "inputStages", "outerStage", "innerStage", "thenStage", "elseStage")


def looks_like(text: str) -> bool:
    """Whether its words are those of a MongoDB plan."""
    return ("queryPlanner" in text and "winningPlan" in text) or "executionStages" in text


def read(text: str) -> Plan:
    """The plan that ran, with its figures; the planner's choice where nothing was executed.

    Raises:
        PlanSyntaxError: it cannot be read, or there is no plan in it.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlanSyntaxError(f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", 1)
    document = _parsed(text)
    statistics = _first(document, "executionStats")
    planner = _first(document, "queryPlanner")
    stages = _first(statistics, "executionStages") if statistics else None
    winning = _first(planner, "winningPlan") if planner else None
    root = stages if isinstance(stages, Mapping) else winning
    if not isinstance(root, Mapping):
        raise PlanSyntaxError('there is no plan in it: neither "executionStages" nor "winningPlan"', 1)
    namespace = planner.get("namespace", "") if planner else ""
    reader = _Reader(str(namespace).partition(".")[2], measured=root is stages)
    node = reader.node(root.get("queryPlan", root), 0)
    beside: dict[str, Any] = {}
    if statistics:
        beside = {
            "Execution Time": statistics.get("executionTimeMillis", 0),
            "Documents Examined": statistics.get("totalDocsExamined", 0),
            "Keys Examined": statistics.get("totalKeysExamined", 0),
            "Rows": statistics.get("nReturned", 0),
        }
    return Plan(node, beside, engine="mongodb", problems=tuple(reader.problems))


class _Reader:
    def __init__(self, collection: str, *, measured: bool) -> None:
        self.collection, self.measured = collection, measured
        self.number = 0
        self.problems: list[str] = []

    def node(self, stage: Mapping[str, Any], depth: int) -> Node:
        self.number += 1
        if depth > MAX_DEPTH or self.number > MAX_NODES:
            raise PlanSyntaxError("the plan is nested too deeply or has too many stages", 1)
        number, kind = self.number, str(stage.get("stage", "stage"))
        properties = self._properties(stage, kind)
        children = tuple(self.node(child, depth + 1) for child in _children(stage))
        return Node(number, kind, properties, children)

    def _properties(self, stage: Mapping[str, Any], kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in stage.items():
            if name in _SAME or name in _NAMED:
                found[_SAME.get(name) or _NAMED[name]] = value if isinstance(value, int | float) else _shown(value)
        if self.measured:
            found.setdefault("Actual Rows", 0)
            found["Actual Loops"] = 1
        else:
            for name in ("Actual Rows", "Actual Total Time"):
                found.pop(name, None)
        if kind in ("COLLSCAN", "IXSCAN", "IDHACK", "COUNT_SCAN", "DISTINCT_SCAN", "TEXT_MATCH", "EXPRESS_IXSCAN"):
            found["Relation Name"] = self.collection
        return found


def _children(stage: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in _INPUTS:
        value = stage.get(name)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, Mapping):
                yield child
    for shard in stage.get("shards", ()) if isinstance(stage.get("shards"), list) else ():
        inner = shard.get("executionStages", shard.get("winningPlan")) if isinstance(shard, Mapping) else None
        if isinstance(inner, Mapping):
            yield inner


def _first(value: Any, name: str, depth: int = 0) -> Any:
    """The first object called ``name``, through stages of an aggregation and shards."""
    if depth > 8:
        return None
    if isinstance(value, Mapping):
        if isinstance(value.get(name), Mapping):
            return value[name]
        value = list(value.values())
    if isinstance(value, list):
        return next((found for item in value if (found := _first(item, name, depth + 1)) is not None), None)
    return None


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | bool) else json.dumps(value, ensure_ascii=False)


def _parsed(text: str) -> Any:
    begins = _BEGINS.search(text) or re.search(r"[{\[]", text)
    if begins is None:
        raise PlanSyntaxError("there is no plan in it: no object begins anywhere", 1)
    start = begins.end() - 1
    line = text.count("\n", 0, start)
    body = text[start:]
    for attempt in (body, _as_json(body)):
        try:
            return json.JSONDecoder().raw_decode(attempt)[0]
        except json.JSONDecodeError as mistake:
            problem = PlanSyntaxError(f"this is no JSON: {mistake.msg}", line + mistake.lineno)
        except RecursionError:
            raise PlanSyntaxError("the JSON is nested too deeply", line + 1) from None
    raise problem


def _as_json(text: str) -> str:
    """What mongosh prints, as JSON: keys quoted, ``Long('5')`` and the like replaced by their argument."""
    parts: list[str] = []
    position = depth = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        said = match[0]
        if match["double"]:
            parts.append(said)
        elif match["single"]:
            parts.append(json.dumps(re.sub(r"\\(.)", r"\1", said[1:-1])))
        elif match["key"]:
            parts.append(json.dumps(said))
        elif match["call"]:
            depth += 1
            parts.append("[")
        elif match["close"]:
            parts.append("]" if depth else ")")
            depth = max(depth - 1, 0)
        elif match["word"]:
            parts.append("null")
        elif not match["comma"]:
            parts.append(json.dumps(said))
    parts.append(text[position:])
    return re.sub(r'\[\s*("[^"]*"|-?[\d.]+)\s*\]', _argument, "".join(parts))


def _argument(match: re.Match[str]) -> str:
    """A list of one number or text: an argument (``Long('5')``) as itself, numbers in texts as numbers."""
    inner = match[1].strip('"')
    return inner if re.fullmatch(r"-?\d{1,18}(?:\.\d+)?", inner) else match[1]
