"""The caller of a request, as routes receive it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from ..errors import ForbiddenError, UnauthenticatedError

BEARER = HTTPBearer(scheme_name="bearer", bearerFormat="JWT", auto_error=False)
"""For the documentation alone: the token itself is read by the middleware, before limits are counted."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified token says."""

    id: UUID
    roles: frozenset[str] = frozenset()
    tenant_id: UUID | None = None

    def owns(self, owner_id: UUID) -> bool:
        """Whether a row of this owner is the caller's."""
        return self.id == owner_id

    def has_role(self, *roles: str) -> bool:
        """Whether the caller holds one of ``roles``."""
        return not self.roles.isdisjoint(roles)

    def require_role(self, *roles: str) -> None:
        """Let only holders of one of ``roles`` pass.

        Raises:
            ForbiddenError: the caller holds none.
        """
        if not self.has_role(*roles):
            raise ForbiddenError

    @property
    def tenant(self) -> UUID:
        """The tenant the caller acts in.

        Raises:
            ForbiddenError: the token names none.
        """
        if self.tenant_id is None:
            raise ForbiddenError("Your token names no tenant")
        return self.tenant_id


async def identified(request: Request) -> Caller | None:
    """The caller, or ``None`` for one without a token."""
    caller: Caller | None = request.state.caller
    return caller


async def signed_in(request: Request, _documented: Annotated[object, Depends(BEARER)]) -> Caller:
    """:func:`known_caller` as a dependency."""
    return known_caller(request)


def known_caller(request: Request) -> Caller:
    """The caller, who must have proved who they are.

    Raises:
        UnauthenticatedError: there is no token, or it is not valid.
    """
    caller: Caller | None = request.state.caller
    if caller is None:
        raise request.state.refusal or UnauthenticatedError()
    return caller


Identified = Annotated[Caller | None, Depends(identified)]
"""A caller who may be anonymous."""

SignedIn = Annotated[Caller, Depends(signed_in)]
"""A caller with a valid token."""
