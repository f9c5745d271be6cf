"""A planted bug: what a developer got wrong, as edits of the scaffolded shop, and which checks have to notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class MutantError(ValueError):
    """A mutant does not fit the shop as it is rendered now; the text says which edit."""


@dataclass(frozen=True)
class Edit:
    """Text that is replaced in one file. It must be there exactly once."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One planted bug."""

    id: str
    kind: str
    """What sort of bug it is, as people name it."""
    mistake: str
    """What the developer got wrong, in one sentence."""
    edits: tuple[Edit, ...]
    caught_by: tuple[str, ...]
    """Checks that notice it, each on its own."""
    resources: tuple[str, ...] = ()
    """Where the bug is: enough to look at where there is little time; empty for everything."""
    engine: str = "sqlite"


def mutated(files: Mapping[str, str], mutant: Mutant) -> dict[str, str]:
    """The files of the shop with the bug in them.

    Raises:
        MutantError: a text to replace is not there exactly once, or the result is no Python.
    """
    changed = dict(files)
    for edit in mutant.edits:
        text = changed.get(edit.path)
        if text is None:
            raise MutantError(f"{mutant.id}: the shop has no file {edit.path}")
        if text.count(edit.old) != 1:
            raise MutantError(f"{mutant.id}: {edit.path} has {text.count(edit.old)} times {edit.old!r}")
        changed[edit.path] = text.replace(edit.old, edit.new)
        try:
            compile(changed[edit.path], edit.path, "exec")
        except SyntaxError as error:
            raise MutantError(f"{mutant.id}: {edit.path} is no Python any more: {error}") from None
    return changed
