"""``Cache-Control`` (RFC 9111 section 5.2; stale-while-revalidate is RFC 5861 section 3)."""

from __future__ import annotations

NO_STORE = "no-store"
"""Errors, and answers that hold a secret."""
NO_CACHE = "no-cache"
"""Anybody's answer: keep it, but ask by its ETag each time."""
PRIVATE_NO_CACHE = "private, no-cache"
"""One caller's answer: no shared cache may keep it, the caller's own asks by its ETag each time."""


def public(max_age: int, s_maxage: int | None = None, stale_while_revalidate: int | None = None) -> str:
    """For an answer that is the same for everyone; all times in seconds.

    ``max_age`` is for browsers, ``s_maxage`` for the CDN. For ``stale_while_revalidate`` seconds more a cache may
    serve the old answer while it fetches the new one.
    """
    directives = ["public", f"max-age={max_age}"]
    if s_maxage is not None:
        directives.append(f"s-maxage={s_maxage}")
    if stale_while_revalidate is not None:
        directives.append(f"stale-while-revalidate={stale_while_revalidate}")
    return ", ".join(directives)


def private(max_age: int, stale_while_revalidate: int | None = None) -> str:
    """For one caller's answer, which the caller's own cache may keep for ``max_age`` seconds; else as ``public``."""
    return public(max_age, stale_while_revalidate=stale_while_revalidate).replace("public", "private", 1)
