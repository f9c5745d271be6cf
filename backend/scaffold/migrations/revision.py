"""The text of a revision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill, shorten

from backend.scaffold.migrations.code import string

WIDTH = 112
_STEPS = ("alone", "backfill", "build_index", "drop_index", "on_sqlite", "rebuild", "replace_index", "run")


@dataclass(frozen=True)
class Revision:
    """One file of ``migrations/versions``; ``upgrade`` and ``downgrade`` are lines of their bodies."""

    number: str
    after: str
    """The revision before it; empty for the first."""
    title: str
    notes: Sequence[str]
    upgrade: Sequence[str]
    downgrade: Sequence[str]

    @property
    def text(self) -> str:
        """The file, not formatted yet."""
        body = "\n".join((*self.upgrade, *self.downgrade))
        steps = [name for name in _STEPS if re.search(rf"(?<![\w.]){name}\(", body)]
        imports = [
            *(["import sqlalchemy as sa"] if "sa." in body else []),
            *(["from alembic import op"] if "op." in body else []),
            *(["from sqlalchemy.dialects import postgresql"] if "postgresql.JSONB" in body else []),
        ]
        if steps:
            imports += [*([""] if imports else []), f"from migrations.steps import {', '.join(steps)}"]
        notes = "".join(f"\n{_wrapped(note)}" for note in self.notes)
        title = shorten(self.title, WIDTH, placeholder=" ...")
        doc = f"{title}\n{notes}\n" if self.notes else title
        return "\n".join(
            (
                f'"""{_in_docstring(doc)}"""',
                "",
                "from __future__ import annotations",
                "",
                *imports,
                "",
                f'revision: str = "{self.number}"',
                f"down_revision: str | None = {string(self.after) if self.after else None}",
                "branch_labels: str | None = None",
                "depends_on: str | None = None",
                "",
                "",
                "def upgrade() -> None:",
                *_indented(self.upgrade or ["pass"]),
                "",
                "",
                "def downgrade() -> None:",
                *_indented(self.downgrade or ["pass"]),
                "",
            )
        )


def _wrapped(note: str) -> str:
    return fill(note, WIDTH, subsequent_indent="  " if note.startswith("* ") else "", break_long_words=False)


def _in_docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def indented(lines: Iterable[str]) -> list[str]:
    """Lines one level further in."""
    return _indented(lines)


_REVISION = re.compile(r"""^revision(?:\s*:\s*[^=\n]+)?\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_DOWN = re.compile(r"""^down_revision(?:\s*:\s*[^=\n]+)?\s*=\s*(.+)$""", re.MULTILINE)
_NAME = re.compile(r"""["']([^"']+)["']""")


def heads(texts: Iterable[str]) -> list[str]:
    """The revisions that none of the others comes after."""
    known: list[str] = []
    merged: set[str] = set()
    for text in texts:
        if found := _REVISION.search(text):
            known.append(found[1])
            if before := _DOWN.search(text):
                merged.update(_NAME.findall(before[1]))
    return [name for name in known if name not in merged]
