"""A whole review: what is allowed or known is left out, what can be fixed is proven, the rest is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.api.allowances import Allowance, allowances, obeyed
from knowledge.api.collapse import Found, Group, Place, collapse, fold, owner
from knowledge.api.collection import no_collection
from knowledge.api.document import ApiDocument
from knowledge.api.fingerprints import fingerprint
from knowledge.api.node import Policy
from knowledge.api.patch import Patch, prove
from knowledge.api.review import Failure, hits
from knowledge.api.wording import findings, problems
from knowledge.baseline import is_new
from knowledge.report import Finding, Severity
from knowledge.rules.api_rule import ApiRule
from knowledge.suppression import complaint

FAILURES_SHOWN = 5


@dataclass(frozen=True)
class RuleCount:
    """What one rule found altogether."""

    rule: ApiRule
    places: int
    owners: int


@dataclass(frozen=True)
class Examination:
    """What a review answers."""

    findings: list[Finding]
    """Collapsed and folded: at most four a rule."""
    groups: list[Group]
    """One a rule and component or path, unfolded."""
    told: list[Found]
    """Every place that is told, known ones included."""
    patch: Patch
    allowed: list[tuple[Allowance, int]] = field(default_factory=list)
    """Allowances that were used, and for how many places."""
    unused: list[Allowance] = field(default_factory=list)
    known: int = 0
    """Places that the baseline holds."""
    not_tested: list[str] = field(default_factory=list)

    @property
    def fingerprints(self) -> list[str]:
        """Of every place that is told, known ones included: what a baseline holds."""
        return _fingerprints(self.told)

    @property
    def by_rule(self) -> list[RuleCount]:
        """Rules with findings, the most severe first, then those with most places."""
        counts: dict[str, RuleCount] = {}
        for group in self.groups:
            had = counts.get(group.rule.id, RuleCount(group.rule, 0, 0))
            counts[group.rule.id] = RuleCount(group.rule, had.places + len(group.places), had.owners + 1)
        return sorted(counts.values(), key=lambda item: (item.rule.severity.rank, -item.places, item.rule.id))


@no_collection()
def examine(
    document: ApiDocument,
    rules: Sequence[ApiRule],
    policy: Policy,
    today: date,
    *,
    allow_file: str = "",
    allow_path: str = "",
    known: Counter[str] | None = None,
    with_patch: bool = True,
) -> Examination:
    """Review ``document``.

    Args:
        document: what is reviewed.
        rules: those to use (see :mod:`knowledge.api.profiles`).
        policy: the house's settings.
        today: decides which allowances are over.
        allow_file: text of a file of allowances.
        allow_path: what that file is called.
        known: fingerprints of an accepted baseline.
        with_patch: also prove the mechanical fixes, which takes a second review.
    """
    failures: list[Failure] = []
    everything = hits(document, rules, policy, failures)
    every_allowance = allowances(document, allow_file, allow_path)
    told, used = _not_allowed(everything, obeyed(every_allowance, today))
    new = is_new(_fingerprints(told), known) if known else [True] * len(told)
    fresh = [item for item, is_fresh in zip(told, new, strict=True) if is_fresh]
    patch = Patch()
    if with_patch and any(hit.edits for _, _, hit in fresh):
        patch = prove(document, fresh, lambda changed: hits(changed, rules, policy, []), everything)
    groups = collapse(fresh)
    complaints = [item for item in (complaint(found.suppression, today) for found in every_allowance) if item]
    return Examination(
        findings=_ordered([*problems(document), *complaints, *findings(document, fold(groups), patch.fixed)]),
        groups=groups,
        told=told,
        patch=patch,
        allowed=list(used.items()),
        unused=[item for item in obeyed(every_allowance, today) if item not in used],
        known=len(told) - len(fresh),
        not_tested=[*_unread(document), *_not_judged(failures)],
    )


def _fingerprints(found: list[Found]) -> list[str]:
    return [fingerprint(rule, owner(node, hit), Place(node, hit)) for rule, node, hit in found]


def _not_allowed(found: list[Found], in_force: list[Allowance]) -> tuple[list[Found], dict[Allowance, int]]:
    """The hits that nothing allows, and how often each allowance was used."""
    if not in_force:
        return found, {}
    by_rule: dict[str, list[Allowance]] = {}
    for item in in_force:
        for rule_id in item.suppression.rules:
            by_rule.setdefault(rule_id, []).append(item)
    used: Counter[Allowance] = Counter()
    told = []
    for rule, node, hit in found:
        own = by_rule.get(rule.id)
        if own:
            pointer, of = Place(node, hit).pointer, owner(node, hit)
            covering = next((item for item in own if item.covers(rule.id, pointer, of)), None)
            if covering is not None:
                used[covering] += 1
                continue
        told.append((rule, node, hit))
    return told, dict(used)


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    ranks = {severity: severity.rank for severity in Severity}
    return sorted(found, key=lambda item: ranks[item.severity])


def _unread(document: ApiDocument) -> list[str]:
    return [f"what {name} holds: {reason}" for name, reason in document.files.unread.items()]


def _not_judged(failures: list[Failure]) -> list[str]:
    """Rules that gave up somewhere; the document is not what OpenAPI allows there."""
    counts = Counter(failure.rule.id for failure in failures)
    told = [
        f"{rule} could not judge {count:,} {'place' if count == 1 else 'places'} that are not what OpenAPI allows"
        for rule, count in counts.most_common(FAILURES_SHOWN)
    ]
    left = len(counts) - len(told)
    return [*told, f"{left} more rules could not judge every place"] if left > 0 else told
