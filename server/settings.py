"""What the operator decides at start: options and environment, checked before anything runs.

A misspelt option, a misspelt ``BACKEND_ARCHITECT_*`` variable or a value that cannot be meant stops the
start: a safety option that is silently ignored is worse than no start.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.closest import did_you_mean

PREFIX = "BACKEND_ARCHITECT_"
TOOLSETS = ("schema", "plans", "api", "auth", "security", "backend", "project")
DATABASE_SCHEMES = ("postgresql", "postgres", "sqlite")
REDIS_SCHEMES = ("redis", "rediss", "unix")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MIN_TOKEN = 16
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and says what is accepted."""


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Settings:
    """Everything that holds for the life of a server. Secrets do not appear in its repr."""

    workspace: Path = Path()
    read_only: bool = False
    toolsets: frozenset[str] = frozenset(TOOLSETS)
    database_url: str = field(default="", repr=False)
    redis_url: str = field(default="", repr=False)
    allow_target: frozenset[str] = frozenset()
    http: Address | None = None
    allowed_host: tuple[str, ...] = ()
    allowed_origin: tuple[str, ...] = ()
    bearer_token: str = field(default="", repr=False)
    bearer_key: str = ""
    """File with the public key (PEM, or a JSON Web Key Set) that signed the accepted tokens."""
    bearer_audience: str = ""
    bearer_issuer: str = ""
    engine_binaries: str = ""
    """Folder of PostgreSQL's programs to use for scratch databases instead of the bundled ones."""
    engine_url: str = field(default="", repr=False)
    """A PostgreSQL server to make scratch databases on instead of starting one."""
    log_level: str = "warning"

    @property
    def wants_bearer(self) -> bool:
        """Whether HTTP requests must carry a token."""
        return bool(self.bearer_token or self.bearer_key)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options on ``parser``; values are checked by :func:`settings_from`."""

    def add(name: str, **options: Any) -> None:
        # Suppressed, so that an option given before the command is not undone by the command's own parser.
        parser.add_argument(name, default=argparse.SUPPRESS, **options)

    add("--workspace", metavar="DIR", help="folder that tools may read and write (default: the current one)")
    add("--read-only", action="store_const", const="true", help="nothing is written: no files, no databases")
    add("--toolsets", metavar="A,B", help=f"which tools to offer, of: {', '.join(TOOLSETS)} (default: all)")
    add("--database-url", metavar="URL", help="the database that migrate_backend may plan for and apply to")
    add("--redis-url", metavar="URL", help="a Redis or Valkey server to use")
    add(
        "--allow-target",
        metavar="HOST",
        action="append",
        help="a host besides loopback that probes may reach",
    )
    add("--http", metavar="HOST:PORT", help="serve streamable HTTP there instead of stdio")
    add("--allowed-host", metavar="HOST[:PORT]", action="append", help="a Host header to accept over HTTP")
    add("--allowed-origin", metavar="ORIGIN", action="append", help="an Origin header to accept over HTTP")
    add(
        "--bearer-key",
        metavar="FILE",
        help="public key (PEM or JWKS) of the bearer tokens to accept over HTTP",
    )
    add("--bearer-audience", metavar="TEXT", help="the audience those tokens must name")
    add("--bearer-issuer", metavar="TEXT", help="the issuer those tokens must name")
    add("--engine-binaries", metavar="DIR", help="the bin folder of a PostgreSQL to run scratch databases with")
    add("--engine-url", metavar="URL", help="a PostgreSQL server on which scratch databases are made and dropped")
    add("--log-level", metavar="LEVEL", help="debug, info, warning (default) or error; logs go to stderr")


def settings_from(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a start: options win over ``BACKEND_ARCHITECT_*`` variables.

    Raises:
        SettingsError: a variable of ours that does not exist, or a value that cannot be used.
    """
    given = _environment(environ)
    given.update({name: value for name in READERS if (value := getattr(options, name, None)) is not None})
    values = {name: READERS[name](_label(name), value) for name, value in given.items()}
    settings = Settings(**{"workspace": _folder("--workspace", "."), **values})
    _check_together(settings)
    return settings


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in READERS:
            known = [PREFIX + reader.upper() for reader in READERS]
            raise SettingsError(f"unknown environment variable {variable}.{did_you_mean(variable, known)}")
        if value:
            found[name] = value
    return found


