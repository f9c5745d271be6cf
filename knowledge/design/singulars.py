"""The singular of a word in a sentence, where many words are singular already though they end in s."""

from __future__ import annotations

import re
from typing import Final

from knowledge.blueprint_from_schema.naming import singular_of

_SINGULAR: Final = re.compile(r".*(?:ss|us|sis|axis)")
"""Ends of words that are no plurals: address, status, analysis."""
_IRREGULAR: Final = {
    "menus": "menu", "taxis": "taxi", "data": "datum", "aliases": "alias", "gases": "gas", "lenses": "lens",
    "sizes": "size", "prizes": "prize", "uses": "use", "diagnoses": "diagnosis", "movies": "movie",
}  # fmt: skip


def singular(noun: str) -> str:
    """The singular of a word in snake_case, of its last part; what is no plural comes back as it is."""
    before, underscore, word = noun.rpartition("_")
    if word in _IRREGULAR:
        return f"{before}{underscore}{_IRREGULAR[word]}"
    return noun if _SINGULAR.fullmatch(word) else f"{before}{underscore}{singular_of(word)}"


def is_plural(noun: str) -> bool:
    """Whether a word is a plural and nothing else."""
    return singular(noun) != noun
