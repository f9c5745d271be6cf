"""Where load may go: the loopback interface, and hosts that the operator listed."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass


class Forbidden(ValueError):
    """Load was asked for a host it may not go to."""


@dataclass(frozen=True)
class Address:
    """A host and port that may be put under load; made by :func:`address`."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """``host:port`` as in the ``Host`` header."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(host: str, port: int, listed: Collection[str] = ()) -> Address:
    """``host`` if it is on the loopback interface or among the operator's ``listed`` hosts.

    Raises:
        Forbidden: it is neither.
    """
    if not (_is_loopback(host) or host in listed):
        raise Forbidden(
            f'load goes to the loopback interface only; "{host}" is not among the hosts the operator listed'
        )
    return Address(host, port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
