"""Changes of what a value may be: its type, its limits, its presence; see :mod:`knowledge.api_diff.sorts`."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.change import Level
from knowledge.api_diff.sorts import Effect, Sort, parse_sorts

_VALUES = """
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


VALUE_SORTS: Mapping[str, Sort] = {**parse_sorts(_VALUES), **_bounds()}
