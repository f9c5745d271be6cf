"""Every kind of change there is: its effect, its level in each direction, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge.api_diff.change import Level


class Effect(StrEnum):
    """What a change does to the set of values (or ways) that the contract admits."""

    NARROWS = "narrows"
    WIDENS = "widens"
    DIFFERS = "differs"
    """Neither set is known to contain the other."""
    NONE = ""


@dataclass(frozen=True, slots=True)
class Sort:
    """One kind of change. ``fact`` says what happened, with ``{it}``, ``{old}`` and ``{new}``."""

    what: str
    kind: str
    effect: Effect
    inverse: str
    """What the change is called when it is undone."""
    request: Level
    response: Level
    fact: str
    request_advice: str = ""
    response_advice: str = ""


def parse_sorts(text: str) -> dict[str, Sort]:
    """One sort a paragraph; the first line is ``what | kind | effect | inverse | request level | response level``."""
    found = {}
    for paragraph in text.strip().split("\n\n"):
        head, fact, *advice = paragraph.split("\n")
        what, kind, effect, inverse, request, response = (part.strip() for part in head.split("|"))
        advices = dict(line.split(": ", 1) for line in advice)
        either = advices.get("any", "")
        found[what] = Sort(
            what,
            kind,
            Effect(effect),
            inverse or what,
            Level(request),
            Level(response),
            fact,
            advices.get("request", either),
            advices.get("response", either),
        )
    return found


ADVICE: Mapping[tuple[Effect, Level, bool], str] = {
    (Effect.NARROWS, Level.BREAKING, True): "Requests outside of that are rejected now: change what you send first.",
    (Effect.NARROWS, Level.RISKY, True): "Requests outside of that may be rejected now: look at what you send.",
    (Effect.NARROWS, Level.SAFE, True): "What clients of the old contract send is still accepted.",
    (Effect.WIDENS, Level.BREAKING, True): "Clients that counted on the old form fail: change them first.",
    (Effect.WIDENS, Level.RISKY, True): "Look whether your requests count on it.",
    (Effect.WIDENS, Level.SAFE, True): "What was accepted still is: nothing to do.",
    (Effect.NARROWS, Level.BREAKING, False): "Clients that read it no longer find it: stop relying on it first.",
    (Effect.NARROWS, Level.RISKY, False): "Clients that read it may no longer find it: look whether you do.",
    (Effect.NARROWS, Level.SAFE, False): "Every answer of now was possible before: nothing to do.",
    (Effect.WIDENS, Level.BREAKING, False): "Clients may get answers that the old contract ruled out: "
    "handle them first.",
    (Effect.WIDENS, Level.RISKY, False): "Clients that judge answers strictly may refuse the new ones: "
    "look whether yours do.",
    (Effect.WIDENS, Level.SAFE, False): "Clients may ignore it: nothing to do.",
    (Effect.DIFFERS, Level.BREAKING, True): "Requests built for the old contract are rejected or misunderstood: "
    "change what you send first.",
    (Effect.DIFFERS, Level.RISKY, True): "Requests built for the old contract may be rejected: look at what you send.",
    (Effect.DIFFERS, Level.SAFE, True): "Nothing to do.",
    (Effect.DIFFERS, Level.BREAKING, False): "Clients cannot read answers as they did: change how you read them first.",
    (Effect.DIFFERS, Level.RISKY, False): "Clients may read something else than they expect: look at how you read it.",
    (Effect.DIFFERS, Level.SAFE, False): "Nothing to do.",
}
"""What to do, by effect, level and whether it is a request, where a sort says nothing of its own."""

_SCHEMA = """
type-changed | type | differs | | breaking | breaking
{it} is {new} now, it was {old}.

type-narrowed | type | narrows | type-widened | breaking | safe
{it} is only {new} now, it was {old}.

type-widened | type | widens | type-narrowed | safe | breaking
{it} may be {new} now, it was {old}.

type-removed | type | narrows | type-added | breaking | safe
{it} is never of type {old} any more.

type-added | type | widens | type-removed | safe | breaking
{it} may now be of type {new} as well.

type-stated | type | narrows | type-unstated | risky | safe
{it} states the type {new} now, which its other keywords implied.
request: Only values of that type make sense there; one of another type was admitted and is now rejected.

