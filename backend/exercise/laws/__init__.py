"""Laws of a running backend, one file each, grouped by family; adding a file adds the law."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from backend.exercise.laws.law import Law
from backend.exercise.laws.run import LawResults, run_laws, try_law

__all__ = ["Law", "LawResults", "all_laws", "law", "run_laws", "try_law"]

FAMILIES = ("wire", "lists", "writes", "repeats", "boundaries")


@cache
def all_laws() -> tuple[Law, ...]:
    """Every law, by family and then by the name of its file. A law's module holds one record called ``LAW``."""
    found: list[Law] = []
    for family in FAMILIES:
        package = import_module(f"{__name__}.{family}")
        for entry in sorted(iter_modules(package.__path__), key=lambda module: module.name):
            if not entry.name.startswith("_"):
                found.append(import_module(f"{package.__name__}.{entry.name}").LAW)
    return tuple(found)


def law(law_id: str) -> Law:
    """The law called ``law_id``.

    Raises:
        KeyError: no law has that id.
    """
    for candidate in all_laws():
        if candidate.id == law_id:
            return candidate
    raise KeyError(law_id)
