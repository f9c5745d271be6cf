"""Every kind of change there is."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.api_diff.catalogue_contract import CONTRACT_SORTS
from knowledge.api_diff.catalogue_structure import STRUCTURE_SORTS
from knowledge.api_diff.catalogue_values import VALUE_SORTS
from knowledge.api_diff.sorts import Sort, parse_sorts

_MEMBERS = """
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

SORTS: Mapping[str, Sort] = {
    **VALUE_SORTS,
    **parse_sorts(_MEMBERS),
    **STRUCTURE_SORTS,
    **parse_sorts(_LIFECYCLE),
    **CONTRACT_SORTS,
}
"""By what happened; a change is called after its area, its kind and this."""
