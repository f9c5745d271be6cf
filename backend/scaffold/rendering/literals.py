"""Python literals and docstrings of values that come from a blueprint."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from textwrap import wrap
from uuid import UUID

from pydantic import JsonValue

from knowledge.blueprint.fields import FieldSpec, FieldType

WIDTH = 90
"""Characters of a text on one line of the code, indentation not counted."""


def text_literal(text: str) -> str:
    """The text as a literal; a long one in several pieces, in brackets."""
    pieces = [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)] or [""]
    literals = [_quoted(piece) for piece in pieces]
    return literals[0] if len(literals) == 1 else f"({' '.join(literals)})"


def _quoted(text: str) -> str:
    shown = repr(text)
    return shown if shown.startswith('"') or '"' in text else f'"{shown[1:-1]}"'


def docstring(text: str, otherwise: str = "") -> str:
    """A docstring, quotes included: the text on lines of bearable length, or ``otherwise`` where there is none."""
    words = " ".join(text.split()) or otherwise
    lines = [_escaped(line) for line in wrap(words, WIDTH, break_on_hyphens=False)]
    end = '"""' if len(lines) == 1 else '\n    """'
    return '"""' + "\n    ".join(lines) + end


def wrapped(text: str) -> str:
    """Words for the inside of a docstring, on lines of bearable length."""
    return "\n    ".join(wrap(text, WIDTH + 20, break_on_hyphens=False))


def _escaped(line: str) -> str:
    return re.sub(r'"{3,}|"+$', lambda found: '\\"' * len(found[0]), line.replace("\\", "\\\\"))


def default_literal(spec: FieldSpec) -> str:
    """The field's default as an expression; ``None`` where it has none."""
    value = spec.default
    if value is None:
        return "None"
    if spec.type is FieldType.DECIMAL:
        return f'Decimal("{Decimal(str(value)):.{spec.scale}f}")'
    if spec.type is FieldType.UUID:
        return f'UUID("{UUID(str(value))}")'
    if spec.type is FieldType.DATE:
        day = date.fromisoformat(str(value))
        return f"date({day.year}, {day.month}, {day.day})"
    if spec.type is FieldType.DATETIME:
        return f'datetime.fromisoformat("{datetime.fromisoformat(str(value)).isoformat()}")'
    if spec.type is FieldType.INTEGER:
        return str(int(str(value)))
    return text_literal(value) if isinstance(value, str) else _plain(value)


def _plain(value: JsonValue) -> str:
    return repr(json.loads(json.dumps(value)))