type-unstated | type | widens | type-stated | safe | risky
{it} no longer states the type {old}; its other keywords still imply it.

format-added | type | narrows | format-removed | breaking | safe
{it} must have the format {new} now.

format-removed | type | widens | format-added | safe | breaking
{it} need not have the format {old} any more.

format-noted | type | | format-unnoted | safe | safe
{it} is noted to have the format {new}, which restricts nothing.
any: Nothing to do.

format-unnoted | type | | format-noted | safe | safe
{it} is no longer noted to have the format {old}, which restricted nothing.
any: Nothing to do.

format-narrowed | type | narrows | format-widened | breaking | safe
{it} has the format {new} now, it was {old}.

format-widened | type | widens | format-narrowed | safe | breaking
{it} has the format {new} now, it was {old}.

format-changed | type | differs | | breaking | breaking
{it} has the format {new} now, it was {old}.

format-renamed | type | differs | | risky | risky
{it} has the format {new} now, it was {old}; what either restricts is no standard.

content-encoding-changed | type | differs | | breaking | breaking
{it} is encoded as {new} now, it was {old}.

content-media-type-changed | type | differs | | breaking | breaking
{it} holds {new} now, it was {old}.

null-forbidden | requiredness | narrows | null-allowed | breaking | safe
{it} may no longer be null.
request: Requests with null there are rejected: leave it out or send a value.

null-allowed | requiredness | widens | null-forbidden | safe | breaking
{it} may be null now.
response: Clients that use it without looking fail on null: handle it first.

property-required | requiredness | narrows | property-optional | breaking | safe
{it} is required now.
request: Requests without it are rejected: always send it.

property-optional | requiredness | widens | property-required | safe | breaking
{it} is optional now.
response: Answers may come without it: handle its absence first.

pattern-added | constraints | narrows | pattern-removed | breaking | safe
{it} must match {new} now.

pattern-removed | constraints | widens | pattern-added | safe | breaking
{it} need not match {old} any more.

pattern-changed | constraints | differs | | risky | risky
{it} must match {new} now, before it was {old}.

unique-items-added | constraints | narrows | unique-items-removed | breaking | safe
{it} may no longer hold an item twice.

unique-items-removed | constraints | widens | unique-items-added | safe | breaking
{it} may hold an item twice now.

multiple-of-added | constraints | narrows | multiple-of-removed | breaking | safe
{it} must be a multiple of {new} now.

multiple-of-removed | constraints | widens | multiple-of-added | safe | breaking
{it} need not be a multiple of {old} any more.

multiple-of-narrowed | constraints | narrows | multiple-of-widened | breaking | safe
{it} must be a multiple of {new} now, it was {old}.

multiple-of-widened | constraints | widens | multiple-of-narrowed | safe | breaking
{it} must be a multiple of {new} now, it was {old}.

multiple-of-changed | constraints | differs | | breaking | breaking
{it} must be a multiple of {new} now, it was {old}.

values-restricted | values | narrows | values-freed | breaking | safe
{it} may only be {new} now.

values-freed | values | widens | values-restricted | safe | breaking
{it} may be anything of its type now, it was one of {old}.

values-changed | values | differs | | breaking | breaking
{it} may be {new} now, it was {old}, which does not include it.

value-removed | values | narrows | value-added | breaking | safe
{it} may no longer be {old}.

value-added | values | widens | value-removed | safe | risky
{it} may now be {new} as well.
response: Clients that handle each value by name do not know this one: give them a branch for unknown values first.

constant-changed | values | differs | | breaking | breaking
{it} is always {new} now, it was {old}.

default-added | values | | default-removed | safe | safe
{it} counts as {new} when it is left out.
any: Nothing to do.

default-removed | values | | default-added | risky | safe
{it} no longer counts as {old} when it is left out.
request: Requests without it may be treated otherwise: send {old} if that is what you mean.
response: Nothing to do.

default-changed | values | | | risky | safe
{it} counts as {new} when it is left out, before as {old}.
request: Requests without it are treated otherwise, without any error: send {old} if that is what you mean.
response: Nothing to do.

property-added | existence | | property-removed | safe | safe
{it} is new.
request: It is optional: nothing to do.
response: Clients may ignore it: nothing to do.

