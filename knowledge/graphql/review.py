"""A GraphQL schema reviewed: every rule asked once, what they found said once per rule and type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.formats.graphql.document import SdlDocument
from knowledge.formats.graphql.read import read_sdl
from knowledge.formats.graphql.tokens import comments
from knowledge.report import Basis, Evidence, Finding, Location
from knowledge.rules import graphql_rules
from knowledge.rules.api_rule import Profile
from knowledge.rules.graphql_rule import GraphqlHit, GraphqlPolicy, GraphqlRule
from knowledge.suppression import Suppression, complaint, in_force, suppressions

SHOWN = 3
PROFILES = ("default", "documentation", "style", "all")


@dataclass(frozen=True)
class SdlReview:
    """What a review found, and of how much."""

    findings: tuple[Finding, ...]
    counts: dict[str, int]
    """Places found, by rule: more than there are findings, which are collapsed."""
    types: int
    suppressed: int
    """Places that a comment in the schema allows."""


def review_document(
    document: SdlDocument,
    *,
    profile: str = "default",
    only: Collection[str] = (),
    policy: GraphqlPolicy | None = None,
    today: date | None = None,
) -> SdlReview:
    """Review a schema.

    Args:
        document: what was read.
        profile: one of ``PROFILES``; ``documentation`` and ``style`` contain ``default``.
        only: ids of rules; where given they are the only ones asked, opt-in rules among them.
        policy: the house's settings.
        today: the day by which suppressions expire; without it none does.
    """
    allowed = _suppressions(document)
    day = today or date.min
    active = in_force(allowed, day)
    found: list[tuple[GraphqlRule, GraphqlHit]] = []
    suppressed = 0
    for rule in selected(profile, only):
        for hit in rule.check(document, policy or GraphqlPolicy()):
            if _is_allowed(rule.id, hit, active):
                suppressed += 1
            else:
                found.append((rule, hit))
    complaints = [finding for item in allowed if (finding := complaint(item, day))]
    findings = [*complaints, *_collapsed(document.path, found)]
    findings.sort(key=lambda finding: (finding.severity.rank, finding.location.line, finding.rule))
    counts = dict(Counter(rule.id for rule, _ in found))
    return SdlReview(tuple(findings), counts, len(document.types), suppressed)


def review_sdl(
    text: str, path: str = "", *, profile: str = "default", only: Collection[str] = (), today: date | None = None
) -> SdlReview:
    """Read and review a schema; see :func:`review_document`.

    Raises:
        SdlTooLarge: see :func:`knowledge.formats.graphql.read.read_sdl`.
    """
    return review_document(read_sdl(text, path), profile=profile, only=only, today=today)


def selected(profile: str, only: Collection[str] = ()) -> tuple[GraphqlRule, ...]:
    """The rules of a profile, or those named.

    Raises:
        ValueError: no such profile or rule.
    """
    rules = graphql_rules()
    if only:
        unknown = sorted(set(only) - {rule.id for rule in rules})
        if unknown:
            raise ValueError(f"no such rule: {', '.join(unknown)}")
        return tuple(rule for rule in rules if rule.id in only)
    if profile not in PROFILES:
        raise ValueError(f"no such profile: {profile}; there are {', '.join(PROFILES)}")
    wanted = {Profile.DEFAULT, *Profile} if profile == "all" else {Profile.DEFAULT, Profile(profile)}
    return tuple(rule for rule in rules if rule.profile in wanted and not rule.opt_in)


def _suppressions(document: SdlDocument) -> tuple[Suppression, ...]:
    if "rchitect" not in document.text and "RCHITECT" not in document.text:
        return ()
    lines = document.text.split("\n")
    written = {comment.line for comment in comments(document.text)}
    found = suppressions(lines, document.path, marker="#")
    return tuple(item for item in found if item.location.line in written)


def _is_allowed(rule: str, hit: GraphqlHit, active: Iterable[Suppression]) -> bool:
    return any(rule in item.rules and item.first_line <= hit.line <= item.last_line for item in active)


def _collapsed(path: str, found: list[tuple[GraphqlRule, GraphqlHit]]) -> Iterator[Finding]:
    groups: dict[tuple[str, str], tuple[GraphqlRule, list[GraphqlHit]]] = {}
    for rule, hit in found:
        groups.setdefault((rule.id, hit.owner), (rule, []))[1].append(hit)
    for (_, owner), (rule, hits) in groups.items():
        yield _finding(path, rule, owner, sorted(hits, key=lambda hit: (hit.line, hit.column)))


def _finding(path: str, rule: GraphqlRule, owner: str, hits: list[GraphqlHit]) -> Finding:
    first, count = hits[0], len(hits)
    more = f" (and {count - 1} more {'place' if count == 2 else 'places'} in {owner or 'the schema'})"
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=first.message + (more if count > 1 else ""),
        location=Location(path=path, line=first.line, column=first.column),
        subject=first.subject if count == 1 else owner,
        evidence=[_evidence(path, hit) for hit in hits[:SHOWN]],
    )


def _evidence(path: str, hit: GraphqlHit) -> Evidence:
    where = Location(path=path, line=hit.line, column=hit.column)
    read = f"read {hit.subject or 'the schema'}"
    return Evidence(basis=Basis.DERIVED, action=f"{read} ({where})" if str(where) else read, result=hit.message)
