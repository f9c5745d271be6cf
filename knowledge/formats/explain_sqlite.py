"""SQLite's EXPLAIN QUERY PLAN as a plan (https://sqlite.org/eqp.html): rows of the statement, or the shell's tree.

Nodes are called by SQLite's own words (``Scan``, ``Search``, ``Temp B-Tree``...). There are no costs and no row
counts. Properties: ``Detail`` (the line itself), ``Relation Name``, ``Alias``, ``Index Name``, ``Index Cond``,
``Covering``, ``Automatic Index``, ``Virtual Table``, ``Left Join`` and ``Purpose`` (of a temporary B-tree).
SQLite since 3.36 says only the name that the query uses: ``Relation Name`` is an alias where the query gives one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from knowledge.formats.explain import PlanSyntaxError
from knowledge.plan.model import Node, Plan

MAX_CHARACTERS = 4 * 1024**2
MAX_DEPTH = 200
ROOT = "Query Plan"
"""Kind of the node above all steps."""

_TREE = re.compile(r"^(?P<indent>(?:\|  |   )*)(?:\|--|`--)(?P<detail>\S.*?)\s*$")
_NUMBERS = r"(?P<id>\d+)(?:\s*[|,│]\s*|\s+)(?P<parent>\d+)(?:\s*[|,│]\s*|\s+)\d+(?:\s*[|,│]\s*|\s+)"
_ROW = re.compile(rf"^[\s|│]*{_NUMBERS}(?P<detail>[A-Z].*?)[\s|│]*$")
_TUPLE = re.compile(rf"^\s*\[?[(\[]{_NUMBERS}(?P<quote>['\"])(?P<detail>.*)(?P=quote)[)\]]\]?,?\s*$")
_WORDS = (
    r"SCAN|SEARCH|USE TEMP B-TREE|COMPOUND QUERY|CO-ROUTINE|MATERIALIZE|MULTI-INDEX OR|MERGE \(|RECURSIVE STEP"
    r"|(?:CORRELATED )?(?:SCALAR|LIST) SUBQUERY|EXECUTE (?:CORRELATED )?(?:SCALAR|LIST) SUBQUERY|USING ROWID SEARCH"
)
_SPEAKS = re.compile(rf"(?:{_WORDS})\b")
_READS = ("SCAN ", "SEARCH ")
_NO_TABLE = re.compile(r"(?:\d+ )?CONSTANT ROWS?|\(.*", re.DOTALL)
_ROWS = re.compile(r" \(~?\d+ rows?\)$")
_USING = re.compile(
    r"(?P<automatic>AUTOMATIC )?(?:PARTIAL )?(?P<covering>COVERING )?"
    r"(?:(?P<rowid>INTEGER PRIMARY KEY|PRIMARY KEY|ROWID)|INDEX)(?= |$)"
)
_KINDS = (
    (re.compile(r"USE TEMP B-TREE FOR (?P<Purpose>.+)"), "Temp B-Tree"),
    (re.compile(r"(?P<Purpose>UNION|EXCEPT|INTERSECT|UNION ALL) USING TEMP B-TREE"), "Temp B-Tree"),
    (re.compile(r"(?:EXECUTE )?CORRELATED (?:SCALAR|LIST) SUBQUERY (?P<number>\d+)"), "Correlated Subquery"),
    (re.compile(r"(?:EXECUTE |REUSE )?(?:SCALAR|LIST) SUBQUERY (?P<number>\d+)"), "Subquery"),
    (re.compile(r"CO-ROUTINE (?P<Alias>.+)"), "Co-Routine"),
    (re.compile(r"MATERIALIZE (?P<Alias>.+)"), "Materialize"),
    (re.compile(r"BLOOM FILTER ON (?P<Alias>.+?) \((?P<Cond>.*)\)"), "Bloom Filter"),
    (re.compile(r"MULTI-INDEX OR"), "Multi-Index Or"),
    (re.compile(r"INDEX (?P<number>\d+)"), "Or Branch"),
    (re.compile(r"COMPOUND QUERY"), "Compound Query"),
    (re.compile(r"MERGE \((?P<Purpose>.+)\)"), "Merge"),
    (re.compile(r"LEFT-MOST SUBQUERY"), "Left-Most Subquery"),
    (re.compile(r"UNION ALL"), "Union All"),
    (re.compile(r"(?:SETUP|RECURSIVE STEP|LEFT|RIGHT)"), "Step"),
    (re.compile(r"RIGHT-JOIN (?P<Alias>.+)"), "Right Join"),
)


def looks_like(text: str) -> bool:
    """Whether a text is SQLite's and not PostgreSQL's: both begin with ``QUERY PLAN``."""
    for line in text[:20_000].splitlines():
        match = _TREE.match(line) or _row(line)
        if match is not None and _SPEAKS.match(match["detail"]):
            return True
    return False


def _row(line: str) -> re.Match[str] | None:
    """A row as the shell (list, box, column mode) or Python prints it."""
    return _ROW.match(line) or _TUPLE.match(line)


def read_rows(rows: Iterable[Sequence[Any]], *, query: str = "") -> Plan:
    """The plan of the rows ``id, parent, notused, detail`` of EXPLAIN QUERY PLAN.

    Raises:
        PlanSyntaxError: there are no rows, or a row is its own ancestor.
    """
    return _plan([(int(row[0]), int(row[1]), str(row[3]), place) for place, row in enumerate(rows, 1)], query)


def read_text(text: str) -> Plan:
    """The plan in what the shell or a program printed: its tree, or the rows.

    Raises:
        PlanSyntaxError: there is none, or it cannot be read; with the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlanSyntaxError(f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", 1)
    steps: list[tuple[int, int, str, int]] = []
    open_steps = [0]
    numbers = count(1)
    for line_number, line in enumerate(text.splitlines(), 1):
        if (tree := _TREE.match(line)) is not None:
            depth = len(tree["indent"]) // 3
            if depth >= len(open_steps):
                raise PlanSyntaxError("the step is indented deeper than its parent allows", line_number)
            del open_steps[depth + 1 :]
            number = next(numbers)
            steps.append((number, open_steps[-1], tree["detail"], line_number))
            open_steps.append(number)
        elif (row := _row(line)) is not None:
            steps.append((int(row["id"]), int(row["parent"]), row["detail"], line_number))
    return _plan(steps, "", notation="text")


def _plan(steps: Sequence[tuple[int, int, str, int]], query: str, notation: str = "rows") -> Plan:
    if not steps:
        raise PlanSyntaxError("there is no plan in it", 1)
    known = {number for number, *_ in steps}
    below: dict[int, list[tuple[int, int, str, int]]] = defaultdict(list)
    for step in steps:
        # A statement's rows may name a parent whose own row SQLite left out.
        below[step[1] if step[1] in known else 0].append(step)
    numbers = count(2)
    placed = 0

    def nodes(parent: int, depth: int) -> tuple[Node, ...]:
        nonlocal placed
        if depth > MAX_DEPTH:
            raise PlanSyntaxError(f"the plan is deeper than {MAX_DEPTH} steps", 1)
        made = []
        for number, _, detail, line in below[parent]:
            placed += 1
            own = next(numbers)
            kind, properties = _step(detail)
            made.append(Node(own, kind, properties, nodes(number, depth + 1), line if notation == "text" else 0))
        return tuple(made)

    children = nodes(0, 0)
    if placed != len(steps):
        raise PlanSyntaxError("a step is its own ancestor", steps[0][3])
    return Plan(Node(1, ROOT, {"Node Type": ROOT}, children), notation=notation, engine="sqlite", query=query)


def _step(detail: str) -> tuple[str, dict[str, Any]]:
    """Kind and properties of a line."""
    if detail.startswith(_READS):
        return _read(detail)
    for pattern, kind in _KINDS:
        found = pattern.fullmatch(detail)
        if found is not None:
            said = {name: value for name, value in found.groupdict().items() if name != "number"}
            number = found.groupdict().get("number")
            return kind, {"Node Type": kind, "Detail": detail, **said, **({"Number": int(number)} if number else {})}
    return "Step", {"Node Type": "Step", "Detail": detail}


def _read(detail: str) -> tuple[str, dict[str, Any]]:
    word, _, rest = detail.partition(" ")
    kind = word.capitalize()
    properties: dict[str, Any] = {"Node Type": kind, "Detail": detail}
    if (counted := _ROWS.search(rest, max(0, len(rest) - 40))) is not None:
        rest = rest[: counted.start()]
    if rest.endswith(" LEFT-JOIN"):
        properties["Left Join"] = True
        rest = rest.removesuffix(" LEFT-JOIN")
    rest, _, using = rest.partition(" USING ")
    rest, _, virtual = rest.partition(" VIRTUAL TABLE INDEX ")
    name, _, alias = rest.removeprefix("TABLE ").removeprefix("SUBQUERY ").partition(" AS ")
    properties["Alias"] = alias or name
    if not _NO_TABLE.fullmatch(name):
        properties["Relation Name"] = name
    if virtual:
        properties["Virtual Table"] = virtual
    return kind, properties | _access(using)


def _access(using: str) -> dict[str, Any]:
    """What follows ``USING``."""
    match = _USING.match(using)
    if match is None:
        return {}
    said: dict[str, Any] = {}
    index, opened, condition = using[match.end() :].partition(" (")
    if index.strip() or match["rowid"]:
        said["Index Name"] = index.strip() or match["rowid"]
    if opened:
        said["Index Cond"] = condition.removesuffix(")")
    if match["covering"]:
        said["Covering"] = True
    if match["automatic"]:
        said["Automatic Index"] = True
    return said
