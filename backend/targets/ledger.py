"""The tables in which migration tools write down what they have run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.migration import Migration, MigrationFolder

OWN_TABLE = "architect_migrations"


def _version(migration: Migration) -> str:
    return migration.version


def _number(migration: Migration) -> str:
    return migration.version.lstrip("0") or "0"


def _folder_name(migration: Migration) -> str:
    return migration.path.rsplit("/", 2)[-2]


def _text_hash(migration: Migration) -> str:
    return hashlib.sha256(migration.up.encode()).hexdigest()


def _content_hash(migration: Migration) -> str:
    return migration.content_hash


def _name(migration: Migration) -> str:
    return migration.name


@dataclass(frozen=True)
class Ledger:
    """One tool's table.

    ``query`` yields two text columns, the key of an applied migration and a hash of it or ``''``; ``key`` and
    ``digest`` compute the same from a migration. ``up_to`` marks tools that keep only the newest version.
    """

    tool: str
    table: str
    query: str
    key: Callable[[Migration], str] = _version
    digest: Callable[[Migration], str] | None = None
    up_to: bool = False


LEDGERS = (
    Ledger("architect", OWN_TABLE, f"SELECT version, content_hash FROM {OWN_TABLE}", digest=_content_hash),
    Ledger("flyway", "flyway_schema_history", "SELECT version, '' FROM flyway_schema_history WHERE success"),
    Ledger(
        "prisma",
        "_prisma_migrations",
        "SELECT migration_name, checksum FROM _prisma_migrations"
        " WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
        key=_folder_name,
        digest=_text_hash,
    ),
    Ledger(
        "drizzle",
        "drizzle.__drizzle_migrations",
        "SELECT hash, '' FROM drizzle.__drizzle_migrations",
        key=_text_hash,
    ),
    Ledger("drizzle", "__drizzle_migrations", "SELECT hash, '' FROM __drizzle_migrations", key=_text_hash),
    Ledger(
        "goose",
        "goose_db_version",
        "SELECT version_id, '' FROM goose_db_version WHERE is_applied AND version_id > 0",
        key=_number,
    ),
    Ledger("sqitch", "sqitch.changes", "SELECT change, '' FROM sqitch.changes", key=_name),
    Ledger("alembic", "alembic_version", "SELECT version_num, '' FROM alembic_version", up_to=True),
    Ledger("django", "django_migrations", "SELECT app || '.' || name, '' FROM django_migrations"),
    Ledger("dbmate", "schema_migrations", "SELECT version, '' FROM schema_migrations"),
    Ledger("golang-migrate", "schema_migrations", "SELECT version, '' FROM schema_migrations", key=_number, up_to=True),
)
FORMATS = {"up-down": "golang-migrate", "plain": "architect"}
"""The tool whose table belongs to a layout, where the two are named differently."""


@dataclass(frozen=True)
class Records:
    """How applied migrations are written down: statements that take no parameters, the same on every engine."""

    table: str
    made: str
    """Creates the table where it is missing; ``{table}`` stands for its qualified name."""
    done: Callable[[str, Migration], list[str]]
    """What records a migration, given the qualified name."""
    undone: Callable[[str, Migration], list[str]]
    """What takes the record back."""


def text(value: str) -> str:
    """A SQL string."""
    return "'" + value.replace("'", "''") + "'"


def _own_done(table: str, migration: Migration) -> list[str]:
    values = ", ".join(map(text, (migration.version, migration.path, migration.content_hash)))
    return [f"INSERT INTO {table} (version, path, content_hash) VALUES ({values})"]


def _own_undone(table: str, migration: Migration) -> list[str]:
    return [f"DELETE FROM {table} WHERE version = {text(migration.version)}"]


def _alembic_done(table: str, migration: Migration) -> list[str]:
    """The newest revision of each branch is kept, as Alembic itself does it."""
    before = [f"DELETE FROM {table} WHERE version_num = {text(version)}" for version in migration.after]
    return [*before, f"INSERT INTO {table} (version_num) VALUES ({text(migration.version)})"]


def _alembic_undone(table: str, migration: Migration) -> list[str]:
    gone = f"DELETE FROM {table} WHERE version_num = {text(migration.version)}"
    return [gone, *(f"INSERT INTO {table} (version_num) VALUES ({text(version)})" for version in migration.after)]


OWN_RECORDS = Records(
    OWN_TABLE,
    "CREATE TABLE IF NOT EXISTS {table} (version text PRIMARY KEY, path text NOT NULL, content_hash text NOT NULL,"
    " applied_at {moment} NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    _own_done,
    _own_undone,
)
ALEMBIC_RECORDS = Records(
    "alembic_version",
    "CREATE TABLE IF NOT EXISTS {table} (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    _alembic_done,
    _alembic_undone,
)
"""Alembic's own table, so that ``alembic upgrade`` and apply go on from where the other stopped."""


def records_of(folder: MigrationFolder, ledger: Ledger | None) -> Records | None:
    """How to record the folder's migrations in a database; ``None`` where its tool has to do that itself."""
    if ledger is None:
        return ALEMBIC_RECORDS if folder.format == "alembic" else OWN_RECORDS
    if ledger.tool == "architect":
        return OWN_RECORDS
    return ALEMBIC_RECORDS if ledger.tool == folder.format == "alembic" else None


@dataclass(frozen=True)
class Standing:
    """Where a folder stands against a database."""

    ledger: Ledger | None
    applied: tuple[Migration, ...]
    pending: tuple[Migration, ...]
    changed: tuple[Migration, ...]
    """Applied, but their text is another one now."""
    unknown: tuple[str, ...]
    """Applied, but not in the folder."""


def candidates(folder: MigrationFolder) -> list[Ledger]:
    """The tables to look for: ours, the layout's own tool's, then the others whose table says whose it is."""
    tool = FORMATS.get(folder.format, folder.format)
    own = [ledger for ledger in LEDGERS if ledger.tool in (tool, "architect")]
    shared = {"dbmate", "golang-migrate"} if tool not in ("dbmate", "golang-migrate") else set()
    other = [ledger for ledger in LEDGERS if ledger not in own and ledger.tool not in shared]
    return own + [ledger for ledger in other if ledger.table != "schema_migrations"]


def standing(folder: MigrationFolder, ledger: Ledger | None, rows: Sequence[tuple[str, str]]) -> Standing:
    """Compare a folder with the rows of a ledger; without a ledger everything is pending."""
    if ledger is None:
        return Standing(None, (), folder.migrations, (), ())
    recorded = dict(rows)
    keys = {ledger.key(migration): migration for migration in folder.migrations}
    if ledger.up_to:
        return _up_to(folder, ledger, recorded)
    applied = tuple(migration for key, migration in keys.items() if key in recorded)
    digest = ledger.digest
    changed = tuple(
        migration
        for migration in applied
        if digest and recorded[ledger.key(migration)] and recorded[ledger.key(migration)] != digest(migration)
    )
    pending = tuple(migration for key, migration in keys.items() if key not in recorded)
    return Standing(ledger, applied, pending, changed, tuple(sorted(set(recorded) - set(keys))))


def _up_to(folder: MigrationFolder, ledger: Ledger, recorded: dict[str, str]) -> Standing:
    places = [place for place, item in enumerate(folder.migrations) if ledger.key(item) in recorded]
    last = max(places, default=-1) + 1
    known = {ledger.key(migration) for migration in folder.migrations}
    return Standing(
        ledger, folder.migrations[:last], folder.migrations[last:], (), tuple(sorted(set(recorded) - known))
    )
