"""Guests: the roles that SQL we did not write runs as, and the roles such SQL creates.

A role belongs to the whole cluster, unlike everything else a migration makes. So the roles a guest
created are found through their memberships (since PostgreSQL 16 a role's creator holds ADMIN on it) and
dropped with the guest.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

NAME = "architect_"
"""What the name of every database and role of ours begins with."""
GUEST_TIMEOUT = "60s"
SESSIONS_A_GUEST = 40
SAFE_CREATEROLE = 16
"""Before PostgreSQL 16 CREATEROLE could hand out pg_read_server_files and pg_execute_server_program."""

MADE = """
WITH RECURSIVE made(oid) AS (
  SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1
  UNION
  SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN made ON m.member = made.oid
  WHERE m.admin_option AND m.roleid >= 16384
)
SELECT pg_catalog.quote_ident(r.rolname) FROM made JOIN pg_catalog.pg_roles r USING (oid)
WHERE r.rolname = $1 OR NOT EXISTS (
  SELECT FROM pg_catalog.pg_auth_members other
  WHERE other.roleid = r.oid AND other.admin_option AND other.member NOT IN (SELECT oid FROM made))
"""
"""The guest and the roles that only it, or roles it made, can administer."""


@dataclass
class Lineage:
    """A guest and the databases whose objects belong to it: a scratch database and its copies."""

    guest: str
    password: str = field(repr=False)
    databases: set[str] = field(default_factory=set)


def new_lineage() -> Lineage:
    """A lineage with a fresh name and password; the role is not created by this."""
    return Lineage(f"{NAME}guest_{secrets.token_hex(6)}", secrets.token_urlsafe(18))


def creation(lineage: Lineage, *, version: int, own_server: bool) -> list[str]:
    """The statements that create a guest.

    On a server of our own since 16 it may create roles, as migrations do; never on an operator's server,
    where a role would outlive us if we were killed.
    """
    may_create_roles = own_server and version >= SAFE_CREATEROLE
    statements = [
        f"CREATE ROLE {lineage.guest} LOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS"
        f" {'CREATEROLE' if may_create_roles else 'NOCREATEROLE'}"
        f" PASSWORD '{lineage.password}' CONNECTION LIMIT {SESSIONS_A_GUEST}",
        *defaults(lineage, creates_roles=may_create_roles),
    ]
    if not own_server:
        statements.append(f"GRANT {lineage.guest} TO CURRENT_USER")
    return statements


def defaults(lineage: Lineage, *, creates_roles: bool) -> list[str]:
    """The statements that give a guest its settings, whatever SQL made of them before."""
    statements = [
        f"ALTER ROLE {lineage.guest} RESET ALL",
        f"ALTER ROLE {lineage.guest} SET statement_timeout = '{GUEST_TIMEOUT}'",
    ]
    if creates_roles:
        # A migration's author, usually a superuser, can SET ROLE to the roles it creates.
        statements.append(f"ALTER ROLE {lineage.guest} SET createrole_self_grant = 'set, inherit'")
    return statements


async def drop_roles(admin: asyncpg.Connection, guest: str) -> bool:
    """Drop a guest without databases, and the roles it made.

    Returns:
        Whether all are gone; a role that another database still names stays, and so does the guest.
    """
    import asyncpg

    names = [row[0] for row in await admin.fetch(MADE, guest)]
    for name in [*(name for name in names if name != guest), *(name for name in names if name == guest)]:
        try:
            await admin.execute(f"DROP OWNED BY {name}")
            await admin.execute(f"DROP ROLE {name}")
        except asyncpg.DependentObjectsStillExistError:
            return False
    return True