property-removed | existence | | property-added | risky | risky
{it} is gone.
request: What clients send there is ignored, or is rejected by a strict server: stop sending it.
response: It was optional, yet clients that read it never find it again: stop relying on it first.

closed-property-added | existence | widens | closed-property-removed | safe | risky
{it} is new where only named properties are admitted.
response: Clients that refuse unknown properties, as the old contract allowed, fail: let them ignore it first.

closed-property-removed | existence | narrows | closed-property-added | breaking | risky
{it} is gone where only named properties are admitted.
request: Requests with it are rejected: stop sending it first.
response: It was optional, yet clients that read it never find it again: stop relying on it first.

required-property-added | existence | narrows | required-property-removed | breaking | safe
{it} is new and required.
request: Requests without it are rejected: send it.
response: Clients may ignore it: nothing to do.

required-property-removed | existence | widens | required-property-added | risky | breaking
{it} is gone; it was required.
request: What clients send there is ignored, or is rejected by a strict server: stop sending it.
response: Clients that read it fail: stop relying on it first.

schema-added | existence | narrows | schema-removed | breaking | safe
{it} is described by a schema now ({new}); anything was admitted.

schema-removed | existence | widens | schema-added | safe | breaking
{it} is no longer described by a schema; it was {old}.
response: Clients cannot rely on any form of it: do not read it without looking first.

alternative-removed | structure | narrows | alternative-added | breaking | safe
{it} no longer has the alternative {old}.

alternative-added | structure | widens | alternative-removed | safe | breaking
{it} has the new alternative {new}.
response: Clients that know only the old alternatives cannot read it: handle it first.

exclusive-added | structure | narrows | exclusive-removed | breaking | safe
{it} must now fit exactly one alternative (oneOf), before at least one (anyOf).

exclusive-removed | structure | widens | exclusive-added | safe | breaking
{it} may now fit several alternatives at once (anyOf), before exactly one (oneOf).

overlap-changed | structure | differs | | risky | risky
{it} must fit exactly one alternative (oneOf), and some that may overlap are others now.
request: A value that fits two of them is rejected: look whether yours still fits only one.
response: Values that fitted two of them, and could not come, may come now: look how you tell them apart.

discriminator-added | structure | narrows | discriminator-removed | risky | safe
{it} is told apart by the property {new} now.

discriminator-removed | structure | widens | discriminator-added | safe | risky
{it} is no longer told apart by the property {old}.

discriminator-changed | structure | differs | | breaking | breaking
{it} is told apart by the property {new} now, it was {old}.

mapping-removed | structure | narrows | mapping-added | breaking | safe
{it} no longer knows the kind {old} by its discriminator.

mapping-added | structure | widens | mapping-removed | safe | risky
{it} knows the new kind {new} by its discriminator.
response: Clients that handle each kind by name do not know this one: handle it first.

mapping-changed | structure | differs | | breaking | breaking
{it} with the discriminator {old} is another schema now.

excluded-added | structure | narrows | excluded-removed | breaking | safe
{it} excludes some values now (not).

excluded-removed | structure | widens | excluded-added | safe | breaking
{it} no longer excludes some values (not).

excluded-widened | structure | narrows | excluded-narrowed | breaking | safe
{it} excludes more values now (not).

excluded-narrowed | structure | widens | excluded-widened | safe | breaking
{it} excludes fewer values now (not).

excluded-changed | structure | differs | | breaking | breaking
{it} excludes other values now (not).

condition-added | structure | narrows | condition-removed | breaking | safe
{it} must meet a new condition (if/then/else).

condition-removed | structure | widens | condition-added | safe | breaking
{it} need not meet a condition any more (if/then/else).

condition-changed | structure | differs | | breaking | breaking
{it} must meet another condition (if/then/else).

conjunct-added | structure | narrows | conjunct-removed | breaking | safe
{it} must fit one more schema (allOf).

conjunct-removed | structure | widens | conjunct-added | safe | breaking
{it} need not fit one of its schemas any more (allOf).

additional-forbidden | structure | narrows | additional-allowed | breaking | safe
{it} may no longer have properties that the contract does not name.
request: Requests with such properties are rejected: stop sending them.

