"""Whose request it is: nobody gets another address by writing headers."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.reference.client_address import ForwardedHeader, TrustedProxies, address_key

PROXY = "10.0.0.1"
CLIENT = "198.51.100.7"
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
X_FORWARDED_FOR = TrustedProxies(PROXIES)
FORWARDED = TrustedProxies(PROXIES, ForwardedHeader.FORWARDED)


def request(peer: str | None, *fields: tuple[str, str]) -> dict[str, Any]:
    headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in fields]
    return {"type": "http", "client": (peer, 5000) if peer else None, "headers": headers}


def x_forwarded_for(peer: str | None, *values: str) -> dict[str, Any]:
    return request(peer, *(("X-Forwarded-For", value) for value in values))


def forwarded(peer: str | None, *values: str) -> dict[str, Any]:
    return request(peer, *(("Forwarded", value) for value in values))


@pytest.mark.parametrize(
    ("peer", "values", "client"),
    [
        (CLIENT, [], CLIENT),
        (CLIENT, ["203.0.113.9"], CLIENT),  # not through a proxy: what it says of itself is nothing
        (PROXY, [], PROXY),
        (PROXY, [CLIENT], CLIENT),
        (PROXY, [f"203.0.113.9, {CLIENT}"], CLIENT),  # the left part is the client's own invention
        (PROXY, ["203.0.113.9", CLIENT], CLIENT),
        (PROXY, [f"203.0.113.9, {CLIENT}, 10.1.1.1"], CLIENT),
        (PROXY, ["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
        (PROXY, [f"{CLIENT}:4711"], CLIENT),
        (PROXY, ["[2001:db8::1]:4711"], "2001:db8::1"),
        (PROXY, ["2001:DB8:0::1"], "2001:db8::1"),
        (PROXY, [f"::ffff:{CLIENT}"], CLIENT),
        (PROXY, [f"203.0.113.9, nonsense, {CLIENT}"], CLIENT),
        (PROXY, [f"{CLIENT}, nonsense"], PROXY),
        (PROXY, [f"{CLIENT},"], PROXY),
        (PROXY, ["unknown"], PROXY),
        (PROXY, ["2001:db8::1%" + "a" * 60], PROXY),
        ("::ffff:10.0.0.1", [CLIENT], CLIENT),
        ("fd00::1", [CLIENT], CLIENT),
        (None, [CLIENT], CLIENT),
        (None, [], "unknown"),
        ("testclient", [CLIENT], "testclient"),
    ],
)
def test_the_client_is_the_first_hop_from_the_right_that_no_trusted_proxy_is(
    peer: str | None, values: list[str], client: str
) -> None:
    assert X_FORWARDED_FOR.client_address(x_forwarded_for(peer, *values)) == client


@pytest.mark.parametrize(
    ("values", "client"),
    [
        ([f"for={CLIENT}"], CLIENT),
        ([f"For={CLIENT};proto=http;by=203.0.113.43"], CLIENT),
        (['for="[2001:db8:cafe::17]:4711"'], "2001:db8:cafe::17"),
        ([f"for=203.0.113.9, for={CLIENT}"], CLIENT),
        ([f"for=203.0.113.9, for={CLIENT};proto=https, for=10.1.1.1"], CLIENT),
        (["for=203.0.113.9", f"for={CLIENT}"], CLIENT),
        (["for=_hidden, for=10.1.1.1"], "10.1.1.1"),
        (["for=unknown"], PROXY),
        (["proto=https"], PROXY),
        ([f'for="{CLIENT}'], PROXY),
        ([f'for="203.0.113.9, for={CLIENT}'], PROXY),  # the open quote would swallow the proxy's part
        ([f'for="203.0.113.9, for="{CLIENT}"'], PROXY),
        ([f'for=203.0.113.9, for="x, for={CLIENT}'], PROXY),  # what precedes it is the client's own, too
        (['for="203.0.113.9', f"for={CLIENT}"], CLIENT),
        ([f'for="\\{CLIENT}"'], CLIENT),
    ],
)
def test_the_forwarded_header_of_rfc_7239_is_read_from_the_right(values: list[str], client: str) -> None:
    assert FORWARDED.client_address(forwarded(PROXY, *values)) == client


def test_without_trusted_proxies_the_headers_mean_nothing() -> None:
    assert TrustedProxies().client_address(x_forwarded_for(PROXY, CLIENT)) == PROXY
    assert TrustedProxies().client_address(x_forwarded_for(None, CLIENT)) == "unknown"
    assert not TrustedProxies().trusts(PROXY)
    assert not TrustedProxies().trusts("")


def test_the_header_that_the_proxies_do_not_write_is_not_read() -> None:
    spoofed = request(PROXY, ("Forwarded", "for=203.0.113.9"), ("X-Forwarded-For", CLIENT))
    assert X_FORWARDED_FOR.client_address(spoofed) == CLIENT
    assert FORWARDED.client_address(request(PROXY, ("X-Forwarded-For", "203.0.113.9"))) == PROXY


def leftmost(scope: dict[str, Any]) -> str:
    """What many applications do: the first address of the header is the client."""
    fields = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(fields).split(",")[0].strip() or str(scope["client"][0])


def resists_spoofing(client_address: Callable[[dict[str, Any]], str], said: str) -> bool:
    """A proxy appends the true address to whatever its client sent."""
    return client_address(x_forwarded_for(PROXY, f"{said}, {CLIENT}")) == CLIENT


@given(st.text(st.sampled_from('0123456789abcdef:.,[]" ;=%_\\for'), max_size=40) | st.ip_addresses().map(str))
def test_whatever_a_client_sends_through_a_proxy_it_stays_itself(said: str) -> None:
    assert resists_spoofing(X_FORWARDED_FOR.client_address, said)
    own = forwarded(PROXY, said, f"for={CLIENT}")
    assert FORWARDED.client_address(own) == CLIENT
    appended = forwarded(PROXY, f"{said}, for={CLIENT}")
    assert FORWARDED.client_address(appended) in (CLIENT, PROXY)
    quoted = forwarded(PROXY, f'{said}, for="[2001:db8::1]:4711"')
    assert FORWARDED.client_address(quoted) in ("2001:db8::1", PROXY)


def test_an_application_that_takes_the_leftmost_address_is_fooled() -> None:
    assert not resists_spoofing(leftmost, "203.0.113.9")


@pytest.mark.parametrize("value", ["; " * 30_000 + "x", "for=" + "a;" * 30_000, ";  \t" * 10_000 + '"', ", " * 30_000])
def test_a_long_crafted_header_costs_little(value: str) -> None:
    assert FORWARDED.client_address(forwarded(PROXY, value)) == PROXY
    assert X_FORWARDED_FOR.client_address(x_forwarded_for(PROXY, value)) == PROXY


def test_only_the_nearest_hops_are_looked_at() -> None:
    assert X_FORWARDED_FOR.client_address(x_forwarded_for(PROXY, CLIENT + ", 10.9.9.9" * 1000)) == "10.9.9.9"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (CLIENT, CLIENT),
        ("2001:db8:1:2:aaaa::1", "20010db800010002"),
        ("2001:db8:1:2:bbbb:cccc::9", "20010db800010002"),
        ("2001:db8:1:3::1", "20010db800010003"),
        ("fe80::1%eth0", "fe80000000000000"),
        ("::ffff:198.51.100.7", CLIENT),
        ("unknown", "unknown"),
        ("a:b", "a:b"),
    ],
)
def test_an_ipv6_subscriber_is_counted_as_one(address: str, key: str) -> None:
    assert address_key(address) == key


def only_the_prefix(address: str) -> str:
    return str(ip_network((address, 64), strict=False))


def tells_ipv4_clients_apart(key: Callable[[str], str]) -> bool:
    return key("::ffff:198.51.100.7") != key("::ffff:198.51.100.8")


def test_ipv4_clients_on_an_ipv6_socket_are_not_thrown_together() -> None:
    assert tells_ipv4_clients_apart(address_key)
    assert not tells_ipv4_clients_apart(only_the_prefix)
