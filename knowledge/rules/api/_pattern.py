"""Regular expressions as ECMA-262 reads them, and what in them other engines read differently."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_DEPTH = 60
SYNTAX = frozenset("^$\\.*+?()[]{}|/")
"""What may be escaped to stand for itself where the u flag is set."""
COUNT = re.compile(r"\{(\d{1,9})(,(\d{0,9}))?\}")
OPENINGS = re.compile(r"\?(?::|=|!|<=|<!|<[A-Za-z_$][\w$]*>|[ims]*(?:-[ims]+)?:)")
ESCAPES = re.compile(
    r"x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|c[A-Za-z]|[pP]\{[^}]*\}|k<[^>]*>|\d+|.", re.DOTALL
)


class PatternError(ValueError):
    """The text is no regular expression of ECMA-262."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that not every engine has, or reads alike."""

    name: str
    start: int
    end: int
    in_class: bool = False
    """Whether it stands between square brackets."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of a part of a pattern."""

    longest: int | None = 0
    """The most characters it matches; ``None`` without a limit."""
    starts: bool = False
    """Whether it matches only at the beginning."""
    ends: bool = False


@dataclass(slots=True)
class Pattern:
    """What a regular expression consists of."""

    text: str
    features: list[Feature] = field(default_factory=list)
    alternatives: list[Piece] = field(default_factory=list)
    """At the top."""
    anchors: int = 0
    """How many ``^``, ``$``, word boundaries and lookarounds it has."""
    counted: bool = False
    """Whether something other than a full stop is repeated."""

    @property
    def anchored(self) -> bool:
        """Whether it matches whole texts only."""
        return all(piece.starts and piece.ends for piece in self.alternatives)

    @property
    def longest(self) -> int | None:
        """The most characters that a text it admits can have; ``None`` where there is no limit."""
        return _most([piece.longest for piece in self.alternatives]) if self.anchored else None

    @property
    def half_anchored(self) -> bool:
        """Whether its first alternative alone has the ``^`` and its last alone the ``$``, as in ``^a|b$``."""
        first, last = self.alternatives[0], self.alternatives[-1]
        return len(self.alternatives) > 1 and first.starts and not first.ends and last.ends and not last.starts


def read_pattern(text: str) -> Pattern:
    """Read a regular expression.

    Raises:
        PatternError: it is none, or nested deeper than anyone writes by hand.
    """
    reader = _Reader(Pattern(text))
    reader.pattern.alternatives = reader.disjunction(0)
    if reader.at < len(text):
        raise PatternError(f"a bracket closes at {reader.at} that was not opened")
    return reader.pattern


def _most(found: list[int | None]) -> int | None:
    known = [item for item in found if item is not None]
    return max(known, default=0) if len(known) == len(found) else None


