"""Headers that keep browsers from doing more with an answer than an API needs (OWASP Secure Headers Project)."""

from __future__ import annotations

ALWAYS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

HTTPS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}
"""Two years (RFC 6797); only where HTTPS is certain, as browsers remember it."""


def security_headers(*, https: bool) -> list[tuple[bytes, bytes]]:
    """The headers as ASGI takes them."""
    headers = {**ALWAYS, **(HTTPS if https else {})}
    return [(name.encode(), value.encode()) for name, value in headers.items()]
