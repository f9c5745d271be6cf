"""What the tools ask of an operator's database, whichever engine it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from backend.targets.ledger import OWN_RECORDS, Ledger, Records
from knowledge.migration import Migration

LOCK_TIMEOUT = "3s"
READ_TIMEOUT = "15s"
WRITE_TIMEOUT = "10min"


class TargetError(ValueError):
    """The operator's database cannot be used as asked; the text says what to do."""


class Target(Protocol):
    """An open database of the operator's."""

    engine: str
    """As in ``PostgreSQL 17``."""
    dialect: str

    async def recorded(self, ledgers: Sequence[Ledger]) -> tuple[Ledger | None, list[tuple[str, str]]]:
        """The first ledger that exists and its rows, read without any chance to write."""
        ...

    async def fingerprint(self) -> dict[str, str]:
        """Every user object and its definition."""
        ...

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Keep other appliers out for the length of the block.

        Raises:
            TargetError: one is at work.
        """
        ...

    async def prepare(self, records: Records = OWN_RECORDS) -> str:
        """Make ready to apply: the table of records, a copy where the engine is a file. Says what was made."""
        ...

    async def apply(self, migration: Migration, *, down: bool = False) -> None:
        """Run one migration, or its way back, and record that. :meth:`prepare` comes first.

        Raises:
            TargetError: it failed; the text says what is undone and what stands.
        """
        ...

    async def count(self, queries: Sequence[str]) -> list[int]:
        """The first column of the first row of each query, read without any chance to write."""
        ...


@asynccontextmanager
async def open_target(url: str, *, write: bool = False) -> AsyncIterator[Target]:
    """Open the database the operator named at start.

    Args:
        url: ``postgresql://...`` or ``sqlite:///path``.
        write: whether migrations will be applied; without it, sessions cannot write at all.

    Raises:
        TargetError: none was named, its kind is unknown, or it does not answer.
    """
    scheme = scheme_of(url)
    if scheme == "postgresql":
        from backend.targets.postgres import open_postgres

        async with open_postgres(url, write=write) as target:
            yield target
    elif scheme == "sqlite":
        from backend.targets.sqlite import open_sqlite

        # As SQLAlchemy has it: three slashes before a relative path, four before an absolute one.
        async with open_sqlite(Path(unquote(urlsplit(url).path[1:])), write=write) as sqlite:
            yield sqlite
    elif not url:
        raise TargetError("no target database: the operator names one with --database-url at the start of the server")
    else:
        raise TargetError(f"a target of the kind {scheme!r} is not supported; PostgreSQL and SQLite are")


def scheme_of(url: str) -> str:
    """``postgresql``, ``sqlite``, or whatever else a URL begins with; drivers (``+asyncpg``) do not count."""
    scheme = urlsplit(url).scheme.split("+")[0]
    return "postgresql" if scheme == "postgres" else scheme
