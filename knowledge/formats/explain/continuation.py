"""Joins the lines of a text plan that a terminal, a mail or a value with line ends broke."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.formats.explain.source import Line
from knowledge.formats.explain.text_head import is_head
from knowledge.formats.explain.text_properties import begins_property
from knowledge.formats.explain.text_trailer import begins_trailer

LABEL = re.compile(r"(?:CTE (?:\"(?:[^\"]|\"\")*\"|\S.*)|(?:InitPlan|SubPlan) \S+(?: \(returns [^)]*\))?)\Z")
"""A line that names the sub-plan below it."""
_COMPLETE = re.compile(r"\s*(?:Planning|Execution) [Tt]ime: [\d.]+ ms\s*\Z")
"""A line that nothing continues."""
_GROUP = re.compile(r"(?:Buffers|I/O Timings|Memory|Functions|Options|Timing): ")


def join_broken(lines: Sequence[Line]) -> list[Line]:
    """The lines with what continues a line joined to it."""
    kind = _Kind()
    begins = [kind.begins(line.content) for line in lines]
    hard = _is_hard(lines, begins)
    if hard:
        begins = _cut_lines(lines, begins)
    groups: list[list[Line]] = []
    for line, is_beginning in zip(lines, begins, strict=True):
        if line.content and (is_beginning or not groups or _COMPLETE.match(groups[-1][-1].text)):
            groups.append([line])
        elif line.content:
            groups[-1].append(line)
    return [_joined(group, hard=hard) for group in groups]


class _Kind:
    """Which lines begin something; extensions' lines do so only below their own nodes."""

    def __init__(self) -> None:
        self._kind = ""

    def begins(self, text: str) -> bool:
        if text.startswith("->") or (text and is_head(text)):
            self._kind = next(
                (kind for kind in ("Foreign Scan", "Custom Scan") if kind in text),
                "ModifyTable" if re.match(r"(?:->\s*)?(?:Insert|Update|Delete|Merge) on", text) else "",
            )
            return True
        return (
            LABEL.match(text) is not None
            or begins_property(text, self._kind)
            or begins_trailer(text)
            or _GROUP.match(text) is not None
            or _is_foreign_to_plan(text)
        )


def _is_foreign_to_plan(text: str) -> bool:
    """Whether a line is no end of an expression or of figures: then it is told, not joined."""
    return re.match(r"[A-Z][\w /-]+: ", text) is not None


def _is_hard(lines: Sequence[Line], begins: Sequence[bool]) -> bool:
    """Whether the text was cut at a column (a terminal) rather than between words (a mail)."""
    widths = [
        len(before.text)
        for before, line, is_beginning in zip(lines, lines[1:], begins[1:], strict=False)
        if line.content and not is_beginning
    ]
    longest = max((len(line.text) for line in lines), default=0)
    return bool(widths) and sum(1 for width in widths if width == longest) * 2 >= len(widths)


def _cut_lines(lines: Sequence[Line], begins: Sequence[bool]) -> list[bool]:
    """Which lines begin something, in a text cut at a column: not what follows a full line at the margin."""
    longest = max(len(line.text) for line in lines)
    found = [begins[0]]
    for before, line, is_beginning in zip(lines, lines[1:], begins[1:], strict=False):
        cut = len(before.text) == longest and line.column <= 1 and not begins_trailer(line.content)
        found.append(is_beginning and not cut)
    return found


def _joined(group: Sequence[Line], *, hard: bool) -> Line:
    first, *others = group
    parts = [first.text]
    quotes = first.text.count("'")
    for line in others:
        if quotes % 2:
            parts += ["\n", line.text]  # a text constant with a line end in it
        else:
            parts += [line.text] if hard else [" ", line.text.strip()]
        quotes += line.text.count("'")
    return first.with_text("".join(parts))
