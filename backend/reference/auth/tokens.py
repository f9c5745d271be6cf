"""Access tokens: signed JWTs (RFC 7519) of the profile for access tokens (RFC 9068)."""

from __future__ import annotations

from uuid import UUID

import jwt

from ..errors import UnauthenticatedError
from .caller import Caller

ALGORITHM = "HS256"
TYPE = "at+jwt"
LIFETIME = 3600
"""Seconds a token may be valid at most, whatever it says itself."""
LEEWAY = 5
"""Seconds by which clocks may differ."""


class TokenVerifier:
    """Reads tokens with one key and one algorithm; nothing in the token chooses either (RFC 8725 section 3.1)."""

    def __init__(self, *, secret: str, issuer: str, audience: str) -> None:
        self._secret = secret
        self._issuer = issuer
        self._audience = audience

    def verify(self, token: str) -> Caller:
        """The caller that ``token`` names.

        Raises:
            UnauthenticatedError: it is not a valid access token of ours.
        """
        try:
            parsed = jwt.decode_complete(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"], "strict_aud": True},
            )
            if str(parsed["header"].get("typ", "")).lower() != TYPE:
                raise ValueError("not an access token")
            return _caller(parsed["payload"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise UnauthenticatedError("The token is not valid", reason="invalid_token") from error


def _caller(claims: dict[str, object]) -> Caller:
    expires, issued = claims["exp"], claims["iat"]
    if not isinstance(expires, int) or not isinstance(issued, int) or expires - issued > LIFETIME:
        raise ValueError("valid for too long")
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ValueError("roles is no list of names")
    tenant = claims.get("tenant_id")
    return Caller(UUID(str(claims["sub"])), frozenset(roles), None if tenant is None else UUID(str(tenant)))
