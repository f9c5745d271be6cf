"""A plan as a Mermaid flowchart, for chats that draw one."""

from __future__ import annotations

from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import Reckoning
from knowledge.plan.words import counted, percent, shortened, source

NODES = 25
"""The most boxes drawn: more are not readable in a chat."""

_PLAIN = frozenset(" _-+*/.,:%()=")
"""Characters of a label that mean nothing to Mermaid inside quotes; letters and digits aside."""

_CLASSES = (
    (0.4, "hot", "fill:#f8d7da,stroke:#b02a37,color:#212529"),
    (0.1, "warm", "fill:#fff3cd,stroke:#997404,color:#212529"),
)


def mermaid(plan: Plan, figures: Reckoning) -> str:
    """The flowchart: rows flow from the tables at the top to the result at the bottom.

    Of a large plan the weightiest nodes are drawn, with the nodes that lead from them to the root as far as there
    is room; what is left out beside a drawn node is counted in one box.
    """
    drawn = _drawn(plan, figures)
    lines = ["flowchart TB"]
    links: list[str] = []
    used: set[str] = set()
    for node in plan.nodes:
        if node.number not in drawn:
            continue
        share = figures[node.number].share
        style = next((name for least, name, _ in _CLASSES if share >= least), "")
        used.add(style)
        lines.append(f'  n{node.number}["{_label(node, share)}"]' + (f":::{style}" if style else ""))
        links += _links(plan, node, drawn)
    lines += links
    lines += [f"  classDef {name} {look}" for _, name, look in _CLASSES if name in used]
    return "\n".join(lines) + "\n"


def _drawn(plan: Plan, figures: Reckoning) -> frozenset[int]:
    """The nodes drawn: the root, then the weightiest, each with its way up to what is drawn if that fits."""
    if len(plan.nodes) <= NODES:
        return frozenset(node.number for node in plan.nodes)
    drawn = {plan.root.number}
    for node in sorted(plan.nodes, key=lambda node: (-figures[node.number].share, node.number)):
        way: list[int] = []
        above: Node | None = node
        while above is not None and above.number not in drawn and len(way) < NODES:
            way.append(above.number)
            above = plan.parents.get(above.number)
        if len(drawn) + len(way) <= NODES:
            drawn.update(way)
        elif node.number not in drawn and len(drawn) < NODES and figures[node.number].share > 0:
            drawn.add(node.number)
    return frozenset(drawn)


def _links(plan: Plan, node: Node, drawn: frozenset[int]) -> list[str]:
    links = []
    below = plan.parents.get(node.number)
    skipped = 0
    while below is not None and below.number not in drawn:
        skipped += 1
        below = plan.parents.get(below.number)
    if below is not None:
        arrow = f"-. {counted(skipped, 'step')} .->" if skipped else "-->"
        links.append(f"  n{node.number} {arrow} n{below.number}")
    hidden = [child for child in node.children if not any(inner.number in drawn for inner in child.walk())]
    if hidden:
        count = sum(1 for child in hidden for _ in child.walk())
        links.append(f'  x{node.number}(["{counted(count, "more step")}"]) --> n{node.number}')
    return links


def _label(node: Node, share: float) -> str:
    reads = source(node) or node.text("Detail")
    parts = [node.kind, *([reads] if reads else []), *([f"by {node.index}"] if node.index else [])]
    if node.never_executed:
        parts.append("never run")
    elif node.is_measured:
        parts.append(counted(node.all_rows, "row"))
    elif node.has_costs:
        parts.append(f"about {counted(node.estimated_rows, 'row')}")
    if share > 0:
        parts.append(percent(share))
    return "<br/>".join(_escaped(shortened(part, 50)) for part in parts)


def _escaped(text: str) -> str:
    """Text that cannot end a label or mean markup: all but plain characters become entities, as Mermaid reads them."""
    return "".join(letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in text)
