"""Access tokens as an authorization server would sign them, and every way in which one can be wrong."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import jwt
from platform_app import SECRET


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": "app",
        "aud": "app",
        "sub": str(uuid4()),
        "iat": now,
        "exp": now + 900,
        "jti": uuid4().hex,
        "roles": [],
    } | changes
    return {name: value for name, value in given.items() if value is not None}


def token(*, key: str = SECRET, algorithm: str = "HS256", typ: str = "at+jwt", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"typ": typ})


def bearer(**changes: Any) -> str:
    return f"Bearer {token(**changes)}"
