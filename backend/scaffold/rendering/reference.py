"""The platform's own code, which every project gets a copy of."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def reference_files() -> dict[str, str]:
    """The texts of ``app/core``, by path within the project: those of the reference backend as they are."""
    return dict(_texts(files("backend.reference"), "app/core"))


def _texts(folder: Traversable, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        inner = f"{path}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            found += _texts(entry, inner)
        elif entry.name.endswith(".py"):
            found.append((inner, entry.read_text(encoding="utf-8")))
    return found
