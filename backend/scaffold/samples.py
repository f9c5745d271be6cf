"""Values for the tests of a scaffolded project, as Python expressions; ``n`` stands for a number no test uses twice."""

from __future__ import annotations

from decimal import Decimal

from knowledge.blueprint.fields import FieldSpec, FieldType, StringFormat

WIDTH = len("000000")
"""Digits that hold any ``n``."""


def varies(spec: FieldSpec) -> bool:
    """Whether there is a value of the field for every row."""
    return spec.type not in (FieldType.BOOLEAN, FieldType.ENUM, FieldType.JSON)


def sample(name: str, spec: FieldSpec) -> str:
    """An expression for a valid value; where values are unique it depends on ``n``."""
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            return _string(name, spec)
        case FieldType.INTEGER:
            return _number(spec, int(_least(spec)))
        case FieldType.DECIMAL:
            least = f"{Decimal(str(_least(spec))):.{spec.scale}f}"
            return f"str({_counted(spec)} + Decimal({least!r}))" if spec.unique else repr(least)
        case FieldType.BOOLEAN:
            return "True"
        case FieldType.DATETIME:
            return 'f"2026-01-01T00:00:{n % 60:02}.{n:06}Z"' if spec.unique else '"2026-01-01T12:00:00Z"'
        case FieldType.DATE:
            return "(date(2026, 1, 1) + timedelta(days=n)).isoformat()" if spec.unique else '"2026-01-01"'
        case FieldType.UUID:
            return "str(uuid4())"
        case FieldType.ENUM:
            return repr(spec.values[0])
        case FieldType.JSON:
            return '{"key": "value"}'


def _string(name: str, spec: FieldSpec) -> str:
    longest = spec.longest
    match spec.format:
        case StringFormat.EMAIL:
            return 'f"user{n}@example.com"'
        case StringFormat.URL:
            return 'f"https://example.com/{n}"'
        case _:
            stem = name.replace("_", "-") + "-"
    if len(stem) + WIDTH > longest:
        stem = ""
    if not stem:
        number = f"n % {10**longest}" if longest < WIDTH else "n"
        return f'f"{{{number}:0{max(spec.min_length, min(longest, WIDTH))}}}"'
    digits = max(1, spec.min_length - len(stem))
    return f'f"{stem}{{n}}"' if digits == 1 else f'f"{stem}{{n:0{digits}}}"'


def _least(spec: FieldSpec) -> float:
    if spec.minimum is not None:
        return spec.minimum
    return min(1.0, spec.maximum) if spec.maximum is not None else 1.0


def _number(spec: FieldSpec, least: int) -> str:
    if not spec.unique:
        return str(least)
    return f"{_counted(spec)} + {least}" if least else _counted(spec)


def _counted(spec: FieldSpec) -> str:
    """``n``, within the room that the bounds leave above the least value."""
    if spec.maximum is None:
        return "n"
    room = int(spec.maximum - _least(spec)) + 1
    return f"n % {room}" if room < 10**WIDTH else "n"


def another(name: str, spec: FieldSpec) -> str | None:
    """An expression for a value other than the sample's, or ``None`` where there may be none."""
    match spec.type:
        case FieldType.INTEGER | FieldType.DECIMAL:
            more = Decimal(str(_least(spec))) + 1
            if spec.maximum is not None and more > Decimal(str(spec.maximum)):
                return None
            return str(int(more)) if spec.type is FieldType.INTEGER else repr(f"{more:.{spec.scale}f}")
        case FieldType.BOOLEAN:
            return "False"
        case FieldType.DATETIME:
            return '"2027-02-02T12:00:00Z"'
        case FieldType.DATE:
            return '"2027-02-02"'
        case FieldType.UUID:
            return '"3f2504e0-4f89-41d3-9a0c-0305e82c3301"'
        case FieldType.ENUM:
            return repr(spec.values[1]) if len(spec.values) > 1 else None
        case FieldType.JSON:
            return '{"other": ["value"]}'
        case _:
            return sample(name, spec)


def wrong(spec: FieldSpec) -> str | None:
    """An expression for a value that is not valid, or ``None`` where everything is."""
    match spec.type:
        case FieldType.STRING | FieldType.TEXT:
            return f'"x" * {spec.longest + 1}'
        case FieldType.ENUM:
            return '"no such value"'
        case FieldType.JSON:
            return None
        case _:
            return '"wrong"'


def uses_n(expression: str) -> bool:
    """Whether an expression depends on ``n``."""
    return (
        "{n" in expression or "n +" in expression or "n %" in expression or "days=n" in expression or expression == "n"
    )
