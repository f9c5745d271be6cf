"""``law.fields-promised``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend.exercise.calls import document
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial
from backend.exercise.schemas import Schema, Schemas
from backend.exercise.world import WorldError

OPEN = ("additionalProperties", "patternProperties", "allOf", "anyOf", "oneOf", "not")
"""Words by which a schema says itself what more an object may have."""


async def check(trial: Trial) -> None:
    """Read, list and change a row and look for fields that the contract does not name."""
    for resource in trial.contract.resources:
        try:
            made = await trial.make(resource)
        except WorldError as reason:
            trial.verdict.untested[resource.collection] = str(reason)
            continue
        if resource.get is not None:
            async with trial.about(resource.get):
                _look(trial, resource.get, await trial.act(resource.get, made))
        if resource.update is not None:
            async with trial.about(resource.update):
                body = await body_of_update(trial, resource.update, made)
                _look(trial, resource.update, await trial.act(resource.update, made, body=body))
        if resource.list is not None and "{" not in resource.collection:
            async with trial.about(resource.list):
                reader = await trial.reader(resource.list)
                _look(trial, resource.list, await trial.ask(resource.list, reader))


def _look(trial: Trial, operation: Operation, answer: Answer) -> None:
    promise = operation.promise(answer.status)
    if answer.status >= 300 or promise is None or promise.schema is None:
        return
    extra = sorted(set(unnamed(trial.contract.schemas, promise.schema, document(answer))))
    trial.expect(not extra, f"it shows {', '.join(extra)}, which the contract does not name")


def unnamed(schemas: Schemas, schema: Schema, value: Any) -> Iterator[str]:
    """Keys of objects that their schema, which names others, does not name."""
    known = schemas.resolve(schema)
    if isinstance(value, list) and isinstance(known.get("items"), Mapping):
        for item in value:
            yield from unnamed(schemas, known["items"], item)
    if not isinstance(value, Mapping) or not known.get("properties"):
        return
    named = known["properties"]
    if not any(word in known for word in OPEN):
        yield from (name for name in value if name not in named)
    for name, inner in named.items():
        if name in value:
            yield from unnamed(schemas, inner, value[name])


LAW = Law(
    id="law.fields-promised",
    claim="Rows show the fields that the contract names, and no others.",
    applies="rows and lists whose schema names their fields",
    why="A column that nobody meant to show is public as soon as somebody looks.",
    source="OWASP API3:2023 Broken Object Property Level Authorization (excessive data exposure)",
    check=check,
)
