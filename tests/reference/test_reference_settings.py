"""A start with settings that are missing, weak or misspelt does not happen."""

from __future__ import annotations

import pytest
from platform_app import SECRET
from pydantic import ValidationError

from backend.reference.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def read() -> Settings:
    return Settings(_env_file=None)


def test_a_developer_needs_no_settings() -> None:
    settings = read()
    assert settings.database_url.get_secret_value() == "sqlite+aiosqlite:///./app.db"
    assert not settings.production


def test_they_come_from_the_environment(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("ENVIRONMENT", "production")
    clean.setenv("JWT_SECRET", SECRET)
    clean.setenv("CORS_ORIGINS", "https://a.example.com, https://b.example.com")
    clean.setenv("TRUSTED_PROXIES", "10.0.0.0/8,2001:db8::/32")
    settings = read()
    assert settings.production
    assert settings.cors_origins == ("https://a.example.com", "https://b.example.com")
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "2001:db8::/32"]
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("environment", ["production", "test"])
@pytest.mark.parametrize("secret", ["", "short", "x" * 40, "abcabcabc" * 5])
def test_a_secret_that_is_missing_or_weak_stops_the_start(
    clean: pytest.MonkeyPatch, environment: str, secret: str
) -> None:
    clean.setenv("ENVIRONMENT", environment)
    clean.setenv("JWT_SECRET", secret)
    with pytest.raises(ValidationError, match="JWT_SECRET must hold at least 32"):
        read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://*.example.com"),
        ("CORS_ORIGINS", "www.example.com"),
        ("CORS_ORIGINS", "https://www.example.com/"),
        ("TRUSTED_PROXIES", "everyone"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("RATE_LIMIT_ENABLED", "offf"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_STATEMENT_TIMEOUT", "-1"),
    ],
)
def test_a_value_that_cannot_be_meant_stops_the_start(clean: pytest.MonkeyPatch, name: str, value: str) -> None:
    clean.setenv(name, value)
    with pytest.raises(ValidationError):
        read()
