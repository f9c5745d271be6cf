"""The release of OpenAPI a document declares, with 3.2 told from 3.1; and lists that may be something else."""

from __future__ import annotations

from typing import Any

from knowledge.api.context import ApiContext


def release(context: ApiContext) -> str:
    """``2.0``, ``3.0``, ``3.1`` or ``3.2``."""
    return context.memo("release", lambda: _release(context))


def _release(context: ApiContext) -> str:
    return "3.2" if str(context.root.get("openapi", "")).startswith("3.2") else context.version


def items(value: Any) -> list[Any]:
    """A list, or an empty one where a damaged document holds something else."""
    return value if isinstance(value, list) else []
