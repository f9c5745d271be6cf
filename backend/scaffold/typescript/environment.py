"""The template engine of the TypeScript target: strict about names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from backend.scaffold.typescript.literals import commented, text_literal

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("backend.scaffold", "templates_typescript"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # what is rendered is code and configuration, not HTML
    )
    environment.filters["literal"] = text_literal
    environment.filters["comment"] = commented
    return environment


def rendered(template: str, **context: Any) -> str:
    """The text of a template, by its path below ``templates_typescript``."""
    return _environment().get_template(template).render(**context)
