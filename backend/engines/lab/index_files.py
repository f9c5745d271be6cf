"""Index files of the right length, and B-trees of the right height, checked by amcheck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.lab import btree_pages
from backend.engines.lab.btree_pages import BtreePageError
from backend.engines.lab.index_sizes import IndexSize
from backend.engines.lab.relation_files import RelationFiles
from backend.engines.lab.relations import IndexRelation

if TYPE_CHECKING:
    import asyncpg

SCHEMA = "architect_lab"
"""Holds amcheck in a lab's database."""
SETUP = (
    f"CREATE EXTENSION amcheck SCHEMA {SCHEMA};"
    f" GRANT EXECUTE ON FUNCTION {SCHEMA}.bt_index_check(regclass) TO {{guest}}"
)
CHECK = f"SELECT {SCHEMA}.bt_index_check(oid) FROM pg_catalog.unnest($1::oid[]) oid"


@dataclass(frozen=True)
class IndexFiles:
    """Writes what the planner reads of an index."""

    files: RelationFiles
    patches: bool = True
    """Whether heights are written: not where amcheck is missing."""

    def show(self, index: IndexRelation, size: IndexSize, *, patch: bool = True) -> bool:
        """Give a fresh, empty index its size; whether its height was written and is to be checked."""
        patched = False
        if index.method == "btree" and size.height > 0 and patch and self.patches:
            try:
                pages = btree_pages.with_height(self.files.first_page(index.path), size.height)
            except BtreePageError:
                pages = b""
            if pages:
                self.files.overwrite(index.path, pages)
                patched = True
        self.files.lengthen(index.path, size.pages)
        return patched

    def has_equal_image(self, index: IndexRelation) -> bool:
        """Whether the index merges duplicates."""
        if index.method != "btree":
            return False
        try:
            return btree_pages.has_equal_image(self.files.first_page(index.path))
        except BtreePageError:
            return False


async def prepare_checks(admin: asyncpg.Connection, guest: str) -> bool:
    """Install amcheck for the guest; false where this installation does not have it."""
    import asyncpg

    await admin.execute(f"CREATE SCHEMA {SCHEMA}; GRANT USAGE ON SCHEMA {SCHEMA} TO {guest}")
    try:
        await admin.execute(SETUP.format(guest=guest))
    except asyncpg.PostgresError:
        return False
    return True


async def refused_by_check(session: asyncpg.Connection, oids: list[int]) -> str:
    """What amcheck says against one of the B-trees, ``""`` where they are sound."""
    import asyncpg

    if not oids:
        return ""
    try:
        await session.fetch(CHECK, oids)
    except asyncpg.PostgresError as error:
        return str(error)
    return ""
