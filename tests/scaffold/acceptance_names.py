"""Blueprints whose names mean something to SQL, to Python or to the libraries a project stands on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint

LONGEST = "a_name_that_has_all_of_forty_characters_"[:39] + "x"
WORST = f"order update delete insert transaction {LONGEST}".split()
RESOURCES = (
    *WORST,
    *(
        "user group select ids exception"
        " identity module schema service route access event job worker tenant version cursor limit offset rows"
        " statement key values count total meta status application lock file name time where check default primary"
        " references unique constraint trigger view grant revoke role all null case when then end between like on by"
        " having union analyze asc desc cast collate create cross current_date do fetch full ilike inner intersect"
        " into join lateral leading left natural only outer overlaps placing returning right similar some symmetric"
        " to trailing using variadic verbose window payload alembic fastapi pydantic sqlalchemy router env"
        " environment health healthz token auth log logging math typing os sys"
    ).split(),
)
"""Names that resources may have."""

FIELDS = (
    LONGEST,
    *(
        "order user group select table delete insert type ids model query service route main api core test event"
        " setting session request response caller tenant cursor page limit offset row rows statement column index key"
        " value count total data meta error status exception app application database connection transaction lock"
        " file path name time uuid text enum any self cls where check default primary references unique constraint"
        " trigger view grant revoke role all null case when then end between like on by having union analyze asc desc"
        " cast collate create cross current_date do fetch full into join lateral left natural only outer overlaps"
        " placing right similar some symmetric to trailing using variadic verbose window payload migration"
        " alembic fastapi pydantic sqlalchemy router base env auth log math typing os sys"
    ).split(),
)
"""Names that fields may have."""

KINDS: Sequence[dict[str, Any]] = (
    {"type": "string", "max_length": 80, "unique": True},
    {"type": "integer", "minimum": 0, "maximum": 1000},
    {"type": "enum", "values": ["None", "it's"], "default": "None"},
    {"type": "decimal", "precision": 8, "scale": 2, "minimum": 0},
    {"type": "boolean", "required": False},
    {"type": "datetime", "required": False},
)
PARAMETERS = ("cursor", "limit", "page")
"""Of lists: no filter is called that."""

AT_ONCE = 12
"""Resources of one blueprint."""


def worst_names() -> Blueprint:
    """The names that break most."""
    return _blueprint(WORST, cycle(FIELDS))


def nasty_names() -> Iterator[Blueprint]:
    """Blueprints in which every name occurs."""
    fields = cycle(FIELDS)
    for start in range(0, len(RESOURCES), AT_ONCE):
        yield _blueprint(RESOURCES[start : start + AT_ONCE], fields)


def _blueprint(names: Sequence[str], fields: Iterator[str]) -> Blueprint:
    resources: dict[str, Any] = {}
    previous = ""
    for name in names:
        resources[name] = _resource(dict(zip(islice(fields, len(KINDS)), KINDS, strict=True)), previous)
        previous = name
    return read_blueprint(json.dumps({"name": "names", "resources": resources}))


def _resource(fields: dict[str, Any], previous: str) -> dict[str, Any]:
    chosen = [name for name in fields if name not in PARAMETERS]
    everybody = {"access": ["authenticated"]}
    resource: dict[str, Any] = {
        "optimistic_locking": True,
        "events": ["created", "updated", "deleted"],
        "fields": fields,
        "operations": {
            "list": everybody | {"filter": chosen[:3], "sort": chosen[1:3], "search": list(fields)[:1]},
            **dict.fromkeys(("get", "create", "update", "delete"), everybody),
        },
    }
    if previous:
        resource["belongs_to"] = {"parent": {"resource": previous, "nested": True}}
        resource["many_to_many"] = {"linked": {"resource": previous}}
        resource["operations"]["list"]["embed"] = ["parent"]
    return resource
