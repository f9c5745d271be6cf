"""A scratch database: sessions as its guest or as the administrator, snapshots, extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost


@dataclass
class Scratch:
    """A database of our own. ``guest`` is the role untrusted SQL runs as."""

    name: str
    guest: str
    host: PostgresHost = field(repr=False)
    roles: set[str] = field(default_factory=set)
    """Roles the scripts run here have created: made twice, they are an error as anywhere."""

    async def connect(self, *, admin: bool = False) -> asyncpg.Connection:
        """Open a session as the guest, or as the administrator. The caller closes it.

        The administrator's sessions are for reading catalogs. On our own server it is a superuser, so
        it must not touch rows of tables or views that a guest made: a trigger, a default or a function
        in a view would run with its rights.

        Raises:
            EngineError: the server takes no session.
        """
        if admin:
            return await self.host.connect(self.name)
        return await self.host.connect_guest(self.name)

    async def terminate(self) -> None:
        """Kill every session of this database, whatever it is doing, and wait until they are gone.

        For client-side deadlines: the guest may have reset its own ``statement_timeout``.
        """
        await self.host.terminate(self.name)

    async def snapshot(self) -> str:
        """Freeze the present state under a name that ``PostgresHost.scratch`` takes as template.

        Every session of the database is ended first: PostgreSQL copies only what nobody uses. Databases
        made from the snapshot have the same guest, to whom the objects in them belong.
        """
        return await self.host.copy(self.name)

    async def create_extension(self, name: str) -> None:
        """Create a harmless extension on the guest's behalf.

        Raises:
            EngineError: the extension is not on the list of harmless ones.
            asyncpg.PostgresError: this installation does not have it.
        """
        await self.host.create_extension(self.name, name)

    async def adopt_role(self, name: str) -> bool:
        """Let this guest use a role that another guest of this server created.

        Roles belong to the whole server. ``CREATE ROLE app`` therefore fails in a second scratch database
        while the first one lives; after this call the rest of the script works as if it had succeeded.

        Returns:
            Whether there is such a role.
        """
        return await self.host.adopt_role(self.name, name)
