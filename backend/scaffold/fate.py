"""What happens to one file: decided from its base, the user's text and the newly rendered text alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.scaffold.current import Current
from backend.scaffold.merge import merge, unresolved
from backend.scaffold.syntax import syntax_problem

APPEND_ONLY = ("migrations/versions/", "drizzle/")
"""Migrations that exist may have been applied somewhere: they are never changed, and never removed."""
JOURNAL = "/_journal.json"
"""The list of them, which grows."""


class Fate(StrEnum):
    """What would happen to a file; the order is that of a report."""

    CONFLICT = "conflict"
    """Both sides changed the same lines, or something else that a person has to decide."""
    MERGE = "merge"
    """Both sides changed it, in different places."""
    UPDATE = "update"
    """Only the blueprint or the generator changed it."""
    CREATE = "create"
    REMOVE = "remove"
    """No longer part of the project, and never edited."""
    EDITED = "keep edited"
    """Only the user changed it."""
    OWNED = "keep owned"
    """Belongs to the user alone: a migration, or an edited file that is no longer part of what is rendered."""
    DELETED = "keep deleted"
    """The user deleted it; it stays so."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """The fate of one file."""

    path: str
    fate: Fate
    reason: str = ""
    text: str | None = None
    """What will be written; ``None``: nothing."""
    base: str | None = None
    """The base of the next merge; ``None``: the file is no longer ours."""

    @property
    def writes(self) -> bool:
        """Whether the file's content changes (a removal is not a change of content)."""
        return self.text is not None


def decide(path: str, *, base: str | None, now: Current, new: str | None) -> Change:
    """What happens to ``path``.

    ``base`` is what was rendered last time (``None``: it was not ours), ``now`` what lies there, ``new`` what was
    rendered this time (``None``: no longer rendered). At least one of ``base`` and ``new`` is given.
    """
    if now.problem:
        fate = Fate.CONFLICT if new is not None else Fate.OWNED
        return Change(path, fate, f"left as it is: {now.problem}", base=base)
    if path.startswith(APPEND_ONLY) and not path.endswith(JOURNAL) and (base is not None or not now.absent):
        return _append_only(path, base, now, new)
    if new is None:
        return _no_longer_rendered(path, base, now)
    if now.absent:
        return _absent(path, base, new)
    if now.text == new:
        return Change(path, Fate.UNCHANGED, base=new)
    if base is None:
        return Change(path, Fate.CONFLICT, "left as it is: you have a file of that name; move it or rename yours")
    if now.text == base:
        return Change(path, Fate.UPDATE, text=new, base=new)
    if base == new:
        return _edited(path, now, new)
    return _merged(path, base, now, new)


def _append_only(path: str, base: str | None, now: Current, new: str | None) -> Change:
    if base is None:
        same = now.text == new
        reason = "" if same else "left as it is: you have a migration of that name; rename yours"
        return Change(path, Fate.UNCHANGED if same else Fate.CONFLICT, reason, base=new if same else None)
    if now.absent:
        return Change(path, Fate.DELETED, "you deleted this migration", base=base)
    if now.text in (base, new):
        return Change(path, Fate.UNCHANGED, base=base)
    return Change(path, Fate.OWNED, "migrations that exist are never changed", base=base)


def _no_longer_rendered(path: str, base: str | None, now: Current) -> Change:
    if now.absent:
        return Change(path, Fate.DELETED, "no longer part of the project; you had deleted it")
    if now.text == base:
        return Change(path, Fate.REMOVE, "no longer part of the project")
    return Change(path, Fate.OWNED, "no longer part of the project, but you edited it: it is yours now")


def _absent(path: str, base: str | None, new: str) -> Change:
    if base is None:
        return Change(path, Fate.CREATE, text=new, base=new)
    if base == new:
        return Change(path, Fate.DELETED, "you deleted it", base=new)
    return Change(path, Fate.CONFLICT, "you deleted it, and it would have changed: it stays deleted", base=new)


def _edited(path: str, now: Current, new: str) -> Change:
    if unresolved(now.text or ""):
        return Change(path, Fate.CONFLICT, "left as it is: it still holds conflict markers", base=new)
    return Change(path, Fate.EDITED, base=new)


def _merged(path: str, base: str, now: Current, new: str) -> Change:
    yours = now.text or ""
    merged = merge(base, yours, new)
    if merged.conflicts or unresolved(merged.text):
        reason = f"{merged.conflicts or 'earlier'} conflict{'s' if merged.conflicts != 1 else ''} to resolve"
        return Change(path, Fate.CONFLICT, reason, merged.text, new)
    problem = syntax_problem(path, merged.text)
    if problem and not syntax_problem(path, yours):
        return Change(path, Fate.CONFLICT, f"merged, but no longer readable: {problem}", merged.text, new)
    if merged.text == yours:
        return Change(path, Fate.EDITED, "your edit holds what changed already", base=new)
    return Change(path, Fate.MERGE, text=merged.text, base=new)
