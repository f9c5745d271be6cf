"""What a session can see of its own open transaction, and what one statement added to it.

``pg_locks`` in the open transaction is complete for user relations; a changed file number is a
rewrite; ``pg_stat_get_xact_numscans`` counts reads from end to end, even of an empty table. One query
brings all three. It names every object by schema, so a script's ``search_path`` cannot bend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.trace import Lock, LockMode

FIRST_USER_OID = 16384

KNOWN = """
SELECT c.oid::int8 AS oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relkind AS kind,
       coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::int8 AS file,
       coalesce(i.indrelid, 0)::int8 AS owner
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I')
  AND n.nspname <> 'pg_toast'
"""
"""Every relation others could use: temporary and TOAST relations are nobody else's business."""

OBSERVE = """
SELECT s.lsn, s.words, r.*
FROM (SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::int8 AS lsn,
             pg_catalog.current_setting('client_min_messages') AS words) s
LEFT JOIN (
  SELECT l.relation::int8 AS oid, l.modes,
         CASE WHEN c.oid IS NOT NULL THEN pg_catalog.format('%I.%I', n.nspname, c.relname) END AS name,
         c.relkind AS kind, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::int8 AS file,
         coalesce(i.indrelid, 0)::int8 AS owner,
         CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_stat_get_xact_numscans(c.oid)
              ELSE 0 END AS scans
  FROM (SELECT relation, pg_catalog.array_agg(mode) AS modes FROM pg_catalog.pg_locks
        WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted AND mode <> 'SIReadLock'
          AND (relation::int8 BETWEEN 16384 AND $1 OR relation::int8 > $2 OR relation::int8 = ANY ($3))
        GROUP BY relation) l
  LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE c.oid IS NULL OR (c.relpersistence <> 't' AND n.nspname <> 'pg_toast'
                          AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I'))
) r ON true
"""
"""$1, $2: bounds between which relations were made by this same transaction; $3: those of them to report.

A transaction that creates a thousand tables keeps thousands of locks on them; telling of each after
every statement would cost far more than the statement.
"""

OPENING = """
SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::int8 AS lsn,
       pg_catalog.current_setting('client_min_messages') AS words{flush}
"""
FLUSH = ", pg_catalog.pg_stat_force_next_flush()"
"""From PostgreSQL 15: empties the counters as the session goes idle, so that they begin at 0."""

PENDING = """
SELECT relid::int8 AS oid, seq_scan FROM pg_catalog.pg_stat_xact_user_tables WHERE seq_scan > 0
"""

