"""Migrations as plain SQL, one folder for each engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.scaffold.typescript.sql import make_tables
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.platform_tables import PLATFORM_TABLES
from knowledge.blueprint.tables import tables

FOLDER = "drizzle/"
BREAK = "--> statement-breakpoint"
"""What stands between two statements."""


def render_migrations(blueprint: Blueprint, previous: Blueprint | None, existing: Mapping[str, str]) -> dict[str, str]:
    """The migrations by path, those that exist as they are.

    Args:
        blueprint: what the project is to be.
        previous: what it was when ``existing`` was rendered; ``None`` for a new project.
        existing: texts by path of what is there, the user's own migrations included.
    """
    kept = {path: text for path, text in existing.items() if path.startswith(FOLDER)}
    if previous is None or not kept:
        return kept | initial(blueprint)
    return kept


def initial(blueprint: Blueprint) -> dict[str, str]:
    """The first migration of each engine: every table, the platform's included."""
    made = (*PLATFORM_TABLES, *tables(blueprint))
    return {
        f"{FOLDER}{engine}/0000_initial.sql": script("Makes all tables.", make_tables(made, sqlite=engine == "sqlite"))
        for engine in ("postgres", "sqlite")
    }


def script(title: str, statements: Iterable[str]) -> str:
    """One migration."""
    return f"-- {title}\n" + f"\n{BREAK}\n".join(f"{statement};" for statement in statements) + "\n"
