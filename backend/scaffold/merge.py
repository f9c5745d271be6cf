"""Three-way merge of lines: what the user changed and what the blueprint changed, both kept.

The rules are those of ``git merge-file``: changes that overlap or touch conflict unless they are the same, and a
conflict is narrowed to the lines in which the two sides differ. It is done here because a server need not have
git, and no library with a permissive licence does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

YOURS = "yours"
BLUEPRINT = "blueprint"
"""Labels of the two sides in conflict markers."""

MARKERS = (f"<<<<<<< {YOURS}\n", f">>>>>>> {BLUEPRINT}\n")
CLOSE = 3
"""Conflicts at most this many lines apart become one, as in git."""
MAX_PAIRS = 4_000_000
"""Pairs of equal lines beyond which two texts are not aligned: thousands of repeated lines take minutes."""

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """The text of a merge, with conflict markers where there were conflicts."""

    text: str
    conflicts: int


@dataclass(frozen=True)
class Hunk:
    """One side puts ``lines`` in the place of the base's lines ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    lines: Lines


@dataclass(frozen=True)
class Piece:
    """A stretch of the result. ``yours`` and ``blueprint`` are equal where there is no conflict."""

    yours: Lines
    blueprint: Lines
    one_sided: bool = False
    """Only one side changed these lines."""

    @property
    def conflict(self) -> bool:
        """Whether the two sides want different things."""
        return self.yours != self.blueprint


def merge(base: str, yours: str, blueprint: str) -> Merged:
    """``yours`` with what changed from ``base`` to ``blueprint``."""
    pieces = _joined(list(_pieces(_lines(base), _lines(yours), _lines(blueprint))))
    return Merged("".join(map(_text, pieces)), sum(piece.conflict for piece in pieces))


def unresolved(text: str) -> bool:
    """Whether the text still holds the markers of a conflict."""
    lines = set(_lines(text))
    return all(marker in lines for marker in MARKERS)


def _lines(text: str) -> Lines:
    """Lines with their ends; only ``\\n`` ends one (form feeds and the like are part of a line)."""
    parts = text.split("\n")
    return (*(f"{part}\n" for part in parts[:-1]), *((parts[-1],) if parts[-1] else ()))


def _pieces(base: Lines, yours: Lines, blueprint: Lines) -> Iterator[Piece]:
    left, right = changes(base, yours), changes(base, blueprint)
    position = 0
    while left or right:
        mine, theirs, start, end = _group(left, right)
        yield _agreed(base[position:start])
        if mine and theirs:
            yield from _narrowed(_applied(base, mine, start, end), _applied(base, theirs, start, end))
        else:
            yield replace(_agreed(_applied(base, mine or theirs, start, end)), one_sided=True)
        position = end
    yield _agreed(base[position:])


def changes(base: Sequence[str], side: Sequence[str]) -> list[Hunk]:
    """How ``side`` differs from ``base``, in order; between two hunks at least one line is common."""
    if _pairs(base, side) > MAX_PAIRS:
        return [Hunk(0, len(base), tuple(side))]
    codes = SequenceMatcher(None, base, side, autojunk=False).get_opcodes()
    return [Hunk(a, b, tuple(side[c:d])) for kind, a, b, c, d in codes if kind != "equal"]


def _pairs(one: Sequence[str], other: Sequence[str]) -> int:
    there = Counter(other)
    return sum(count * there[line] for line, count in Counter(one).items())


def _group(left: list[Hunk], right: list[Hunk]) -> tuple[list[Hunk], list[Hunk], int, int]:
    """Takes the next change and every change that overlaps or touches what was taken."""
    taken: tuple[list[Hunk], list[Hunk]] = ([], [])
    start = min(side[0].start for side in (left, right) if side)
    end = start
    while True:
        for side, group in zip((left, right), taken, strict=True):
            if side and side[0].start <= end:
                group.append(side.pop(0))
                end = max(end, group[-1].end)
                break
        else:
            return (*taken, start, end)


def _applied(base: Lines, hunks: list[Hunk], start: int, end: int) -> Lines:
    """The base's lines ``start`` to ``end`` with the hunks carried out."""
    result: list[str] = []
    for hunk in hunks:
        result += [*base[start : hunk.start], *hunk.lines]
        start = hunk.end
    return (*result, *base[start:end])


def _agreed(lines: Lines) -> Piece:
    return Piece(lines, lines)


def _narrowed(yours: Lines, blueprint: Lines) -> Iterator[Piece]:
    """A conflict without the lines that both sides have in common."""
    if not yours or not blueprint:
        yield Piece(yours, blueprint)
        return
    position = 0
    for hunk in changes(yours, blueprint):
        yield _agreed(yours[position : hunk.start])
        yield Piece(yours[hunk.start : hunk.end], hunk.lines)
        position = hunk.end
    yield _agreed(yours[position:])


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Conflicts with next to nothing between them as one."""
    result: list[Piece] = []
    for piece in pieces:
        result.append(piece)
        if not piece.conflict:
            continue
        before = next((n for n in range(len(result) - 2, -1, -1) if result[n].conflict or result[n].one_sided), -1)
        if before < 0 or not result[before].conflict:
            continue
        between = [line for other in result[before + 1 : -1] for line in other.yours]
        if len(between) <= CLOSE or not any(map(_says_something, between)):
            run = result[before:]
            result[before:] = [
                Piece(
                    tuple(line for part in run for line in part.yours),
                    tuple(line for part in run for line in part.blueprint),
                )
            ]
    return result


def _says_something(line: str) -> bool:
    return any(character.isascii() and character.isalnum() for character in line)


def _text(piece: Piece) -> str:
    if not piece.conflict:
        return "".join(piece.yours)
    opening, closing = MARKERS
    return f"{opening}{_ended(piece.yours)}=======\n{_ended(piece.blueprint)}{closing}"


def _ended(lines: Lines) -> str:
    text = "".join(lines)
    return text if not text or text.endswith("\n") else f"{text}\n"