_WORD = re.compile(r"[\w$]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A relation as it stood before a statement. ``owner`` is an index's table, or 0."""

    oid: int
    name: str
    kind: str
    file: int
    owner: int = 0

    @property
    def is_index(self) -> bool:
        """Whether this is an index, partitioned or plain."""
        return self.kind in "iI"


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation this transaction holds locks on; ``known`` is ``None`` if it was dropped meanwhile."""

    modes: frozenset[LockMode]
    known: Known | None
    scans: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer of :data:`OBSERVE`: the write position, the message level, and the locked relations."""

    lsn: int
    words: str
    seen: dict[int, Seen]


@dataclass(frozen=True, slots=True)
class Difference:
    """What one statement did. ``held`` are locks of earlier statements that it did not ask for."""

    locks: tuple[Lock, ...] = ()
    held: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()


def known_from(rows: Iterable[Mapping[str, Any]]) -> dict[int, Known]:
    """The rows of :data:`KNOWN` by oid."""
    return {row["oid"]: _known(row) for row in rows}


def observation_from(rows: Sequence[Mapping[str, Any]]) -> Observation:
    """The rows of :data:`OBSERVE` as one value."""
    seen = {
        row["oid"]: Seen(
            frozenset(LockMode(mode) for mode in row["modes"]),
            _known(row) if row["name"] is not None and row["kind"] is not None else None,
            row["scans"] or 0,
        )
        for row in rows
        if row["oid"] is not None
    }
    return Observation(rows[0]["lsn"], rows[0]["words"], seen)


def _known(row: Mapping[str, Any]) -> Known:
    kind = row["kind"]
    kind = kind.decode() if isinstance(kind, bytes) else kind
    return Known(row["oid"], row["name"], kind, row["file"], row["owner"])


def words_of(sql: str) -> frozenset[str]:
    """The words of a statement, case folded: enough to tell which relations it speaks of."""
    return frozenset(word.casefold() for word in _WORD.findall(sql))


@dataclass
class Relations:
    """The relations known before the next statement, and what this transaction holds on them.

    ``committed`` is what other sessions see; ``known`` adds what the open transaction made.
    """

    committed: dict[int, Known] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)
    first: int = FIRST_USER_OID
    last: int = FIRST_USER_OID

    def load(self, known: dict[int, Known], *, committed: bool) -> None:
        """Take a complete list; ``committed`` when it was read outside a transaction."""
        self.known = dict(known)
        self.by_name = {entry.name: oid for oid, entry in known.items()}
        if committed:
            self.committed = dict(known)
            self.first = max(known, default=FIRST_USER_OID)
        self.last = max(self.first, max(known, default=FIRST_USER_OID))

    def opened(self) -> None:
        """A transaction begins: nothing is locked, nothing new exists."""
        self.seen = {}
        self.first = self.last = max(self.last, max(self.committed, default=FIRST_USER_OID))

    def closed(self, *, committed: bool) -> None:
        """A transaction ended; what it made is kept or forgotten."""
        self.seen = {}
        if committed:
            self.committed = dict(self.known)
        else:
            self.load(self.committed, committed=True)

    def made_here(self, words: frozenset[str]) -> list[int]:
        """Relations made by this transaction that the statement with these words speaks of."""
        if self.last <= self.first:
            return []
        named = {
            oid
            for oid, entry in self.known.items()
            if oid > self.first and not entry.is_index and speaks_of(words, entry.name)
        }
        return [oid for oid, entry in self.known.items() if oid in named or entry.owner in named]

    def take(self, after: Observation) -> None:
        """Make ``after`` the state before the next statement."""
        self.seen.update(after.seen)
        for oid, seen in after.seen.items():
            if seen.known is None:
                gone = self.known.pop(oid, None)
                if gone is not None and self.by_name.get(gone.name) == oid:
                    del self.by_name[gone.name]
            else:
                self.known[oid] = seen.known
                self.by_name[seen.known.name] = oid
        self.last = max([self.last, *after.seen])

    def difference(self, after: Observation, words: frozenset[str]) -> Difference:
        """What happened between this state and ``after``."""
        rewrites = set(self._rewrites(after))
        scans = {
            entry.name
            for oid, seen in after.seen.items()
            if (entry := self.known.get(oid)) is not None and seen.scans > self._scans(oid)
        }
        locks: list[Lock] = []
        held: list[Lock] = []
        for oid, seen in after.seen.items():
            entry = self.known.get(oid)
            if entry is None:
                continue
            before = self.seen[oid].modes if oid in self.seen else frozenset()
            table = self.known.get(entry.owner, entry)
            asked = entry.name in scans or entry.name in rewrites or speaks_of(words, table.name)
            for mode in seen.modes:
                taken = mode not in before or asked
                (locks if taken else held).append(Lock(entry.name, mode, entry.is_index))
        return Difference(_ordered(locks), _ordered(held), tuple(sorted(rewrites)), tuple(sorted(scans)))

    def _scans(self, oid: int) -> int:
        seen = self.seen.get(oid)
        return seen.scans if seen is not None else 0

    def _rewrites(self, after: Observation) -> Iterator[str]:
        """Relations with a new file. ALTER TYPE replaces an index by a new one of the same name."""
        for oid, seen in after.seen.items():
            if seen.known is None or not seen.known.file:
                continue
            before = self.known.get(oid) or self.known.get(self.by_name.get(seen.known.name, 0))
            if before is not None and before.file and before.file != seen.known.file:
                yield before.name


def speaks_of(words: frozenset[str], name: str) -> bool:
    """Whether a statement with ``words`` mentions the relation ``name`` (its last part)."""
    relation = name[name.rfind(".") + 1 :] if '"' not in name else name.partition(".")[2]
    parts = words_of(relation)
    return bool(parts) and parts <= words


def _ordered(locks: Iterable[Lock]) -> tuple[Lock, ...]:
    """Strongest first, tables before indexes."""
    return tuple(sorted(set(locks), key=lambda lock: (-lock.mode.strength, lock.is_index, lock.relation)))
