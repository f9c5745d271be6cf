"""How plans are spoken of: rows, blocks, shares and steps in words."""

from __future__ import annotations

from knowledge.plan.model import Node, Plan

BLOCK = 8192
"""Bytes of one block, as PostgreSQL is built by default."""

_LONGEST = 60


def amount(value: float) -> str:
    """A number of rows or loops: ``2,000,000``; below ten a fraction is kept, as PostgreSQL 18 counts per loop."""
    if value >= 10 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if value >= 0.01 else "almost 0"


def counted(value: float, one: str, many: str = "") -> str:
    """A number with its noun: ``1 row``, ``12 rows``."""
    return f"{amount(value)} {one if value == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share of 0 to 1 as a whole percentage: ``96 %``, ``under 1 %``."""
    return f"{share:.0%}".replace("%", " %") if share >= 0.01 or share <= 0 else "under 1 %"


def duration(milliseconds: float) -> str:
    """A time in a unit that suits it: ``0.42 ms``, ``84 ms``, ``12.3 s``."""
    if milliseconds >= 10_000:
        return f"{milliseconds / 1000:,.1f} s"
    return f"{milliseconds:,.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"


def size(number: float) -> str:
    """Bytes in a unit that suits them: ``512 bytes``, ``8 kB``, ``1.5 GB``; kB is 1024 bytes, as in PostgreSQL."""
    if number < 1024:
        return counted(round(number), "byte")
    for unit in ("kB", "MB", "GB"):
        number /= 1024
        if number < 1024:
            return f"{number:.1f} {unit}" if number < 10 and round(number, 1) % 1 else f"{number:.0f} {unit}"
    return f"{number / 1024:,.1f} TB"


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Text on one line of printable characters, cut where it is longer than ``longest``."""
    line = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 3].rstrip() + "..."


def unit(plan: Plan) -> str:
    """What shares of this plan are shares of: ``time``, or ``estimated cost`` where nothing was timed."""
    return "time" if plan.is_timed else "estimated cost"


def source(node: Node) -> str:
    """What a node reads, as the query calls it: ``orders``, ``orders o``, ``the CTE recent``; ``""`` for none."""
    name = node.relation.removeprefix("public.") or node.text("CTE Name") or node.text("Function Name")
    if not name:
        return node.alias
    bare = name.rpartition(".")[2]
    return f"{name} {node.alias}" if node.alias and node.alias not in (name, bare) else name


def step(node: Node) -> str:
    """A node in a few words, PostgreSQL's own: ``Seq Scan on orders``, ``Index Scan using orders_pkey on orders``."""
    using = f" using {node.index}" if node.index else ""
    read = source(node)
    return shortened(f"{node.kind}{using}{' on ' + read if read else ''}", 120)