class _Reader:
    def __init__(self, pattern: Pattern) -> None:
        self.pattern, self.text, self.at = pattern, pattern.text, 0

    def note(self, name: str, start: int, *, in_class: bool = False) -> None:
        self.pattern.features.append(Feature(name, start, self.at, in_class))

    def disjunction(self, depth: int) -> list[Piece]:
        if depth > MOST_DEPTH:
            raise PatternError(f"groups are nested more than {MOST_DEPTH} deep")
        found = [self.sequence(depth)]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            found.append(self.sequence(depth))
        return found

    def sequence(self, depth: int) -> Piece:
        total: int | None = 0
        pieces: list[Piece] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            piece = self.term(depth)
            total = None if total is None or piece.longest is None else total + piece.longest
            pieces.append(piece)
        return Piece(total, bool(pieces) and pieces[0].starts, bool(pieces) and pieces[-1].ends)

    def term(self, depth: int) -> Piece:
        start, sign = self.at, self.text[self.at]
        self.at += 1
        repeatable = True
        if sign in "^$":
            self.pattern.anchors += 1
            piece, repeatable = Piece(0, sign == "^", sign == "$"), False
        elif sign == "(":
            piece, repeatable = self.group(start, depth)
        elif sign == "[":
            self.bracket(start)
            piece = Piece(1)
        elif sign == "\\":
            piece = self.escape(start, in_class=False)
            repeatable = self.text[start + 1] not in "bB"
        elif sign in "*+?" or COUNT.match(self.text, start):
            raise PatternError(f"there is nothing to repeat at {start}")
        else:
            if sign in "{}]":
                self.note("bare bracket", start)
            piece = Piece(1)
        return self.quantified(piece, start, repeatable=repeatable)

    def group(self, start: int, depth: int) -> tuple[Piece, bool]:
        around, kind = False, ""
        if self.text[self.at : self.at + 1] == "?":
            opening = OPENINGS.match(self.text, self.at)
            if opening is None:
                raise PatternError(f"ECMA-262 has no group {self.text[start : start + 4]}")
            self.at = opening.end()
            kind = opening.group()
            around = kind in ("?=", "?!", "?<=", "?<!")
            if around:
                self.pattern.anchors += 1
                self.note("lookaround", start)
            elif kind.endswith(">"):
                self.note("named group", start)
            elif kind != "?:":
                self.note("inline flag", start)
        inner = self.disjunction(depth + 1)
        if self.text[self.at : self.at + 1] != ")":
            raise PatternError(f"the group that opens at {start} is not closed")
        self.at += 1
        if around:
            return Piece(0), "<" not in kind
        starts, ends = all(piece.starts for piece in inner), all(piece.ends for piece in inner)
        return Piece(_most([piece.longest for piece in inner]), starts, ends), True

    def quantified(self, piece: Piece, start: int, *, repeatable: bool) -> Piece:
        sign = self.text[self.at : self.at + 1]
        counted = COUNT.match(self.text, self.at) if sign == "{" else None
        if (not sign or sign not in "*+?") and counted is None:
            return piece
        if not repeatable:
            raise PatternError(f"there is nothing to repeat at {self.at}")
        most: int | None = {"*": None, "+": None, "?": 1}.get(sign)
        least = 0
        if counted is not None:
            self.at = counted.end()
            least = int(counted[1])
            most = least if counted[2] is None else int(counted[3]) if counted[3] else None
            if most is not None and most < least:
                raise PatternError(f"the numbers at {counted.start()} are out of order")
        else:
            self.at += 1
        if self.text[self.at : self.at + 1] == "?":
            self.at += 1
        self.pattern.counted = self.pattern.counted or (sign != "?" and self.text[start] in "[\\(")
        sure = sign == "+" or least > 0
        longest = None if most is None or piece.longest is None else piece.longest * most
        return Piece(0 if piece.longest == 0 else longest, piece.starts and sure, piece.ends and sure)

    def escape(self, start: int, *, in_class: bool) -> Piece:
        found = ESCAPES.match(self.text, self.at)
        if found is None:
            raise PatternError("the backslash at the end escapes nothing")
        self.at = found.end()
        text = found.group()
        name, longest = _escape(text, in_class=in_class)
        if text in ("b", "B") and not in_class:
            self.pattern.anchors += 1
        if name:
            self.note(name, start, in_class=in_class)
        return Piece(longest)

    def bracket(self, start: int) -> None:
        self.at += self.text[self.at : self.at + 1] == "^"
        if self.text[self.at : self.at + 1] == "]":
            self.at += 1
            self.note("empty class", start)
            return
        before, is_range = "", False
        while self.at < len(self.text):
            here, sign = self.at, self.text[self.at]
            self.at += 1
            if sign == "]":
                return
            if sign == "\\":
                self.escape(here, in_class=True)
            elif sign == "[":
                self.note("bracket in class", here, in_class=True)
            elif sign in "&~|-" and self.text[self.at : self.at + 1] == sign and before:
                self.note("set operation", here, in_class=True)
            if sign == "-" and before and not is_range and self.text[self.at : self.at + 1] not in ("]", ""):
                is_range = True
                continue
            self.range_ends(before, self.text[here : self.at], here, is_range=is_range)
            before, is_range = ("" if is_range else self.text[here : self.at]), False
        raise PatternError(f"the class that opens at {start} is not closed")

    def range_ends(self, low: str, high: str, at: int, *, is_range: bool) -> None:
        if not is_range:
            return
        if any(len(end) == 2 and end[1] in "dDwWsS" for end in (low, high)):
            self.note("class in range", at, in_class=True)
        elif len(low) == 1 and len(high) == 1 and low > high:
            raise PatternError(f"the range {low}-{high} is out of order")


def _escape(text: str, *, in_class: bool) -> tuple[str, int | None]:
    """What an escape is called where not every engine reads it alike, and the most characters it stands for."""
    sign = text[0]
    if sign in "dDwWsS" and len(text) == 1:
        return f"\\{sign}", 1
    if text in ("b", "B"):
        return ("" if in_class else f"\\{text}"), 0
    if sign.isdigit():
        return ("", 1) if text == "0" else ("back reference", None)
    if sign == "k" and len(text) > 1:
        return "back reference", None
    if sign in "pP" and len(text) > 1:
        return "property of Unicode", 1
    if sign == "u" and len(text) > 1:
        return "code of Unicode", 1
    if sign in "xc" and len(text) > 1:
        return ("control letter" if sign == "c" else ""), 1
    if text in ("t", "n", "v", "f", "r") or text in SYNTAX or (in_class and text == "-"):
        return "", 1
    return ("letter without a meaning" if sign.isalpha() else "needless escape"), (0 if sign in "AZzG" else 1)
