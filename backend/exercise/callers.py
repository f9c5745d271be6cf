"""Who asks: five callers, by tokens that are minted for scaffolded backends and given for others."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NAMES = ("anonymous", "owner", "other", "other_tenant", "admin")
LIFETIME = timedelta(hours=1)
NAMESPACE = uuid.UUID("5b6f3b0a-7d0e-5c64-9a5c-2f6a3d0c9e11")


@dataclass(frozen=True)
class Caller:
    """A caller, by what its requests carry."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    """Its user's id where it is known; empty for tokens that were given."""
    tenant_id: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signing:
    """How a scaffolded backend expects its tokens; the child process is started with the same values."""

    secret: str
    issuer: str
    audience: str


@dataclass(frozen=True)
class Callers:
    """The callers of a run, by name. Iterating gives the five (or those there are) and not their helpers."""

    known: Mapping[str, Caller]
    helpers: Mapping[str, Caller] = field(default_factory=dict)
    """By tenant: somebody with every role, who makes the rows that a caller may only refer to."""

    def __getitem__(self, name: str) -> Caller:
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self.known

    def __iter__(self) -> Iterator[Caller]:
        return iter(self.known.values())

    @property
    def maker(self) -> Caller:
        """Who makes rows that belong to nobody in particular: the owner's helper, else whoever has no token."""
        return self.helper(self["owner"]) if "owner" in self else self["anonymous"]

    def helper(self, caller: Caller) -> Caller:
        """Who makes what ``caller`` itself may not."""
        return self.helpers.get(caller.tenant_id) or self.known.get("admin") or caller


def mint(
    signing: Signing,
    *,
    subject: str,
    now: datetime,
    roles: Sequence[str] = (),
    tenant_id: str = "",
    lifetime: timedelta = LIFETIME,
    algorithm: str = "HS256",
) -> str:
    """An access token (RFC 9068 profile): header ``typ: at+jwt``, signed with the backend's secret.

    Args:
        signing: secret, issuer and audience.
        subject: the user's id.
        now: the time of issue, with a time zone.
        roles: of the user.
        tenant_id: empty where the backend has no tenants.
        lifetime: until it expires; negative ones make an expired token.
        algorithm: of the signature.
    """
    import jwt

    claims: dict[str, object] = {
        "iss": signing.issuer,
        "aud": signing.audience,
        "sub": subject,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "jti": str(uuid.uuid5(NAMESPACE, f"{subject} {now.isoformat()}")),
        "roles": list(roles),
    }
    if tenant_id:
        claims["tenant_id"] = tenant_id
    return jwt.encode(claims, signing.secret, algorithm=algorithm, headers={"typ": "at+jwt"})


def minted(
    signing: Signing, *, now: datetime, roles: Sequence[str] = ("admin",), tenants: bool = True, seed: int = 0
) -> Callers:
    """The five callers of a scaffolded backend.

    Args:
        signing: what tokens are signed with.
        now: the time of issue.
        roles: every role the backend knows; ``admin`` has them all.
        tenants: whether the backend has tenants.
        seed: other seeds give other users and tenants, so that runs on one database do not meet.
    """

    def identity(word: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{seed} {word}"))

    def caller(name: str, tenant: str, held: Sequence[str] = ()) -> Caller:
        subject, tenant_id = identity(name), identity(f"tenant {tenant}") if tenants else ""
        token = mint(signing, subject=subject, now=now, roles=held, tenant_id=tenant_id)
        return Caller(name, {"Authorization": f"Bearer {token}"}, subject, tenant_id, tuple(held))

    home, abroad = "first", "second"
    admin, foreign = caller("admin", home, roles), caller("foreign admin", abroad, roles)
    known = (Caller("anonymous"), caller("owner", home), caller("other", home), caller("other_tenant", abroad), admin)
    helpers = {admin.tenant_id: admin} if not tenants else {admin.tenant_id: admin, foreign.tenant_id: foreign}
    return Callers({each.name: each for each in known}, helpers)


def given(tokens: Mapping[str, str]) -> Callers:
    """Callers of a foreign backend by the bearer tokens the user gave for their names.

    A value with a space in it is the whole ``Authorization`` header, as in ``Basic dXNlcjpwYXNz``. Without any token
    everybody is anonymous.

    Raises:
        ValueError: a name is none of the five.
    """
    unknown = sorted(set(tokens) - set(NAMES))
    if unknown:
        raise ValueError(f"no caller is called {', '.join(unknown)}; use {', '.join(NAMES[1:])}")
    known = {"anonymous": Caller("anonymous")}
    for name in NAMES[1:]:
        if tokens.get(name):
            value = tokens[name]
            known[name] = Caller(name, {"Authorization": value if " " in value else f"Bearer {value}"})
    return Callers(known)