additional-allowed | structure | widens | additional-forbidden | safe | risky
{it} may have properties now that the contract does not name.

additional-restricted | structure | narrows | additional-freed | breaking | safe
{it} may have only properties of a certain form beside those that the contract names.

additional-freed | structure | widens | additional-restricted | safe | breaking
{it} may have properties of any form beside those that the contract names.

unevaluated-forbidden | structure | narrows | unevaluated-allowed | breaking | safe
{it} may no longer have parts that none of its schemas knows ({new}).

unevaluated-allowed | structure | widens | unevaluated-forbidden | safe | risky
{it} may have parts now that none of its schemas knows ({old}).

unevaluated-restricted | structure | narrows | unevaluated-freed | breaking | safe
{it} may have only parts of a certain form beside those that its schemas know ({new}).

unevaluated-freed | structure | widens | unevaluated-restricted | safe | breaking
{it} may have parts of any form beside those that its schemas know ({old}).

items-forbidden | structure | narrows | items-allowed | breaking | safe
{it} may no longer have items beyond those listed.

items-allowed | structure | widens | items-forbidden | safe | risky
{it} may have items beyond those listed.

items-restricted | structure | narrows | items-freed | breaking | safe
{it} may have only items of a certain form now.

items-freed | structure | widens | items-restricted | safe | breaking
{it} may have items of any form now.

prefix-item-added | structure | narrows | prefix-item-removed | breaking | safe
{it} has a form for item {new} now.

prefix-item-removed | structure | widens | prefix-item-added | safe | breaking
{it} has no form for item {old} any more.

closed-prefix-item-added | structure | widens | closed-prefix-item-removed | safe | breaking
{it} may have item {new} now.

closed-prefix-item-removed | structure | narrows | closed-prefix-item-added | breaking | breaking
{it} may no longer have item {old}.

contains-added | structure | narrows | contains-removed | breaking | safe
{it} must contain items of a certain form now.

contains-removed | structure | widens | contains-added | safe | breaking
{it} need not contain items of a certain form any more.

contains-changed | structure | differs | | breaking | breaking
{it} must contain items of another form now.

contains-narrowed | structure | narrows | contains-widened | breaking | safe
{it} must contain items of a narrower form now.

contains-widened | structure | widens | contains-narrowed | safe | breaking
{it} must contain items of a wider form now.

pattern-property-added | structure | narrows | pattern-property-removed | breaking | safe
{it} has a form for properties named like {new} now.

pattern-property-removed | structure | widens | pattern-property-added | safe | breaking
{it} has no form for properties named like {old} any more.

closed-pattern-property-added | structure | widens | closed-pattern-property-removed | safe | risky
{it} may have properties named like {new} now.

closed-pattern-property-removed | structure | narrows | closed-pattern-property-added | breaking | risky
{it} may no longer have properties named like {old}.

dependent-required-added | structure | narrows | dependent-required-removed | breaking | safe
{it} needs {new} now.

dependent-required-removed | structure | widens | dependent-required-added | safe | breaking
{it} no longer needs {old}.

dependent-schema-added | structure | narrows | dependent-schema-removed | breaking | safe
{it} must fit another schema when {new} is there.

dependent-schema-removed | structure | widens | dependent-schema-added | safe | breaking
{it} need not fit another schema any more when {old} is there.

property-names-restricted | structure | narrows | property-names-freed | breaking | safe
{it} may have only properties whose names have a certain form.

property-names-freed | structure | widens | property-names-restricted | safe | breaking
{it} may have properties whose names have any form.

content-schema-added | structure | narrows | content-schema-removed | breaking | safe
{it} must hold, decoded, what a schema says now.

content-schema-removed | structure | widens | content-schema-added | safe | breaking
{it} may hold, decoded, anything now.

read-only-added | mutability | | read-only-removed | risky | safe
{it} is read-only now.
request: What clients send there is ignored or rejected: stop sending it.
response: Nothing to do.

read-only-removed | mutability | | read-only-added | safe | safe
{it} is no longer read-only.
any: Nothing to do.

required-read-only-removed | mutability | narrows | required-read-only-added | breaking | safe
{it} is no longer read-only, and required.
request: Requests without it are rejected: send it.

