"""A migrations folder, whatever tool wrote it, as one ordered list."""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Migration:
    """One step of a schema's history.

    ``version`` orders it inside its folder. ``up`` and ``down`` are SQL text (``down`` is ``None``
    where the tool has no way back), ``path`` and ``down_path`` the files they come from, and
    ``up_line``/``down_line`` the line at which that text begins there (1 unless sections share a file).
    ``transactional`` is false where the tool runs the file outside a transaction.
    """

    version: str
    name: str
    up: str
    path: str
    down: str | None = None
    down_path: str = ""
    up_line: int = 1
    down_line: int = 1
    transactional: bool = True
    after: tuple[str, ...] = ()
    """The versions it comes right after, where the layout says so (Alembic)."""

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 of both texts: together with ``path`` it is the identity of the version."""
        digest = hashlib.sha256(self.up.encode())
        digest.update(b"\0" + (self.down or "").encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class MigrationFolder:
    """The migrations of one project in the order in which they run."""

    root: str
    format: str
    """``plain``, ``flyway``, ``up-down``, ``dbmate``, ``goose``, ``sqitch``, ``prisma``, ``drizzle``..."""
    dialect: str
    """``postgresql`` or ``sqlite``."""
    migrations: tuple[Migration, ...]
    notes: tuple[str, ...] = ()
    """What the reader left out, and why."""

    def placed(self, prefix: str) -> MigrationFolder:
        """The same folder with ``prefix`` before every path, as in ``db/migrations/1.sql``."""
        if prefix in ("", "."):
            return self
        moved = tuple(
            replace(
                item,
                path=posixpath.normpath(f"{prefix}/{item.path}"),
                down_path=posixpath.normpath(f"{prefix}/{item.down_path}") if item.down_path else "",
            )
            for item in self.migrations
        )
        return replace(self, migrations=moved)

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 over every path and content hash, in order."""
        digest = hashlib.sha256()
        for migration in self.migrations:
            digest.update(f"{migration.path}\0{migration.content_hash}\n".encode())
        return digest.hexdigest()
