"""English plurals of snake_case names; where they are wrong, a blueprint says ``plural:`` itself."""

from __future__ import annotations

import re

_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "mouse": "mice",
    "datum": "data",
    "criterion": "criteria",
    "phenomenon": "phenomena",
    "index": "indexes",
    "matrix": "matrices",
    "vertex": "vertices",
    "leaf": "leaves",
    "shelf": "shelves",
    "half": "halves",
    "life": "lives",
    "knife": "knives",
    "wife": "wives",
    "thief": "thieves",
    "wolf": "wolves",
    "quiz": "quizzes",
    "hero": "heroes",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "echo": "echoes",
    "veto": "vetoes",
    "cargo": "cargoes",
}
_UNCOUNTED = frozenset(
    "equipment information money news series species sheep fish staff feedback media metadata software hardware "
    "inventory_data data people children".split()
)


def plural_of(name: str) -> str:
    """The plural of the last word: ``order_line`` -> ``order_lines``, ``category`` -> ``categories``.

    Words without a plural of their own (``series``, ``news``) come back as they are.
    """
    before, underscore, word = name.rpartition("_")
    return f"{before}{underscore}{_word(word)}"


def _word(word: str) -> str:
    if word in _UNCOUNTED or not word:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("sis"):
        return f"{word[:-2]}es"
    if re.search(r"([^aeiou]|qu)y$", word):
        return f"{word[:-1]}ies"
    if re.search(r"(s|x|z|ch|sh)$", word):
        return f"{word}es"
    return f"{word}s"
