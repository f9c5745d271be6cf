"""The same values put to the contract (JSON Schema), the validator of documents, and the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from backend.schema_parity.cases import cases
from backend.schema_parity.columns import kept
from backend.schema_parity.document import Unfit, stored
from knowledge.blueprint.fields import FieldSpec
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column
from knowledge.blueprint.tables import condition, tables
from knowledge.formats.mongodb.json_schema import translated
from knowledge.formats.mongodb.validator import value_schema
from knowledge.formats.openapi.values import sent

if TYPE_CHECKING:
    import asyncpg

Verdict = tuple[bool, bool, bool]
"""Whether contract, document and table admit a value."""


@dataclass(frozen=True)
class Inherent:
    """A difference between the three that no wording of theirs can close."""

    name: str
    told: str
    verdict: Verdict


INHERENT: Final[Mapping[str, Inherent]] = MappingProxyType(
    {
        "too short": Inherent(
            "least-length", "Columns have no least length; the API refuses such values.", (False, False, True)
        ),
        "format": Inherent(
            "text-format", "Columns know nothing of formats; the API refuses such values.", (False, False, True)
        ),
        "space at the end": Inherent(
            "trailing-spaces", "varchar cuts spaces beyond its length without an error (SQL-92).", (False, False, True)
        ),
        "not exact": Inherent(
            "safe-integers",
            "Whole numbers beyond 2^53 - 1 fit into bigint and long, but not into the JSON of most clients.",
            (False, True, True),
        ),
        "below its bound": Inherent(
            "decimal-bounds",
            "A decimal travels as text, whose schema cannot compare numbers; the API itself refuses such values.",
            (True, False, False),
        ),
        "above its bound": Inherent(
            "decimal-bounds",
            "A decimal travels as text, whose schema cannot compare numbers; the API itself refuses such values.",
            (True, False, False),
        ),
        "digits before the point": Inherent(
            "decimal-digits", "A decimal of BSON has 34 digits, wherever the point is.", (False, True, False)
        ),
        "digits after the point": Inherent(
            "rounding", "numeric rounds what has more digits, BSON keeps them; the API refuses it.", (False, True, True)
        ),
        "no zone": Inherent(
            "zones", "PostgreSQL takes a moment without a zone to be in the session's.", (False, False, True)
        ),
        "no such day": Inherent(
            "calendar", "Documents hold days as text, and a pattern knows no months.", (False, True, False)
        ),
        "date in other words": Inherent(
            "date-notations", "PostgreSQL reads dates in many notations; JSON has one.", (False, False, True)
        ),
        "identifier in other words": Inherent(
            "identifier-notations", "PostgreSQL reads a UUID without hyphens too.", (False, False, True)
        ),
    }
)
"""By the name of the case in which they show."""


@dataclass(frozen=True)
class Disagreement:
    """A value on which the three differ; ``inherent`` is the name of the reason, empty where there is none."""

    field: str
    case: str
    value: Any
    verdict: Verdict
    inherent: str

    def __str__(self) -> str:
        words = ", ".join(
            f"{side} {'admits' if admits else 'refuses'} it"
            for side, admits in zip(("the contract", "the document", "the table"), self.verdict, strict=True)
        )
        return f"{self.field}: {self.case} ({str(self.value)[:40]!r}): {words}"


@dataclass(frozen=True)
class Parity:
    """What came of all values."""

    checked: int
    admitted: int
    """By all three."""
    refused: int
    """By all three."""
    disagreements: tuple[Disagreement, ...]

    @property
    def unexplained(self) -> tuple[Disagreement, ...]:
        """Differences with no inherent reason: one of the three says something else than the blueprint."""
        return tuple(each for each in self.disagreements if not each.inherent)


@dataclass(frozen=True)
class Sides:
    """What is compared: the schemas of a value in the contract and in documents, and the condition of its column."""

    contract: Callable[[FieldSpec], dict[str, Any]] = sent
    document: Callable[[Column, FieldSpec], dict[str, Any]] = value_schema
    condition: Callable[[str, FieldSpec], str] = condition


async def parity(blueprint: Blueprint, connection: asyncpg.Connection, sides: Sides | None = None) -> Parity:
    """Put every field's valid values and its single faults to all three.

    Raises:
        asyncpg.PostgresError: the session cannot make temporary tables.
    """
    chosen = sides or Sides()
    made = {table.resource: table for table in tables(blueprint) if table.resource}
    checked = admitted = refused = 0
    found: list[Disagreement] = []
    for name, resource in blueprint.resources.items():
        for field, spec in resource.fields.items():
            column = made[name].column(field)
            for case, value, verdict in await _verdicts(connection, column, field, spec, chosen):
                checked += 1
                admitted += all(verdict)
                refused += not any(verdict)
                if len(set(verdict)) > 1:
                    reason = INHERENT.get(case)
                    inherent = reason.name if reason is not None and reason.verdict == verdict else ""
                    found.append(Disagreement(f"{name}.{field}", case, value, verdict, inherent))
    return Parity(checked, admitted, refused, tuple(found))


async def _verdicts(
    connection: asyncpg.Connection, column: Column, field: str, spec: FieldSpec, sides: Sides
) -> list[tuple[str, Any, Verdict]]:
    import jsonschema_rs

    def validator(schema: Mapping[str, Any]) -> Any:
        return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)

    contract = validator(sides.contract(spec))
    document = validator(translated(sides.document(column, spec)))
    given = list(cases(spec))
    in_table = await kept(connection, column, spec, sides.condition(field, spec), [case.value for case in given])
    return [
        (case.name, case.value, (contract.is_valid(case.value), _holds(document, spec, case.value), table))
        for case, table in zip(given, in_table, strict=True)
    ]


def _holds(validator: Any, spec: FieldSpec, value: Any) -> bool:
    try:
        return bool(validator.is_valid(stored(spec, value)))
    except Unfit:
        return False
