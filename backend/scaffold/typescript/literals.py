"""Literals and comments of values that come from a blueprint."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from textwrap import wrap
from uuid import UUID

from knowledge.blueprint.fields import FieldSpec, FieldType

WIDTH = 110
"""Characters of a line of a comment, indentation not counted."""


def text_literal(text: str) -> str:
    """The text in double quotes; what JSON escapes, JavaScript reads."""
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def raw_sql(text: str) -> str:
    """SQL as a tagged template of Drizzle's."""
    return "sql`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${") + "`"


def commented(text: str, *more: str, indent: str = "") -> str:
    """A doc comment of one or more paragraphs, on one line where that is long enough."""
    paragraphs = [wrap(" ".join(part.split()).replace("*/", "* /"), WIDTH) for part in (text, *more) if part.split()]
    if len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        return f"/** {paragraphs[0][0]} */"
    lines = [line for paragraph in paragraphs for line in ("", *paragraph)][1:]
    return "\n".join(["/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


def default_literal(spec: FieldSpec) -> str:
    """The field's default as an expression, as a row holds it; ``null`` where it has none."""
    value = spec.default
    if value is None:
        return "null"
    match spec.type:
        case FieldType.DECIMAL:
            return text_literal(f"{Decimal(str(value)):.{spec.scale}f}")
        case FieldType.UUID:
            return text_literal(str(UUID(str(value))))
        case FieldType.DATE:
            return text_literal(date.fromisoformat(str(value)).isoformat())
        case FieldType.DATETIME:
            return text_literal(_moment(str(value)))
        case FieldType.INTEGER:
            return str(int(str(value)))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _moment(text: str) -> str:
    """In UTC, with six digits of a second or none."""
    given = datetime.fromisoformat(text)
    moment = given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{moment:%f}Z" if moment.microsecond else "Z")
