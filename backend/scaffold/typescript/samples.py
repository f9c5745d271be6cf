"""Values for the tests of a project in TypeScript; ``n`` stands for a number no test uses twice."""

from __future__ import annotations

import re
from decimal import Decimal

from backend.scaffold.samples import WIDTH
from backend.scaffold.tested import Samples
from backend.scaffold.typescript.literals import text_literal
from knowledge.blueprint.fields import FieldSpec, FieldType, StringFormat

_N = re.compile(r"\bn\b(?!-)")


def uses_n(expression: str) -> bool:
    """Whether an expression depends on ``n``."""
    inserted = " ".join(re.findall(r"\$\{([^}]*)\}", expression))
    outside = re.sub(r'`[^`]*`|"[^"]*"', "", expression)
    return _N.search(f"{inserted} {outside}") is not None


def sample(name: str, spec: FieldSpec) -> str:
    """An expression for a valid value; where values are unique it depends on ``n``."""
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            return _string(name, spec)
        case FieldType.INTEGER:
            least = int(_least(spec))
            return _plus(_counted(spec), least) if spec.unique else str(least)
        case FieldType.DECIMAL:
            least_text = f"{Decimal(str(_least(spec))):.{spec.scale}f}"
            if not spec.unique:
                return text_literal(least_text)
            return f"({_plus(_counted(spec), int(_least(spec)))}).toFixed({spec.scale})"
        case FieldType.BOOLEAN:
            return "true"
        case FieldType.DATETIME:
            unique = '`2026-01-01T00:00:00.${String(n).padStart(6, "0")}Z`'
            return unique if spec.unique else '"2026-01-01T12:00:00Z"'
        case FieldType.DATE:
            unique = "new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10)"
            return unique if spec.unique else '"2026-01-01"'
        case FieldType.UUID:
            return "randomUUID()"
        case FieldType.ENUM:
            return text_literal(spec.values[0])
        case FieldType.JSON:
            return '{ key: "value" }'


def another(name: str, spec: FieldSpec) -> str | None:
    """An expression for a value other than the sample's, or ``None`` where there may be none."""
    match spec.type:
        case FieldType.INTEGER | FieldType.DECIMAL:
            more = Decimal(str(_least(spec))) + 1
            if spec.maximum is not None and more > Decimal(str(spec.maximum)):
                return None
            return str(int(more)) if spec.type is FieldType.INTEGER else text_literal(f"{more:.{spec.scale}f}")
        case FieldType.BOOLEAN:
            return "false"
        case FieldType.DATETIME:
            return '"2027-02-02T12:00:00Z"'
        case FieldType.DATE:
            return '"2027-02-02"'
        case FieldType.UUID:
            return '"3f2504e0-4f89-41d3-9a0c-0305e82c3301"'
        case FieldType.ENUM:
            return text_literal(spec.values[1]) if len(spec.values) > 1 else None
        case FieldType.JSON:
            return '{ other: ["value"] }'
        case _:
            return sample(name, spec)


def wrong(spec: FieldSpec) -> str | None:
    """An expression for a value that is not valid, or ``None`` where everything is."""
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            return f'"x".repeat({spec.longest + 1})'
        case FieldType.ENUM:
            return '"no such value"'
        case FieldType.JSON:
            return None
        case _:
            return '"wrong"'


def _string(name: str, spec: FieldSpec) -> str:
    longest = spec.longest
    match spec.format:
        case StringFormat.EMAIL:
            return "`user${n}@example.com`"
        case StringFormat.URL:
            return "`https://example.com/${n}`"
        case _:
            stem = name.replace("_", "-") + "-"
    if len(stem) + WIDTH > longest:
        stem = ""
    digits = max(spec.min_length - len(stem), 1) if stem else max(spec.min_length, min(longest, WIDTH))
    number = f"n % {10**longest}" if not stem and longest < WIDTH else "n"
    if digits == 1:
        return f"`{stem}${{{number}}}`"
    return f'`{stem}${{String({number}).padStart({digits}, "0")}}`'


def _least(spec: FieldSpec) -> float:
    if spec.minimum is not None:
        return spec.minimum
    return min(1.0, spec.maximum) if spec.maximum is not None else 1.0


def _counted(spec: FieldSpec) -> str:
    """``n``, within the room that the bounds leave above the least value."""
    if spec.maximum is None:
        return "n"
    room = int(spec.maximum - _least(spec)) + 1
    return f"(n % {room})" if room < 10**WIDTH else "n"


def _plus(counted: str, least: int) -> str:
    return f"{counted} + {least}" if least else counted


TYPESCRIPT = Samples(sample, another, wrong, uses_n)
