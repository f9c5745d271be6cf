"""Fields of a resource: what a value may be, and who may set and see it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

STRING_LIMIT: Final = 255
TEXT_LIMIT: Final = 20_000
"""Characters of strings and texts that say no ``max_length``."""
INTEGER_LIMIT: Final = 2**53 - 1
"""Integers further from zero are not exact in the JSON of most clients (RFC 8259, section 6)."""


MAX_DESCRIPTION: Final = 1_000
"""Characters of a description."""
MAX_VALUES: Final = 100
"""Values of an enum."""


class Model(BaseModel):
    """Base of all blueprint parts: immutable, unknown keys rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FieldType(StrEnum):
    """The types every target language and engine can hold without loss."""

    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    UUID = "uuid"
    ENUM = "enum"
    JSON = "json"


class StringFormat(StrEnum):
    """What a string has to look like."""

    ANY = ""
    EMAIL = "email"
    URL = "url"
    SLUG = "slug"


class FieldSpec(Model):
    """One column of a resource, as the API shows it."""

    type: FieldType
    """What kind of values it holds."""
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    """For the documentation of the API."""
    required: bool = True
    """False: the value may be null, and may be left out."""
    default: JsonValue = None
    """Used when the value is left out on create; then it may be left out although it is required."""
    unique: bool = False
    """No two rows (of one tenant, where rows belong to tenants) share a value."""
    min_length: int = Field(default=0, ge=0)
    """Fewest characters of string and text."""
    max_length: int = Field(default=0, ge=0)
    """Most characters of string and text; 0 means the type's own limit (255 and 20,000)."""
    format: StringFormat = StringFormat.ANY
    """Demands an e-mail address, an address of the web, or words joined by hyphens."""
    minimum: float | None = None
    """Smallest value of integer and decimal."""
    maximum: float | None = None
    """Largest value of integer and decimal."""
    precision: int = Field(default=12, ge=1, le=15)
    """Digits of a decimal in all; 15 are exact on every engine, SQLite included."""
    scale: int = Field(default=2, ge=0, le=15)
    """Digits of a decimal after the point."""
    values: tuple[str, ...] = Field(default=(), max_length=MAX_VALUES)
    """What an enum may be."""
    immutable: bool = False
    """Set on create, never changed by an update."""
    write_only: bool = False
    """Accepted, never shown."""
    read_only: bool = False
    """Shown, set by the server alone (its default until the application changes it)."""

    @property
    def longest(self) -> int:
        """The most characters a string or text may have."""
        return self.max_length or (TEXT_LIMIT if self.type is FieldType.TEXT else STRING_LIMIT)
