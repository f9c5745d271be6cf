"""Secrets are taken out of everything that leaves the process: results, logs, stored runs.

Patterns catch what looks like a secret wherever it comes from; the operator's own secrets (the URLs
and tokens given at start) are replaced by value, however they are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

MASK = "***"
MIN_SECRET = 4
"""Shorter secrets are not replaced by value: they would hit ordinary words."""

M = TypeVar("M", bound=BaseModel)

PATTERNS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "private key": (
        re.compile(r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.*?(?:-----END (?P=kind)-----|\Z)", re.DOTALL),
        f"-----BEGIN PRIVATE KEY----- {MASK} -----END PRIVATE KEY-----",
    ),
    "password in a URL": (
        re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/?#'\"@]*):[^\s/?#'\"]+@"),
        rf"\1:{MASK}@",
    ),
    "password in SQL": (
        re.compile(r"(\b(?:PASSWORD|IDENTIFIED\s+BY)\s+E?)'(?:[^']|'')+'", re.IGNORECASE),
        rf"\1'{MASK}'",
    ),
    "assignment": (
        re.compile(
            r"(\b[\w.-]*(?:password|passwd|pwd|secret|api_?key|access_?key|auth_?token)[\w-]*=)"
            r"(?!\*\*\*)(?:'[^'\n]+'|\"[^\"\n]+\"|[^\s&;,'\")]+)",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    "member of a JSON object": (
        re.compile(
            r"(\"[\w-]*(?:password|passwd|secret|api_?key|access_?key|auth_?token)[\w-]*\"\s*:\s*\")"
            r"(?:[^\"\\\n]|\\.)+\"",
            re.IGNORECASE,
        ),
        rf'\1{MASK}"',
    ),
    "authorization header": (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/._~-]{12,}=*"), rf"\1 {MASK}"),
    "JSON web token": (re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"), MASK),
    "issued token": (
        re.compile(
            r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|npm_\w{30,}|xox[abeoprs]-[\w-]{10,}"
            r"|[sr]k_(?:live|test)_\w{16,}|sk-[\w-]{20,}|AIza[\w-]{35}|(?:AKIA|ASIA)[0-9A-Z]{16}|pypi-[\w-]{40,})"
        ),
        MASK,
    ),
}


@dataclass(frozen=True)
class Redactor:
    """Replaces secrets in text. ``known`` maps secrets given by value to what stands for them."""

    known: Mapping[str, str] = field(default_factory=dict, repr=False)
    patterns: Mapping[str, tuple[re.Pattern[str], str]] = field(default_factory=lambda: PATTERNS, repr=False)

    def __call__(self, text: str) -> str:
        """``text`` without secrets; doing it twice changes nothing more."""
        for secret in sorted(self.known, key=len, reverse=True):
            text = text.replace(secret, self.known[secret])
        for pattern, replacement in self.patterns.values():
            text = pattern.sub(replacement, text)
        return text

    def model(self, value: M) -> M:
        """A pydantic model with every string in it redacted."""
        return type(value).model_validate(self.data(value.model_dump(mode="json")))

    def data(self, value: object) -> object:
        """JSON data with every string in it redacted; keys are left alone."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.data(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.data(item) for item in value]
        return value


def redactor_for(urls: Iterable[str] = (), tokens: Iterable[str] = ()) -> Redactor:
    """A redactor that knows the operator's own secrets as well."""
    known = {token: MASK for token in tokens if len(token) >= MIN_SECRET}
    for url in filter(None, urls):
        scheme = urlsplit(url).scheme or "url"
        known[url] = f"{scheme}://{MASK}"
        password = _password(url)
        for form in {password, unquote(password)}:
            if len(form) >= MIN_SECRET:
                known[form] = MASK
    return Redactor(known)


def _password(url: str) -> str:
    """The password part as it is written, also where it holds characters that should be escaped."""
    _, _, rest = url.partition("://")
    userinfo, at, _ = rest.rpartition("@")
    return userinfo.partition(":")[2] if at else ""
