"""``law.filter-sound``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from backend.exercise.contract import Operation, Parameter
from backend.exercise.laws.changes import new_values
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import (
    CURSORS,
    LIMITS,
    OFFSETS,
    PAGES,
    Listing,
    Walk,
    columns,
    listing,
    lists_of,
    parent_field,
    walk,
)
from backend.exercise.laws.trial import Trial, Untested, writable

ROWS = 3
VALUES = 2
RESERVED = {*LIMITS, *PAGES, *OFFSETS, *CURSORS, "sort", "order_by", "order", "q", "search", "fields", "include"}


async def check(trial: Trial) -> None:
    """Filter each list by values it has and compare with the same condition on all its rows."""
    for resource, operation in lists_of(trial):
        nested = next((each for each in resource.nested if each.list is operation), None)
        fixed = parent_field(trial, resource, nested.parent) if nested is not None else ""
        for parameter, column in filters(trial, operation):
            if column == fixed:
                continue
            async with trial.about(f"{operation.label}?{parameter.name}="):
                here = await listing(trial, resource, operation, ROWS)
                await _diversify(trial, here, column)
                whole = await walk(trial, here)
                if not whole.complete:
                    raise Untested("it has more pages than are walked; empty the database first")
                await _compare(trial, here, parameter, column, whole)


async def _compare(trial: Trial, here: Listing, parameter: Parameter, column: str, whole: Walk) -> None:
    by_value: dict[str, set[str]] = {}
    for key, values in zip(whole.ids, whole.rows, strict=True):
        if values.get(column) is not None:
            by_value.setdefault(_text(values[column]), set()).add(key)
    if len(by_value) < VALUES:
        raise Untested(f"all rows have the same {column}, and none with another could be made")
    for value in [*by_value][:VALUES]:
        walked = await walk(trial, here, query={parameter.name: value})
        wanted, shown = by_value[value], set(walked.ids)
        wrong = sorted(shown - wanted)
        trial.expect(not wrong, f"{parameter.name}={value} shows {len(wrong)} rows with another {column}")
        lost = sorted(wanted - shown)
        trial.expect(not lost, f"{parameter.name}={value} misses {len(lost)} rows that have it")
        if walked.total is not None:
            sound = walked.total == len(wanted)
            trial.expect(sound, f"{parameter.name}={value} has the total {walked.total}, but {len(wanted)} rows")


def filters(trial: Trial, operation: Operation) -> Iterator[tuple[Parameter, str]]:
    """The query parameters that are fields of the rows, each with its field."""
    shown = columns(trial, operation)
    for parameter in operation.of("query"):
        if parameter.name.lower() in RESERVED:
            continue
        for column in (parameter.name, f"{parameter.name}_id"):
            if column in shown:
                yield parameter, column
                break


async def _diversify(trial: Trial, here: Listing, column: str) -> None:
    """Rows of other values: each of an enumeration or both truths, else another random value."""
    create, first = here.resource.create, here.made[0]
    if create is None or column not in writable(trial.contract, create):
        return
    shared = {name: value for name, value in here.path.items() if name in first.values}
    references = trial.subject.world.references(here.resource)
    if column in shared:
        return
    if column in references:
        parent = await trial.make(trial.contract.resource(references[column]), first.maker)
        await trial.make(here.resource, first.maker, **shared, **{column: parent.id})
        return
    for value in [*_members(writable(trial.contract, create)[column]), *_other(trial, create, first.values, column)][
        :VALUES
    ]:
        await trial.make(here.resource, first.maker, **shared, **{column: value})


def _members(schema: Mapping[str, Any]) -> list[Any]:
    parts = [schema, *schema.get("anyOf", [])]
    found = next((list(part["enum"]) for part in parts if "enum" in part), [])
    return found or ([True, False] if any(part.get("type") == "boolean" for part in parts) else [])


def _other(trial: Trial, create: Operation, values: Mapping[str, Any], column: str) -> list[Any]:
    found = new_values(trial, create, values)
    return [found[column]] if column in found else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


LAW = Law(
    id="law.filter-sound",
    claim="A filtered list is exactly those rows of the whole list that meet the condition.",
    applies="lists with query parameters that are fields of their rows",
    why="A filter that is ignored shows too much, one that errs hides rows; neither is seen on a single row.",
    source="wire contract v1, lists",
    check=check,
)
