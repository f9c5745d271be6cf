"""Revisions of a scaffolded project as a folder that can be rehearsed, without running the project's own code.

The tables of the blueprint before are made anew by one revision of ours, and the new revisions follow it. What the
user's own revisions did in between is not part of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.foreign.alembic import as_folder
from backend.foreign.process import run_driver
from backend.scaffold.migrations.render import FIRST, TEMPLATES, initial
from backend.scaffold.migrations.revision import heads
from backend.workspace import Workspace
from knowledge.blueprint.model import Blueprint
from knowledge.migration import MigrationFolder

SECONDS = 120.0
INI = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\npath_separator = os\n"
ENV = """from alembic import context
context.configure(dialect_name={dialect!r}, literal_binds=True, transactional_ddl=True, transaction_per_migration=True)
if {dialect!r} == "postgresql":
    context.execute("SET lock_timeout = '3s'")
context.run_migrations()
"""


async def folder_of_change(
    previous: Blueprint, existing: Mapping[str, str], new: Mapping[str, str], dialect: str
) -> MigrationFolder:
    """The tables as they were, and the new revisions; all in the SQL of ``dialect``.

    Raises:
        ProjectCodeError: Alembic is not installed beside us, or cannot read a revision.
    """
    with TemporaryDirectory(prefix="backend-architect-") as folder:
        root = Path(folder)
        (head,) = heads(existing.values())
        files = {
            "alembic.ini": INI,
            "migrations/env.py": ENV.format(dialect=dialect),
            "migrations/steps.py": (TEMPLATES / "steps.py.j2").read_text(encoding="utf-8"),
            FIRST: initial(previous, number=head),
            **new,
        }
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        answer = await run_driver(
            "architect_alembic",
            {"ini": str(root / "alembic.ini"), "scripts": str(root / "migrations")},
            python=sys.executable,
            folder=root,
            timeout_seconds=SECONDS,
        )
        return as_folder(Workspace.at(root), ".", answer)
