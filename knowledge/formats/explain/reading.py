"""Reads a plan from whatever was pasted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from knowledge.formats.explain import json_notation, xml_notation, yaml_notation
from knowledge.formats.explain.characters import plain
from knowledge.formats.explain.continuation import join_broken
from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_CHARACTERS, MAX_PROBLEMS
from knowledge.formats.explain.logs import log_entry
from knowledge.formats.explain.python_rows import is_python, python_lines
from knowledge.formats.explain.query_before import query_in
from knowledge.formats.explain.source import Line, lines_of, text_of
from knowledge.formats.explain.structured import documents_in, plan_of, texts_in
from knowledge.formats.explain.text_head import is_head
from knowledge.formats.explain.text_notation import read_text
from knowledge.formats.explain.wrappings import (
    without_cell_quotes,
    without_fences,
    without_frame,
    without_line_quotes,
    without_numbers,
    without_quoting,
)
from knowledge.plan.model import Plan

_LAYERS = 4
"""How many wrappings of other languages (JSON in JSON in Python) are taken off."""
_FIGURES = re.compile(r"\((?:cost=|actual )")
_YAML = re.compile(r"(?:- )?(?:Plan:\s*\Z|Node Type: )|(?:- )?Query Text: \"")


def read(text: str) -> Plan:
    """The plan in a pasted text, in any notation of ``EXPLAIN`` of PostgreSQL 9.6 to 18.

    What a line says that is not understood stands in ``Plan.problems`` with the line.

    Raises:
        PlanSyntaxError: there is no plan in it, or its tree cannot be told; with the line.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlanSyntaxError(f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", 1)
    plan = _read_lines(lines_of(plain(text)), _LAYERS)
    if len(plan.problems) > MAX_PROBLEMS:
        rest = len(plan.problems) - MAX_PROBLEMS
        plan = replace(plan, problems=(*plan.problems[:MAX_PROBLEMS], f"and {rest} more lines like these"))
    return plan


def _read_lines(lines: list[Line], layers: int) -> Plan:
    lines = without_fences(lines)
    text = "\n".join(line.text for line in lines)
    if layers and is_python(text):
        return _read_lines(python_lines(text), layers - 1)
    if layers and text.lstrip().startswith(('"', "[", "{")):
        inner = _rows_in_json(lines)
        if inner:
            return _read_lines(inner, layers - 1)
    lines = _bare(lines)
    lines, duration = log_entry(lines)
    plan = _read_notation(lines)
    if duration is not None:
        plan = replace(plan, properties={"Execution Time": duration, **plan.properties})
    return plan


def _bare(lines: list[Line]) -> list[Line]:
    """The lines without anything around them."""
    for strip in (without_quoting, without_numbers, without_frame, without_line_quotes):
        lines = strip(lines)
    body = "\n".join(line.text for line in lines)
    unquoted = without_cell_quotes(body)
    if unquoted != body:
        texts = unquoted.split("\n")
        lines = [line.with_text(text) for line, text in zip(lines, texts, strict=False)]
    if len([line for line in lines if line.content]) <= 2 and "\\n" in body:
        lines = [Line(line.number, part) for line in lines for part in line.text.split("\\n")]
    return lines


def _rows_in_json(lines: Sequence[Line]) -> list[Line]:
    """The lines of a plan that a program printed as JSON texts; none where it is a plan in JSON, or no JSON."""
    text, numbers = text_of(lines)
    try:
        value = json_notation.parse(text, whole=True)
    except PlanSyntaxError:
        return []
    if next(documents_in(value), None) is not None:
        return []
    rows = list(texts_in(value))
    places = [
        number for number, line in zip(numbers, lines, strict=True) for _ in range(line.text.count('"QUERY PLAN"'))
    ]
    if len(places) != len(rows):
        places = [numbers[0] if numbers else 1] * len(rows)
    return [Line(place, part) for place, row in zip(places, rows, strict=True) for part in plain(row).split("\n")]


def _read_notation(lines: list[Line]) -> Plan:
    for place, line in enumerate(lines):
        content = line.content
        if content.startswith(("[", "{")) and any('"' in after.text for after in lines[place : place + 4]):
            return _with_query(_read_json(lines[place:]), lines[:place])
        if content.startswith(("<explain", "<?xml", "<Plan", "<Query>", "<!DOCTYPE")):
            return _with_query(_read_xml(lines[place:]), lines[:place])
        if _YAML.match(content):
            return _with_query(_read_yaml(lines[place:]), lines[:place])
        if _FIGURES.search(content):
            break
    return _read_text(lines)


def _read_text(lines: list[Line]) -> Plan:
    broken = join_broken(lines)
    place = _root_of(broken)
    if place is None:
        raise PlanSyntaxError("there is no plan in it: no line is a node of a plan", lines[0].number if lines else 1)
    return _with_query(read_text(broken[place:]), broken[:place])


def _root_of(lines: Sequence[Line]) -> int | None:
    """The first line of the plan: the first with figures, else the first that is a node's name."""
    for place, line in enumerate(lines):
        if _FIGURES.search(line.text) and (line.content.startswith("->") or is_head(line.content)):
            return place
    return next((place for place, line in enumerate(lines) if line.content and is_head(line.content)), None)


def _with_query(plan: Plan, before: Sequence[Line]) -> Plan:
    return plan if plan.query else replace(plan, query=query_in(before))


def _read_json(lines: Sequence[Line]) -> Plan:
    text, numbers = text_of(lines)
    try:
        value = json_notation.parse(text)
    except PlanSyntaxError as mistake:
        raise PlanSyntaxError(mistake.message, _pasted(mistake.line, numbers)) from None
    places = [_pasted(line, numbers) for line in json_notation.node_lines(text)]
    return _first_plan(value, "json", places, numbers[0])


def _read_xml(lines: Sequence[Line]) -> Plan:
    text, numbers = text_of(lines)
    try:
        value = xml_notation.parse(text)
    except PlanSyntaxError as mistake:
        raise PlanSyntaxError(mistake.message, _pasted(mistake.line, numbers)) from None
    places = [line.number for line in lines for _ in range(line.text.count("<Node-Type>"))]
    return _first_plan(value, "xml", places, numbers[0])


def _read_yaml(lines: Sequence[Line]) -> Plan:
    problems: list[str] = []
    value = yaml_notation.parse(lines, problems)
    places = [line.number for line in lines if re.match(r"(?:- )*Node Type: ", line.content)]
    plan = _first_plan(value, "yaml", places, lines[0].number)
    return replace(plan, problems=(*problems, *plan.problems))


def _first_plan(value: Any, notation: str, places: Sequence[int], line: int) -> Plan:
    documents = list(documents_in(value))
    if not documents:
        raise PlanSyntaxError(f"there is no plan in this {notation.upper()}", line)
    plan = plan_of(documents[0], notation, places)
    if len(documents) > 1:
        more = f"line {line}: {len(documents)} plans are in it; only the first was read"
        plan = replace(plan, problems=(*plan.problems, more))
    return plan


def _pasted(line: int, numbers: Sequence[int]) -> int:
    """The pasted line of a line of the text that was read."""
    return numbers[min(max(line, 1), len(numbers)) - 1] if numbers else 1
