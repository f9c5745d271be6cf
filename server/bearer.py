"""Who may call over HTTP: one token of the operator's, or tokens signed by a key of the operator's.

The server checks tokens and never issues any. Signed tokens must carry an expiry and our audience, and only
asymmetric algorithms are accepted, so that a public key can never serve as a shared secret.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings

from server.settings import Settings, SettingsError

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLIENT = "operator"
NOWHERE = "http://localhost"
"""The SDK demands an issuer; without a resource address it is published nowhere."""


class StaticToken(TokenVerifier):
    """Accepts exactly one token, compared in constant time."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who holds ``token``, or ``None``."""
        if not hmac.compare_digest(token.encode(), self._token):
            return None
        return AccessToken(token=token, client_id=CLIENT, scopes=[])


class SignedTokens(TokenVerifier):
    """Accepts JSON Web Tokens signed by one of ``keys`` (key id to key; ``""`` for a key without one)."""

    def __init__(self, keys: Mapping[str, Any], audience: str, issuer: str = "") -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who ``token`` was issued to, or ``None`` if anything about it is wrong."""
        import jwt

        try:
            key = self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer or None,
                options={"require": ["exp", "aud", *(["iss"] if self._issuer else [])]},
            )
        except (jwt.PyJWTError, KeyError, ValueError):
            return None
        subject = str(claims.get("sub", ""))
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id", claims.get("azp", subject or CLIENT))),
            scopes=str(claims.get("scope", "")).split(),
            expires_at=int(claims["exp"]),
            resource=self._audience,
            subject=subject or None,
            claims=claims,
        )

    def _key(self, key_id: str) -> Any:
        return next(iter(self._keys.values())) if len(self._keys) == 1 else self._keys[key_id]


def verifier(settings: Settings) -> TokenVerifier | None:
    """The check that ``settings`` ask for, or ``None``.

    Raises:
        SettingsError: the key file holds no public key.
    """
    if settings.bearer_token:
        return StaticToken(settings.bearer_token)
    if settings.bearer_key:
        keys = read_keys(Path(settings.bearer_key).read_text(encoding="utf-8"))
        return SignedTokens(keys, settings.bearer_audience, settings.bearer_issuer)
    return None


def auth_settings(settings: Settings) -> AuthSettings | None:
    """What the SDK needs beside the verifier; where to get a token is published if both addresses are known."""
    if not settings.wants_bearer:
        return None
    urls = (settings.bearer_issuer, settings.bearer_audience)
    if all(url.startswith(("https://", "http://")) for url in urls):
        # From text, because issuers are compared as written and a parsed address gains a slash.
        parts = {"issuer_url": urls[0], "resource_server_url": urls[1], "validate_token_resource": False}
        return AuthSettings.model_validate(parts)
    return AuthSettings.model_validate({"issuer_url": NOWHERE, "resource_server_url": None})


def read_keys(text: str) -> dict[str, Any]:
    """Public keys by key id, from PEM or a JSON Web Key Set.

    Raises:
        SettingsError: neither, or a private or symmetric key.
    """
    try:
        return _key_set(text) if text.lstrip().startswith("{") else {"": _pem(text)}
    except SettingsError:
        raise
    except Exception as error:
        # The libraries raise many kinds; the text of the file is never repeated.
        raise SettingsError(f"--bearer-key: not a public key or key set ({type(error).__name__})") from None


def _pem(text: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if "PRIVATE KEY" in text:
        raise SettingsError("--bearer-key: that is a private key; give the public one")
    return load_pem_public_key(text.encode())


def _key_set(text: str) -> dict[str, Any]:
    from jwt import PyJWKSet

    keys: dict[str, PyJWK] = {key.key_id or "": key for key in PyJWKSet.from_dict(json.loads(text)).keys}
    if any(key.key_type == "oct" for key in keys.values()):
        raise SettingsError("--bearer-key: the key set holds a shared secret; give public keys only")
    if any("d" in entry for entry in json.loads(text).get("keys", [])):
        raise SettingsError("--bearer-key: the key set holds a private key; give the public ones")
    return keys
