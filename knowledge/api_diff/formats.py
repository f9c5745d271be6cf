"""Which formats of strings and numbers restrict what, and which contains which."""

from __future__ import annotations

from collections.abc import Iterator

ASSERTED = frozenset(
    "date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference "
    "uri-template uuid json-pointer relative-json-pointer regex int32".split()
)
"""Formats that a server may be expected to check: those of JSON Schema 2020-12, and int32."""
_WITHIN = {
    "int32": {"int64"},
    "float": {"double"},
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
    "uri": {"uri-reference", "iri", "iri-reference"},
    "uri-reference": {"iri-reference"},
    "iri": {"iri-reference"},
}


def format_changes(old: frozenset[str], new: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """What happened, the old format and the new one, for each difference of two sets of formats."""
    gone, come = sorted(old - new), sorted(new - old)
    for one, other in zip(gone, come, strict=False):
        yield _change(one, other), one, other
    for one in gone[len(come) :]:
        yield ("format-removed" if one in ASSERTED else "format-unnoted"), one, ""
    for other in come[len(gone) :]:
        yield ("format-added" if other in ASSERTED else "format-noted"), "", other


def _change(one: str, other: str) -> str:
    if other in _WITHIN.get(one, ()):
        return "format-widened"
    if one in _WITHIN.get(other, ()):
        return "format-narrowed"
    if one in ASSERTED and other not in ASSERTED:
        return "format-removed"
    if other in ASSERTED and one not in ASSERTED:
        return "format-added"
    return "format-changed" if one in ASSERTED else "format-renamed"
