"""Valid changes of a row: one field, one new value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from random import Random
from typing import Any

from backend.exercise.calls import row
from backend.exercise.contract import Operation
from backend.exercise.laws.trial import Made, Trial, Untested, writable
from backend.exercise.schemas import Schema
from backend.exercise.values.valid import NotMade, Values

TRIES = 20
DECIMAL = re.compile(r"\d+\.\d+")
STRING, NULL = "string", "null"


def new_values(trial: Trial, operation: Operation, made: Mapping[str, Any]) -> dict[str, Any]:
    """A new value for each field of an update that the row shows, references left out: none is the present one."""
    random = Random(f"change {trial.subject.seed} {operation.label} {trial.verdict.requests}")
    values = Values(trial.contract.schemas, random, plain=True)
    found = {}
    for name, schema in writable(trial.contract, operation).items():
        if name not in made or name.endswith(("_id", "Id")):
            continue
        near = _near(made[name])
        if near is not None and trial.contract.schemas.valid(schema, near):
            found[name] = near
            continue
        for _ in range(TRIES):
            try:
                value = values.value(_filled(schema), name)
            except NotMade:
                break
            if value is not None and value != made[name]:
                found[name] = value
                break
    return found


def _near(shown: Any) -> str | None:
    """Another decimal within the same bounds, which schemas of decimals as strings do not tell; else ``None``."""
    if not isinstance(shown, str) or not DECIMAL.fullmatch(shown):
        return None
    number = Decimal(shown)
    step = Decimal(1).scaleb(int(number.as_tuple().exponent))
    half = (number / 2).quantize(step, ROUND_DOWN)
    return str(half if half != number else number + step)


def _filled(schema: Schema) -> Schema:
    """Without the alternative to be null."""
    for word in ("anyOf", "oneOf"):
        parts = [part for part in schema.get(word, []) if part.get("type") != NULL]
        if parts and len(parts) < len(schema[word]):
            return {**{key: value for key, value in schema.items() if key not in (word, "default")}, word: parts}
    return schema


def agrees(sent: Any, shown: Any) -> bool:
    """Whether a value is shown as it was sent; times may be in another zone, decimals have more zeros."""
    if sent == shown or not (isinstance(sent, str) and isinstance(shown, str)):
        return bool(sent == shown)
    try:
        return Decimal(sent) == Decimal(shown)
    except InvalidOperation:
        pass
    try:
        return datetime.fromisoformat(sent) == datetime.fromisoformat(shown)
    except (ValueError, TypeError):
        return False


async def body_of_update(trial: Trial, operation: Operation, made: Made) -> dict[str, Any]:
    """A body that changes one field of the row, or the whole row for ``PUT``.

    Raises:
        Untested: the row shows no field that can be changed.
    """
    found = new_values(trial, operation, made.values)
    if not found:
        raise Untested("a row shows no field that an update could change")
    name = next(iter(found))
    return whole(trial, operation, made.values, {name: found[name]})


def whole(trial: Trial, operation: Operation, values: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """``change`` as the body: alone for ``PATCH``, with all other fields for ``PUT``."""
    if operation.method == "PATCH":
        return dict(change)
    return {**{name: values[name] for name in writable(trial.contract, operation) if name in values}, **change}


async def update(trial: Trial, made: Made) -> tuple[dict[str, Any], dict[str, Any]]:
    """Change one field of a row; the change, and the row afterwards.

    Raises:
        Untested: there is no update, or it is refused.
    """
    operation = made.resource.update
    if operation is None:
        raise Untested("its rows cannot be changed")
    body = await body_of_update(trial, operation, made)
    answer = await trial.act(operation, made, body=body)
    if answer.status >= 300:
        raise Untested(f"a valid change ({', '.join(body)}) is answered with {answer.status}")
    return body, row(answer)
