"""Settings, read from the environment once at start. What is missing, weak or misspelt stops the start."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MINIMUM_SECRET_BYTES = 32
"""As long as the hash: RFC 7518 section 3.2."""


class Environment(StrEnum):
    """Where the application runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every knob of the application, with defaults fit for a developer's machine."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore")

    environment: Environment = Environment.DEVELOPMENT
    log_level: str = "INFO"
    telemetry: bool = False
    """Traces and metrics through OpenTelemetry, to the exporter that its own ``OTEL_`` variables name."""

    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///./app.db")
    database_pool_size: int = Field(default=10, ge=1, le=500)
    database_pool_overflow: int = Field(default=5, ge=0, le=500)
    database_pool_timeout: float = Field(default=2.0, gt=0)
    """Seconds a request waits for a connection before it is answered 503."""
    database_statement_timeout: float = Field(default=2.0, gt=0)
    """Seconds after which the server cancels a statement."""
    database_behind_pgbouncer: bool = False
    """Transaction pooling: no prepared statements kept, every read in a transaction of its own."""

    redis_url: SecretStr = SecretStr("")
    """Empty: cache and rate limits live in the memory of each process."""

    jwt_secret: SecretStr = SecretStr("")
    jwt_issuer: str = "app"
    jwt_audience: str = "app"

    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Comma-separated; exact origins, never ``*``."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Comma-separated networks whose ``X-Forwarded-For`` is believed."""
    rate_limit_enabled: bool = True
    max_body_bytes: int = Field(default=1_048_576, ge=1024)

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if "*" in origin or not origin.startswith(("https://", "http://")) or origin.endswith("/"):
                raise ValueError(f"{origin!r} is not an origin such as https://www.example.com")
        return value

    @model_validator(mode="after")
    def _secrets_are_strong(self) -> Self:
        secret = self.jwt_secret.get_secret_value().encode()
        if not secret and self.environment is Environment.DEVELOPMENT:
            return self
        if len(secret) < MINIMUM_SECRET_BYTES or len(set(secret)) < 8:
            raise ValueError(
                f"JWT_SECRET must hold at least {MINIMUM_SECRET_BYTES} unguessable bytes; make one with: "
                "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return self

    @property
    def production(self) -> bool:
        """Whether HTTPS is demanded and the documentation pages are off."""
        return self.environment is Environment.PRODUCTION
