"""Takes off what people and programs put around the lines of a plan: quotes, numbers, frames, prompts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from knowledge.formats.explain.source import Line
from knowledge.formats.explain.text_head import is_head

_MOST = 0.8
"""Share of the lines that must have a wrapping for it to be one."""
_FENCE = re.compile(r"\s*(?:```|~~~)")
_QUOTED = re.compile(r" {0,3}(?:> ?)+")
_NUMBERED = re.compile(r"\s*(\d{1,6})([:.|)│]?)(?=\s|$)")
_PLAN_SIGN = re.compile(r"\((?:cost=|actual )|Node[ -]Type|QUERY PLAN|^\s*->", re.MULTILINE)
_HEADER = re.compile(r"[\s|│\"'+*]*QUERY PLAN[\s|│\"',;+↵]*\Z")
_RULE = re.compile(r"(?=.*[-─═]{2})[-\s+|:─═│┌┐└┘├┤┬┴┼╔╗╚╝╠╣╟╢╒╕╘╛╞╡]+\Z")
_RECORD = re.compile(r"[-─+|├┌]*\[ RECORD \d+ \][-─+|┐┤┼┬]*\s*\Z|\* Record \d+\s*\Z")
_FIELD = re.compile(r"[|│]? ?QUERY PLAN +[|│] ?|QUERY PLAN (?=\S)")
_FIELD_BELOW = re.compile(r"[|│]? {11,}[|│] ?")
_FOOTER = re.compile(r"\s*\(\d+ (?:rows?|строк\w*|Zeilen?|lignes?|filas?|righe|riga|行)\)\s*\Z|\s*\d+ rows? in set.*\Z")
_TIMING = re.compile(r"\s*(?:Time|Zeit|Temps|Время): [\d.,]+ ms(?: \([^)]*\))?\s*\Z")
_PROMPT = re.compile(r"\s*\w[\w.-]*[=*-][#>]\s*\Z")
_WRAP_MARKS = (".", "…")


def share(lines: Sequence[Line], test: Callable[[str], object]) -> float:
    """The share of the lines with text that pass a test."""
    told = [line.text for line in lines if line.text.strip()]
    return sum(1 for text in told if test(text)) / len(told) if told else 0.0


def without_fences(lines: list[Line]) -> list[Line]:
    """What stands in the Markdown fence that holds a plan, if one does."""
    marks = [place for place, line in enumerate(lines) if _FENCE.match(line.text)]
    if not marks:
        return lines
    ends = [*marks, len(lines)]
    blocks = [lines[start + 1 : end] for start, end in zip(marks, ends[1:], strict=False)]
    for block in [*blocks, lines[: marks[0]]]:
        if _PLAN_SIGN.search("\n".join(line.text for line in block)):
            return block
    for block in blocks:
        first = next((line.content for line in block if line.content), "")
        if first and is_head(first):
            return block
    return [line for line in lines if not _FENCE.match(line.text)]


def without_quoting(lines: list[Line]) -> list[Line]:
    """Lines without the ``>`` of a mail or of Markdown."""
    if share(lines, _QUOTED.match) < _MOST:
        return lines
    return [line.with_text(_QUOTED.sub("", line.text, count=1)) for line in lines]


def without_numbers(lines: list[Line]) -> list[Line]:
    """Lines without the numbers an editor or a grep puts before them."""
    found = [(line, match) for line in lines if (match := _NUMBERED.match(line.text))]
    if len(found) < 2 or share(lines, _NUMBERED.match) < _MOST:
        return lines
    numbers = [int(match.group(1)) for _, match in found]
    steps = sum(1 for before, after in itertools.pairwise(numbers) if 0 < after - before <= 2)
    if steps < _MOST * (len(numbers) - 1):
        return lines
    cut = [_cut(line, _NUMBERED.match(line.text)) for line in lines]
    if any(match.group(2) for _, match in found) or _even(cut):
        return cut
    return [_blanked(line, _NUMBERED.match(line.text)) for line in lines]


def _cut(line: Line, match: re.Match[str] | None) -> Line:
    return line.with_text(line.text[match.end() :]) if match else line


def _blanked(line: Line, match: re.Match[str] | None) -> Line:
    return line.with_text(" " * match.end() + line.text[match.end() :]) if match else line


def _even(lines: Sequence[Line]) -> bool:
    """Whether all arrows stand an even number of columns apart, as PostgreSQL puts them."""
    return len({line.column % 2 for line in lines if line.content.startswith("->")}) <= 1


def without_frame(lines: list[Line]) -> list[Line]:
    """Lines without what psql draws around them: header, rules, bars, continuation marks, footers."""
    kept = [line for line in lines if not _is_frame(line.text)]
    kept = _without_fields(kept)
    kept = _without_bars(kept)
    marked = [line for line in kept if line.text.rstrip().endswith(("+", "↵"))]
    if len(marked) >= 2 and len(marked) >= _MOST * (sum(1 for line in kept if line.content) - 2):
        kept = [line.with_text(re.sub(r"\s*[+↵]\s*\Z", "", line.text)) for line in kept]
    return _unwrapped(kept)


def _is_frame(text: str) -> bool:
    return bool(
        (_RULE.match(text) and "->" not in text)
        or _HEADER.match(text)
        or _RECORD.match(text)
        or _FOOTER.match(text)
        or _TIMING.match(text)
        or _PROMPT.match(text)
    )


def _without_fields(lines: list[Line]) -> list[Line]:
    if not any(_FIELD.match(line.text) for line in lines):
        return lines
    return [
        line.with_text(
            (_FIELD.match(line.text) and _FIELD.sub("", line.text, count=1)) or _FIELD_BELOW.sub("", line.text, count=1)
        )
        for line in lines
    ]


def _without_bars(lines: list[Line]) -> list[Line]:
    if share(lines, lambda text: text.lstrip().startswith(("|", "│", "║"))) >= _MOST:
        lines = [line.with_text(re.sub(r"\A\s*[|│║]", "", line.text)) for line in lines]
    if share(lines, lambda text: text.rstrip().endswith(("|", "│", "║"))) >= _MOST:
        lines = [line.with_text(re.sub(r"\s*[|│║]\s*\Z", "", line.text)) for line in lines]
    return lines


def _unwrapped(lines: list[Line]) -> list[Line]:
    """Lines that psql's format ``wrapped`` broke: a mark ends one and begins the next."""
    if share(lines, lambda text: text.startswith((" ", *_WRAP_MARKS))) < 1:
        return lines  # without the margin of a table, a dot is a dot
    found: list[Line] = []
    for line in lines:
        text = line.text
        if found and text.startswith(_WRAP_MARKS) and found[-1].text.rstrip().endswith(_WRAP_MARKS):
            found[-1] = found[-1].with_text(found[-1].text.rstrip()[:-1] + text[1:])
        else:
            found.append(line)
    return found


def without_line_quotes(lines: list[Line]) -> list[Line]:
    """Lines without the quotes around each, as data grids copy them."""
    for quote in ('"', "'"):
        if share(lines, lambda text, quote=quote: _is_quoted(text, quote)) >= _MOST:  # type: ignore[misc]
            return [line.with_text(_bare(line.text, quote)) for line in lines]
    return lines


def _is_quoted(text: str, quote: str) -> bool:
    text = text.strip().rstrip(",;")
    return len(text) >= 2 and text[0] == text[-1] == quote


def _bare(text: str, quote: str) -> str:
    if not _is_quoted(text, quote):
        return text
    return text.strip().rstrip(",;")[1:-1].replace(quote * 2, quote)


def without_cell_quotes(text: str) -> str:
    """A text without the quotes around the one cell of a CSV that it is."""
    body = text.strip()
    first = body.partition("\n")[0]
    if not body.startswith('"') or first.count('"') % 2 == 0 or re.search(r'\\"(?!")', body):
        return text
    return text.replace('"', "", 1).replace('""', '"').rstrip().removesuffix('"')
