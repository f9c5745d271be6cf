"""What can change about any part of a schema: its description, its deprecation, the directives used on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from graphql.language import ConstDirectiveNode, Node, StringValueNode

from knowledge.formats.graphql.document import described, directive
from knowledge.graphql.change import Change, Level, change
from knowledge.graphql.values import canonical

MEANT = frozenset({"deprecated", "specifiedBy", "oneOf"})
"""Directives the specification gives a meaning, compared by what they mean."""
NO_REASON = "No longer supported"
"""The reason of @deprecated where none is given (GraphQL specification, section 3.13.3)."""


def remarks(part: str, place: str, path: str, old: Node, new: Node) -> Iterator[Change]:
    """Everything that changed beside the part itself.

    Args:
        part: what kinds begin with (``field``).
        place: what usages of directives are called by (``field``).
        path: of the part.
        old: the part as it was.
        new: the part as it is.
    """
    yield from descriptions(part, path, old, new)
    yield from deprecations(part, path, old, new)
    yield from usages(place, path, old, new, _used(old), _used(new))


def descriptions(part: str, path: str, old: Node, new: Node) -> Iterator[Change]:
    """A description that came, went or reads differently."""
    before, after = described(old).strip(), described(new).strip()
    if before != after:
        end = _end(before, after)
        yield change(f"{part}-description-{end}", path, Level.SAFE, f"The description of {path} was {end}.", old, new)


def deprecations(part: str, path: str, old: Node, new: Node) -> Iterator[Change]:
    """A deprecation that came or went, or whose reason did."""
    before, after = reason(old), reason(new)
    if before is None and after is not None:
        said = f"{path} is deprecated: {after or NO_REASON}"
        yield change(f"{part}-deprecation-added", path, Level.SAFE, said, old, new)
    elif before is not None and after is None:
        said = f"{path} is no longer deprecated."
        yield change(f"{part}-deprecation-removed", path, Level.SAFE, said, old, new)
    elif before is not None and after is not None and before != after:
        end = _end(before, after)
        said = f"{path} is deprecated with another reason: {after or NO_REASON}"
        yield change(f"{part}-deprecation-reason-{end}", path, Level.SAFE, said, old, new)


def reason(node: Node | None) -> str | None:
    """Why a part is deprecated, empty where it is not said; ``None`` where it is not deprecated."""
    used = directive(_used(node), "deprecated")
    if used is None:
        return None
    for given in used.arguments or ():
        if given.name.value == "reason" and isinstance(given.value, StringValueNode):
            return "" if given.value.value == NO_REASON else given.value.value
    return ""


def usages(
    place: str,
    path: str,
    old: Node,
    new: Node,
    before: Iterable[ConstDirectiveNode],
    after: Iterable[ConstDirectiveNode],
) -> Iterator[Change]:
    """Directives of the schema's own that are used on a part, or no longer, or with other arguments."""
    uses, used = _by_name(before), _by_name(after)
    for name in {**uses, **used}:
        had, has = uses.get(name, []), used.get(name, [])
        if len(had) == len(has) == 1:
            yield from _arguments(name, path, had[0], has[0])
            continue
        gone, come = Counter(map(_spelt, had)), Counter(map(_spelt, has))
        for spelt in (gone - come).elements():
            said = f"{spelt} no longer stands on {path}: what it meant there no longer holds."
            yield change(f"directive-usage-{place}-removed", path, Level.DANGEROUS, said, old, new)
        for spelt in (come - gone).elements():
            said = f"{spelt} now stands on {path}: what it means there holds from now on."
            yield change(f"directive-usage-{place}-added", path, Level.DANGEROUS, said, old, new)


def _arguments(name: str, path: str, old: ConstDirectiveNode, new: ConstDirectiveNode) -> Iterator[Change]:
    before, after = _given(old), _given(new)
    for argument in {**before, **after}:
        had, has = before.get(argument, ""), after.get(argument, "")
        if had != has:
            said = f"@{name} on {path} has {argument}: {has or 'nothing'}, where it had {had or 'nothing'}."
            kind = f"directive-usage-argument-{_end(had, has)}"
            yield change(kind, f"{path}.@{name}.{argument}", Level.DANGEROUS, said, old, new)


def _end(before: str, after: str) -> str:
    return "added" if not before else "removed" if not after else "changed"


def _used(node: Node | None) -> tuple[ConstDirectiveNode, ...]:
    return tuple(getattr(node, "directives", None) or ())


def _by_name(uses: Iterable[ConstDirectiveNode]) -> dict[str, list[ConstDirectiveNode]]:
    found: dict[str, list[ConstDirectiveNode]] = {}
    for used in uses:
        if used.name.value not in MEANT:
            found.setdefault(used.name.value, []).append(used)
    return found


def _given(used: ConstDirectiveNode) -> dict[str, str]:
    return {one.name.value: canonical(one.value) for one in used.arguments or ()}


def _spelt(used: ConstDirectiveNode) -> str:
    given = ", ".join(f"{name}: {value}" for name, value in sorted(_given(used).items()))
    return f"@{used.name.value}({given})" if given else f"@{used.name.value}"
