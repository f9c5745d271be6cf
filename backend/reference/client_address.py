"""Whose request it is, when proxies stand in between: only what a trusted proxy says counts (RFC 7239)."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import islice
from socket import AF_INET6, inet_pton
from typing import Any, NamedTuple

Address = IPv4Address | IPv6Address

MAX_HOPS = 20
"""Hops that are looked at: a client may send a header of any length."""
LONGEST_HOP = 64
"""Characters: an IPv6 address with zone, brackets and port."""
KNOWN_HOPS = 4096
"""Hops whose reading is remembered."""
UNKNOWN = "unknown"
MAPPED = bytes(10) + b"\xff\xff"
"""The first 96 bits of an IPv4 address in IPv6 clothing, ``::ffff:192.0.2.1`` (RFC 4291 section 2.5.5.2)."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_PAIR = rf'({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*+")'
# Possessive throughout: a crafted field must not make the match try every way to share out its spaces.
_ELEMENT = re.compile(rf"[ \t]*+((?:{_PAIR})?+(?:[ \t]*+;[ \t]*+(?:{_PAIR})?+)*+)[ \t]*+(?:,|$)")
_PAIRS = re.compile(_PAIR)


class ForwardedHeader(StrEnum):
    """The one header that the trusted proxies write. The other one is whatever the client says."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


class Hop(NamedTuple):
    """An address that a request came through."""

    address: str
    trusted: bool


class TrustedProxies:
    """The networks whose proxies are believed; with none, the client is whoever opened the connection."""

    def __init__(
        self,
        networks: Sequence[IPv4Network | IPv6Network] = (),
        header: ForwardedHeader = ForwardedHeader.X_FORWARDED_FOR,
    ) -> None:
        self._networks = tuple(networks)
        self._name = header.value.encode()
        self._hops = hops_forwarded if header is ForwardedHeader.FORWARDED else hops_x_forwarded_for
        self._read = lru_cache(maxsize=KNOWN_HOPS)(self._read_hop)

    def trusts(self, peer: str) -> bool:
        """Whether what this peer says of others is believed.

        An empty peer is a Unix socket, which only a proxy on this machine can reach.
        """
        if not self._networks or not peer:
            return bool(self._networks)
        hop = self._read(peer)
        return hop is not None and hop.trusted

    def client_address(self, scope: MutableMapping[str, Any]) -> str:
        """The address of an ASGI request's client, or ``unknown``.

        From the peer leftwards through the header, as long as a trusted proxy vouches for the next hop. A hop that
        is no address ends the walk at the proxy that wrote it.
        """
        client = scope.get("client")
        peer: str = client[0] if client else ""
        if not self.trusts(peer):
            return peer or UNKNOWN
        nearest = self._read(peer) if peer else None
        address = nearest.address if nearest else UNKNOWN
        fields = [value.decode("latin-1") for name, value in scope["headers"] if name == self._name]
        for text in islice(self._hops(fields), MAX_HOPS):
            hop = self._read(text) if len(text) <= LONGEST_HOP else None
            if hop is None:
                break
            address = hop.address
            if not hop.trusted:
                break
        return address

    def _read_hop(self, text: str) -> Hop | None:
        address = read_address(text)
        if address is None:
            return None
        return Hop(str(address), any(address in network for network in self._networks))


def hops_x_forwarded_for(fields: Sequence[str]) -> Iterator[str]:
    """The hops of all fields of this name, the nearest first."""
    for field in reversed(fields):
        for hop in reversed(field.split(",")):
            yield hop.strip(" \t")


def hops_forwarded(fields: Sequence[str]) -> Iterator[str]:
    """The ``for`` of each element of the ``Forwarded`` fields, the nearest first; empty where it says nothing.

    A field that is not well formed ends it: a quote left open must not swallow what a proxy appended.
    """
    for field in reversed(fields):
        elements = list(_elements(field))
        if None in elements:
            yield ""
            return
        yield from (element for element in reversed(elements) if element is not None)


def _elements(field: str) -> Iterator[str | None]:
    position = 0
    while position < len(field):
        element = _ELEMENT.match(field, position)
        if element is None:
            yield None
            return
        position = element.end()
        pairs = {name.lower(): value for name, value in _PAIRS.findall(element[1])}
        yield re.sub(r"\\(.)", r"\1", pairs.get("for", "").strip('"'))


def read_address(text: str) -> Address | None:
    """The address in a hop: bare, with a port, or in brackets (RFC 7239 section 6); ``None`` if it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def address_key(address: str) -> str:
    """What a rate limit counts an address under: IPv6 by its /64, which is one subscriber (RFC 6177)."""
    if ":" not in address:
        return address
    try:
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except OSError:
        return address
    if packed.startswith(MAPPED):
        return ".".join(map(str, packed[12:]))
    return packed[:8].hex()