def _label(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check_together(settings: Settings) -> None:
    if settings.bearer_token and settings.bearer_key:
        raise SettingsError(f"give either {PREFIX}BEARER_TOKEN or --bearer-key, not both")
    if settings.bearer_key and not settings.bearer_audience:
        raise SettingsError("--bearer-key needs --bearer-audience: tokens made for others must not be accepted")
    if (settings.bearer_audience or settings.bearer_issuer) and not settings.bearer_key:
        raise SettingsError("--bearer-audience and --bearer-issuer need --bearer-key")
    over_http = (settings.allowed_host, settings.allowed_origin, settings.bearer_token, settings.bearer_key)
    if settings.http is None and any(over_http):
        raise SettingsError("options for hosts, origins and bearer tokens need --http HOST:PORT")
    if settings.http is not None and not settings.http.is_loopback and not settings.wants_bearer:
        raise SettingsError(
            f"--http {settings.http} can be reached from other machines, so callers must authenticate: "
            f"set {PREFIX}BEARER_TOKEN or --bearer-key, or listen on 127.0.0.1"
        )


def _folder(label: str, value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_dir():
        raise SettingsError(f"{label}: {value} is not a folder")
    return path.resolve()


def _file(label: str, value: str) -> str:
    if not Path(value).is_file():
        raise SettingsError(f"{label}: {value} is not a file")
    return value


def _flag(label: str, value: str) -> bool:
    match value.lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
    raise SettingsError(f"{label}: {value!r} is neither true nor false")


def _toolsets(label: str, value: str) -> frozenset[str]:
    names = _names([value])
    for name in names:
        if name not in TOOLSETS:
            hint = did_you_mean(name, TOOLSETS)
            raise SettingsError(f"{label}: there is no toolset {name!r}.{hint} Known: {', '.join(TOOLSETS)}")
    if not names:
        raise SettingsError(f"{label}: name at least one of {', '.join(TOOLSETS)}")
    return frozenset(names)


def _url(schemes: Sequence[str]) -> Callable[[str, str], str]:
    def read(label: str, value: str) -> str:
        scheme = value.partition("://")[0].partition("+")[0] if "://" in value else ""
        if scheme not in schemes:
            # The value is not repeated: it may hold a password.
            raise SettingsError(f"{label}: must start with {' or '.join(f'{item}://' for item in schemes)}")
        return value

    return read


def _hosts(label: str, value: str | list[str]) -> frozenset[str]:
    names = _names(value)
    for name in names:
        if not _HOST.fullmatch(name):
            raise SettingsError(f"{label}: {name!r} is not a host name; leave out scheme, port and path")
    return frozenset(name.lower() for name in names)


def _address(label: str, value: str) -> Address:
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not colon or not port.isdecimal() or int(port) > 65_535 or not _HOST.fullmatch(host):
        raise SettingsError(f"{label}: {value!r} is not HOST:PORT, as in 127.0.0.1:8000")
    return Address(host, int(port))


def _host_headers(label: str, value: str | list[str]) -> tuple[str, ...]:
    names = _names(value)
    for name in names:
        if "/" in name or "*" in name.removesuffix(":*"):
            raise SettingsError(f"{label}: {name!r} is not HOST, HOST:PORT or HOST:*")
    return tuple(names)


def _origins(label: str, value: str | list[str]) -> tuple[str, ...]:
    names = _names(value)
    for name in names:
        parts = urlsplit(name.removesuffix(":*"))
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "*" in parts.netloc:
            raise SettingsError(f"{label}: {name!r} is not an origin, as in https://app.example.com")
    return tuple(names)


def _token(label: str, value: str) -> str:
    if len(value) < MIN_TOKEN or not value.isascii() or any(char.isspace() for char in value):
        raise SettingsError(f"{label}: the token needs at least {MIN_TOKEN} characters, ASCII, without spaces")
    return value


def _text(label: str, value: str) -> str:
    return value


def _level(label: str, value: str) -> str:
    levels = ("debug", "info", "warning", "error")
    if value.lower() not in levels:
        raise SettingsError(f"{label}: {value!r} is not one of {', '.join(levels)}")
    return value.lower()


def _names(value: str | Sequence[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "workspace": _folder,
    "read_only": _flag,
    "toolsets": _toolsets,
    "database_url": _url(DATABASE_SCHEMES),
    "redis_url": _url(REDIS_SCHEMES),
    "allow_target": _hosts,
    "http": _address,
    "allowed_host": _host_headers,
    "allowed_origin": _origins,
    "bearer_token": _token,
    "bearer_key": _file,
    "bearer_audience": _text,
    "bearer_issuer": _text,
    "engine_binaries": lambda label, value: str(_folder(label, value)),
    "engine_url": _url(DATABASE_SCHEMES[:2]),
    "log_level": _level,
}
