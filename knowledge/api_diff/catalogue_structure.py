"""Changes of how schemas are put together; see :mod:`knowledge.api_diff.sorts`."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.sorts import Sort, parse_sorts

_STRUCTURE = """
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

closed-prefix-item-removed | structure | narrows | closed-prefix-item-added | breaking | risky
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
"""

STRUCTURE_SORTS: Mapping[str, Sort] = parse_sorts(_STRUCTURE)
