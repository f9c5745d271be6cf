"""Reads rows as Python prints them: what ``print(cursor.fetchall())`` shows with psycopg and asyncpg."""

from __future__ import annotations

import json
import re

from knowledge.formats.explain.source import Line

_BEGINNING = re.compile(r"\s*(?:\[\s*)?(?:\(\s*['\"\[{]|<Record |\{'|\[\s*[({]\s*')")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[A-Za-z_]+|[()]|[^'\"A-Za-z_()]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r"}
_WORDS = {"True": "true", "False": "false", "None": "null", "(": "[", ")": "]"}


def is_python(text: str) -> bool:
    """Whether a text begins as rows printed by Python do."""
    return _BEGINNING.match(text) is not None


def python_lines(text: str) -> list[Line]:
    """The lines in the rows; rows of one JSON value become JSON in one line."""
    if re.search(r"'(?:Plan|Node Type)':", text):
        return [Line(1, _as_json(text))]
    found: list[Line] = []
    number, seen = 1, 0
    for match in _LITERAL.finditer(text):
        number += text.count("\n", seen, match.start())
        seen = match.start()
        if text[match.end() : match.end() + 1] == ":":
            continue  # the name of a column, not its value
        value = _unescaped(match.group(1) if match.group(1) is not None else match.group(2))
        found.extend(Line(number, part) for part in value.split("\n"))
    return found


def _as_json(text: str) -> str:
    parts: list[str] = []
    for token in _TOKEN.findall(text):
        if token[0] in "'\"":
            parts.append(json.dumps(_unescaped(token[1:-1])))
            continue
        written = _WORDS.get(token, token)
        if written == "]" and parts and parts[-1] == ",":
            parts.pop()  # the comma of a tuple of one
        parts.append(written)
    return "".join(parts)


def _unescaped(literal: str) -> str:
    return _ESCAPE.sub(_character, literal)


def _character(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        return chr(int(code, 16))
    return _SIMPLE.get(match.group(3), match.group(3))
