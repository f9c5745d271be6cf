"""The operating-system account a server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import Any

from backend.engines.postgres.binaries import EngineError


@dataclass(frozen=True)
class Account:
    """A user and group id; ``switch`` is true where we must change to it because we are root."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments that make ``subprocess`` run a child as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account:
    """Our own account, or an unprivileged one where we are root.

    Raises:
        EngineError: we are root and the system has no unprivileged account.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise EngineError("PostgreSQL refuses to run as root, and no account 'nobody' or 'postgres' exists; add one")
