"""Conditional requests: entity tags, ``If-None-Match`` and ``If-Match`` (RFC 9110 sections 8.8.3 and 13.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from .errors import PreconditionFailedError, PreconditionRequiredError, ValidationError

ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAG = re.compile(ENTITY_TAG)
_LIST = re.compile(rf"[ \t,]*{ENTITY_TAG}(?:[ \t]*,(?:[ \t]*{ENTITY_TAG})?)*[ \t]*")
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,18})"')


def etag_of(body: bytes) -> str:
    """A strong entity tag: two bodies share it only if they are the same, byte for byte."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def etag_of_version(version: int) -> str:
    """The entity tag of a row that counts its changes."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class EntityTags:
    """What a precondition names: some entity tags as they were sent, or any at all (``*``)."""

    tags: tuple[str, ...] = ()
    anything: bool = False

    def matches_strongly(self, etag: str) -> bool:
        """For ``If-Match``: equal, and neither is weak (RFC 9110 section 8.8.3.2)."""
        return self.anything or (not etag.startswith("W/") and etag in self.tags)

    def matches_weakly(self, etag: str) -> bool:
        """For ``If-None-Match``: equal once ``W/`` is set aside (RFC 9110 section 8.8.3.2)."""
        return self.anything or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in self.tags}


def parse_entity_tags(value: str) -> EntityTags:
    """Read a field value: ``*`` or a list of entity tags, which may hold commas themselves.

    Raises:
        ValueError: it is neither.
    """
    if value.strip(" \t") == "*":
        return EntityTags(anything=True)
    if not _LIST.fullmatch(value):
        raise ValueError("neither * nor a list of entity tags")
    return EntityTags(tuple(_TAG.findall(value)))


def if_none_match(value: str | None, etag: str) -> bool:
    """Whether the client has this representation already, so that 304 without a body will do.

    A field that cannot be read is ignored: the full answer is never wrong.
    """
    if value is None:
        return False
    if value == etag:
        return True
    try:
        return parse_entity_tags(value).matches_weakly(etag)
    except ValueError:
        return False


def require_match(if_match: str | None, etag: str) -> None:
    """Let a change pass only if the client names the current representation.

    Raises:
        PreconditionRequiredError: no ``If-Match``.
        PreconditionFailedError: it names other representations, or this one weakly.
        ValidationError: it cannot be read.
    """
    if not _required(if_match).matches_strongly(etag):
        raise PreconditionFailedError


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """The versions of the row that the client is ready to change, for the ``WHERE`` of the change itself.

    ``None`` means whatever version (``*``). Tags that are no version match no row.

    Raises:
        PreconditionRequiredError: no ``If-Match``.
        ValidationError: it cannot be read.
    """
    wanted = _required(if_match)
    if wanted.anything:
        return None
    return frozenset(int(found[1]) for tag in wanted.tags if (found := _VERSION.fullmatch(tag)))


def _required(if_match: str | None) -> EntityTags:
    if if_match is None:
        raise PreconditionRequiredError
    try:
        return parse_entity_tags(if_match)
    except ValueError as error:
        raise ValidationError(
            [{"field": "header.if-match", "code": "invalid", "message": f"This is {error}"}]
        ) from None
