"""The page: one HTML file with its data, style and script inside, which asks nobody for anything."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from knowledge.plan.picture.view import Json

PLACE = "/*DATA*/null"


def page(view: Json) -> str:
    """The picture of one plan as a file of its own."""
    return template().replace(PLACE, embedded(view), 1)


@cache
def template() -> str:
    """The page without a plan: as an MCP App it is told the plan by its host."""
    return files(__package__).joinpath("viewer.html").read_text(encoding="utf-8")


def embedded(view: Json) -> str:
    """JSON that cannot end the script element it stands in, nor a line of it (HTML, 4.12.1.3)."""
    text = json.dumps(view, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
