"""Names the database gets that the blueprint does not spell out, never longer than PostgreSQL keeps."""

from __future__ import annotations

from hashlib import sha256

from knowledge.blueprint.model import Resource

MAX_BYTES = 63
"""Longer identifiers are cut by PostgreSQL without an error, so two of them can become one
(https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS)."""


def link_table(resource: Resource, relation: str) -> str:
    """The table behind a many-to-many relation, as in ``post_tags``."""
    return f"{resource.name}_{relation}"


def derived_name(prefix: str, table: str, *columns: str) -> str:
    """Name of an index or constraint, as in ``ix_posts_user_id_created_at``.

    ``prefix`` is ``ix``, ``uq``, ``fk``, ``ck`` or ``pk``. A name that would be too long keeps its beginning and
    ends with eight digits of its hash, so it is the same every time and different names stay different.
    """
    name = "_".join((prefix, table, *columns))
    if len(name) <= MAX_BYTES:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_BYTES - len(digest) - 1].rstrip('_')}_{digest}"