required-read-only-added | mutability | widens | required-read-only-removed | risky | safe
{it} is read-only now; requests had to have it.
request: What clients send there is ignored or rejected: stop sending it.

write-only-added | mutability | | write-only-removed | safe | risky
{it} is write-only now.
request: Nothing to do.
response: It was optional, yet clients that read it never find it again: stop relying on it first.

write-only-removed | mutability | | write-only-added | safe | safe
{it} is no longer write-only.
any: Nothing to do.

required-write-only-added | mutability | widens | required-write-only-removed | safe | breaking
{it} is write-only now; every answer had it.
response: Clients that read it fail: stop relying on it first.

required-write-only-removed | mutability | narrows | required-write-only-added | safe | safe
{it} is no longer write-only: answers have it now.
any: Nothing to do.
"""

_BOUNDS = {
    "minimum": "be at least {}",
    "maximum": "be at most {}",
    "min-length": "have at least {} characters",
    "max-length": "have at most {} characters",
    "min-items": "have at least {} items",
    "max-items": "have at most {} items",
    "min-properties": "have at least {} properties",
    "max-properties": "have at most {} properties",
    "min-contains": "contain at least {} items of a certain form",
    "max-contains": "contain at most {} items of a certain form",
}


def _bounds() -> dict[str, Sort]:
    made = {}
    for name, words in _BOUNDS.items():
        tighter, looser = ("raised", "lowered") if name.startswith("min") else ("lowered", "raised")
        new, old = words.format("{new}"), words.format("{old}")
        rows = [
            (Effect.NARROWS, tighter, looser, f"{{it}} must {new} now, it was {{old}}."),
            (Effect.WIDENS, looser, tighter, f"{{it}} must {new} now, it was {{old}}."),
        ]
        if name != "min-contains":  # one item is the least where none is stated: it never comes or goes
            rows.append((Effect.NARROWS, "added", "removed", f"{{it}} must {new} now."))
            rows.append((Effect.WIDENS, "removed", "added", f"{{it}} need not {old} any more."))
        for effect, happened, undone, fact in rows:
            levels = (Level.BREAKING, Level.SAFE) if effect is Effect.NARROWS else (Level.SAFE, Level.BREAKING)
            what, inverse = f"{name}-{happened}", f"{name}-{undone}"
            made[what] = Sort(what, "constraints", effect, inverse, *levels, fact)
    return made


_LIFECYCLE = """
deprecated | lifecycle | | undeprecated | safe | safe
{it} is deprecated.
any: It still works: plan to do without it.

undeprecated | lifecycle | | deprecated | safe | safe
{it} is no longer deprecated.
any: Nothing to do.

sunset-added | lifecycle | | sunset-removed | safe | safe
{it} ends on {new}.
any: Do without it by then.

sunset-removed | lifecycle | | sunset-added | risky | risky
{it} no longer has an end ({old} was announced).
any: It may go without notice, or stay: ask before you plan with it.

sunset-sooner | lifecycle | | sunset-later | breaking | breaking
{it} ends on {new} now, {old} was announced.
any: Clients that planned with the old date fail from the new one on: do without it by then.

sunset-later | lifecycle | | sunset-sooner | safe | safe
{it} ends on {new} now, {old} was announced.
any: There is more time: do without it by then.

sunset-unreadable | lifecycle | | sunset-readable | risky | risky
{it} has an end that is no date: {new}.
any: Nobody can plan with it: ask for the date.

sunset-readable | lifecycle | | sunset-unreadable | safe | safe
{it} ends on {new}; what was announced was no date: {old}.
any: Do without it by then.

sunset-rewritten | lifecycle | | | safe | safe
{it} ends on {new}, which says the same as {old}.
any: Nothing to do.

stability-lowered | lifecycle | | stability-raised | breaking | breaking
{it} is {new} now, it was {old}.
any: It may change or go at any time, which was ruled out: do not build on it.

stability-raised | lifecycle | | stability-lowered | safe | safe
{it} is {new} now, it was {old}.
any: Nothing to do.
"""

SCHEMA_SORTS: Mapping[str, Sort] = {**parse_sorts(_SCHEMA), **parse_sorts(_LIFECYCLE), **_bounds()}
"""Changes of schemas, also of those of parameters and headers."""
