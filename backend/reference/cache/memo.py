"""The request's own memory: what one request needs twice is fetched once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from .flight import SingleFlight

SCOPE_KEY = "app.memo"


class RequestMemo:
    """Remembers values for as long as the request lives. It is never shared between callers, so it needs no expiry."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._flights: SingleFlight[Any] = SingleFlight()

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> RequestMemo:
        """The memo of the request with this ASGI scope."""
        memo = scope.get(SCOPE_KEY)
        if memo is None:
            memo = scope[SCOPE_KEY] = cls()
        return cast(RequestMemo, memo)

    async def get(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """The value under ``key``, loaded on first use; a loader that fails leaves nothing behind."""
        if key in self._values:
            return self._values[key]

        async def remember() -> Any:
            value = self._values[key] = await load()
            return value

        return await self._flights.run(key, remember)

    def forget(self, key: str) -> None:
        """Load the value anew when it is wanted again: the request has changed it."""
        self._values.pop(key, None)
