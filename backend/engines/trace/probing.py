"""Whether a second session has to wait: asked by a second session.

The lock mode alone does not tell: REINDEX leaves the table readable by the book, yet its lock on the
index makes every SELECT wait in the planner. Nothing else uses the database, so a lock that is not
granted at once never will be; the shortest ``lock_timeout`` there is gives the same answer as a long one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import asyncpg

from knowledge.trace import Probe

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

LOCK_TIMEOUT = "1ms"
MOST = 8
"""Relations probed after one statement; each that is blocked costs two lock timeouts."""

_ATTEMPT = """
  BEGIN
    {sql};
    r := r || ',free';
  EXCEPTION WHEN lock_not_available THEN r := r || ',wait';
    WHEN undefined_table OR invalid_schema_name THEN r := r || ',gone';
    WHEN insufficient_privilege THEN
      r := r || CASE WHEN sqlerrm LIKE '%schema%' THEN ',gone' ELSE ',free' END;
    WHEN OTHERS THEN r := r || ',free';
  END;"""
"""An error raised after the lock was granted (a matview takes no DELETE) proves that it was granted."""

READ = "PERFORM FROM {name} LIMIT 1"
WRITE = "EXECUTE 'EXPLAIN (COSTS FALSE) DELETE FROM {name}'"
"""EXPLAIN locks the table and its indexes as the DELETE would, but fires no trigger of the user's."""


class Prober:
    """The second session. It opens at the first question and again if the script killed it."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._session: asyncpg.Connection | None = None
        self._answers: list[str] = []

    async def ask(self, names: Sequence[str]) -> tuple[Probe, ...]:
        """Try to read and to write each relation; those this session cannot see are left out."""
        if not names:
            return ()
        self._answers.clear()
        session = await self._open()
        try:
            await session.execute(_question(names))
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, OSError):
            self._session = None
            self._answers.clear()
            session = await self._open()
            await session.execute(_question(names))
        answers = [answer.lstrip(",").split(",") for answer in self._answers]
        return tuple(
            Probe(name, read == "wait", write == "wait")
            for name, (read, write) in zip(names, answers, strict=True)
            if "gone" not in (read, write)
        )

    async def _open(self) -> asyncpg.Connection:
        if self._session is None or self._session.is_closed():
            session = await self._scratch.connect()
            session.add_log_listener(self._hear)
            await session.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'; SET client_min_messages = notice")
            self._session = session
        return self._session

    def _hear(self, _connection: Any, message: Any) -> None:
        self._answers.append(message.message)

    async def aclose(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None and not session.is_closed():
            await session.close(timeout=5)


def _question(names: Sequence[str]) -> str:
    """One DO block for all relations: one round trip."""
    parts = ["DO $probe$ DECLARE r text; BEGIN"]
    for name in names:
        quoted = name.replace("'", "''")
        parts += [
            "r := '';",
            _ATTEMPT.format(sql=READ.format(name=name)),
            _ATTEMPT.format(sql=WRITE.format(name=quoted)),
            "RAISE NOTICE '%', r;",
        ]
    return "\n".join([*parts, "END $probe$"])
