"""Names of resources, fields and relations made of names that tables and columns have."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import combining, normalize

from knowledge.blueprint.checks import words
from knowledge.blueprint.checks.names import MAX_NAME, MAX_PLURAL
from knowledge.blueprint.plurals import plural_of

_RESOURCES: Final = words.KEYWORDS | words.ANNOTATIONS | words.BUILTINS | words.MODULES
_PLURALS: Final = words.MODULES | words.PROGRAMS | words.KEYWORDS | words.TABLES | words.UNQUOTED
_COLUMNS: Final = (
    words.RESERVED_COLUMNS
    | words.KEYWORDS
    | words.UNQUOTED
    | words.ANNOTATIONS
    | words.MODEL_ATTRIBUTES
    | words.TABLE_ATTRIBUTES
    | words.COLUMN_ATTRIBUTES
)
_ENDINGS: Final = (  # the first two are plurals that have no other plural, as series has
    ("people", "person"),
    ("children", "child"),
    ("women", "woman"),
    ("men", "man"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("geese", "goose"),
    ("mice", "mouse"),
    ("criteria", "criterion"),
    ("phenomena", "phenomenon"),
    ("matrices", "matrix"),
    ("vertices", "vertex"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("caches", "cache"),
    ("ves", "f"),
    ("ves", "fe"),
    ("yses", "ysis"),
    ("theses", "thesis"),
    ("crises", "crisis"),
    ("quizzes", "quiz"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zes", "z"),
    ("ouses", "ouse"),
    ("auses", "ause"),
    ("uses", "us"),
    ("oes", "o"),
    ("ies", "y"),
    ("s", ""),
)


def snake(name: str, longest: int = MAX_NAME) -> str:
    """``userId`` and ``User-ID`` as ``user_id``; a name that holds no letter is ``unnamed``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name[: 4 * MAX_NAME])
    letters = "".join(char for char in normalize("NFKD", spaced.casefold()) if not combining(char))
    plain = re.sub(r"[^a-z0-9]+", "_", letters).lstrip("_0123456789")[:longest].strip("_")
    return plain or "unnamed"


def singular_of(name: str) -> str:
    """The word whose plural ``name`` is; ``name`` itself where it is no plural: ``order_lines`` -> ``order_line``."""
    endings = _ENDINGS if plural_of(name) != name else _ENDINGS[:2]
    for ending, other in endings:
        if name.endswith(ending):
            word = name[: len(name) - len(ending)] + other
            if word and word != name and plural_of(word) == name:
                return word
    return name


def resource_name(table: str) -> tuple[str, str]:
    """The name of the resource a table becomes, and its plural."""
    whole = snake(table, MAX_PLURAL)
    name = singular_of(whole)[:MAX_NAME].strip("_")
    class_name = "".join(part.capitalize() for part in name.split("_"))
    if name in _RESOURCES or class_name in words.CLASSES:
        name = f"{name[: MAX_NAME - 5]}_item"
        return name, plural_of(name)
    plural = whole if plural_of(name) == whole else plural_of(name)
    if plural == name or plural in _PLURALS or plural.startswith("sqlite_"):
        plural = f"{name[: MAX_PLURAL - 6]}_items"
    return name, plural


def field_name(column: str) -> str:
    """The name of the field a column becomes."""
    name = snake(column)
    return f"{name[: MAX_NAME - 6]}_value" if name in _COLUMNS else name


def relation_name(column: str) -> str:
    """The name of the relation a column with a foreign key becomes: ``authorId`` -> ``author``."""
    name = snake(column, MAX_NAME + 3).removesuffix("_id")[:MAX_NAME].strip("_") or "unnamed"
    return f"{name[: MAX_NAME - 4]}_row" if name in _COLUMNS or f"{name}_id" in words.RESERVED_COLUMNS else name
