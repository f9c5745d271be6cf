"""The template engine: strict about names, silent about nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from backend.scaffold.rendering.literals import docstring, text_literal, wrapped

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("backend.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # what is rendered is code and configuration, not HTML
    )
    environment.filters["literal"] = text_literal
    environment.filters["docstring"] = docstring
    environment.filters["wrapped"] = wrapped
    return environment


def rendered(template: str, **context: Any) -> str:
    """The text of a template of this package, by its path below ``templates``."""
    return _environment().get_template(template).render(**context)
