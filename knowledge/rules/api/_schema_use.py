"""In which direction the data of each component travels, told from the references the walk passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node, Use
from knowledge.rules.api._answers import is_json, pointer

REQUEST, RESPONSE, JSON, OTHER = "request", "response", "json", "other"
_SECTIONS = {"parameters": REQUEST, "requestBodies": REQUEST, "responses": RESPONSE, "headers": RESPONSE}
Uses = frozenset[str]


def uses_of(node: Node) -> Uses:
    """How the data that a node describes is used, as far as its own place tells; empty in component schemas."""
    found: set[str] = set()
    use = node.use.value or _SECTIONS.get(node.component.partition("/")[0], "")
    if use:
        turned = not node.path and node.above(Kind.CALLBACK) is not None
        found.add({REQUEST: RESPONSE, RESPONSE: REQUEST}[use] if turned else use)
    media = node if node.kind is Kind.MEDIA_TYPE else node.above(Kind.MEDIA_TYPE)
    if media is not None:
        found.add(JSON if is_json(media.key) else OTHER)
    return frozenset(found)


def component_uses(context: ApiContext) -> dict[str, Uses]:
    """Of every component that is referred to: whether it is asked for, answered, in JSON or another media type.

    Only at ``Kind.END``, when all references are known.
    """
    return context.memo("component uses", lambda: _component_uses(context))


def _component_uses(context: ApiContext) -> dict[str, Uses]:
    within: dict[str, set[str]] = defaultdict(set)
    found: dict[str, set[str]] = defaultdict(set)
    for reference in context.references:
        target = component_at(reference.target)
        if not target:
            continue
        parent = reference.parent
        if parent.component:
            within[parent.component].add(target)
        found[target] |= uses_of(parent)
    waiting = [name for name in within if found.get(name)]
    while waiting:
        name = waiting.pop()
        for inner in within.get(name, ()):
            if not found[name] <= found[inner]:
                found[inner] |= found[name]
                waiting.append(inner)
    return {name: frozenset(uses) for name, uses in found.items()}


def component_at(reference: str) -> str:
    """The component that a reference within the document leads to or into, as in ``schemas/User``."""
    if not reference.startswith("#/"):
        return ""
    steps = pointer(reference)
    if len(steps) >= 3 and steps[0] == "components":
        return f"{steps[1]}/{steps[2]}"
    if len(steps) >= 2 and steps[0] in ("definitions", "parameters", "responses"):
        return f"{'schemas' if steps[0] == 'definitions' else steps[0]}/{steps[1]}"
    return ""


def by_use(
    rule: str,
    node: Node,
    context: ApiContext,
    suspect: Callable[[Node], ApiHit | None],
    wanted: Callable[[Uses], bool],
) -> Iterable[ApiHit]:
    """Hits of a rule that holds only where data travels in a certain direction.

    Call it for schemas and for the end. What stands in an operation is judged at once, what stands in a component
    when all references are known. ``suspect`` says what would be wrong with a schema, ``wanted`` where that counts.
    """
    if node.kind is Kind.END:
        return _at_end(context.memo((rule, "waiting"), list), context, suspect, wanted)
    found = suspect(node)
    if found is None:
        return ()
    if node.component:
        waiting: list[Node] = context.memo((rule, "waiting"), list)
        waiting.append(node)
        return ()
    return (found,) if node.use is not Use.NONE and wanted(uses_of(node)) else ()


def _at_end(
    waiting: list[Node], context: ApiContext, suspect: Callable[[Node], ApiHit | None], wanted: Callable[[Uses], bool]
) -> Iterator[ApiHit]:
    """Judge the waiting schemas again: few are kept as hits, so none is built before it is known to count."""
    uses = component_uses(context)
    judged: dict[str, bool] = {}
    for node in waiting:
        name = node.component
        counts = judged.get(name)
        if counts is None:
            counts = wanted(uses.get(name, frozenset()) | uses_of(node))
            if name.startswith("schemas/"):  # of other components it depends on the place within
                judged[name] = counts
        if counts:
            hit = suspect(node)
            if hit is not None:
                start = node.pointer
                edits = tuple(_from_root(edit, start) for edit in hit.edits)
                yield ApiHit(hit.message, subject=hit.subject, at=start + hit.steps, edits=edits)


def _from_root(edit: Edit, start: tuple[str | int, ...]) -> Edit:
    value = (*start, *edit.value) if edit.op == "move" else edit.value
    return Edit(edit.op, (*start, *edit.steps), value)


def asked(uses: Uses) -> bool:
    """Whether data of these uses is sent to the API."""
    return REQUEST in uses


def answered(uses: Uses) -> bool:
    """Whether data of these uses is sent by the API."""
    return RESPONSE in uses


def only_asked(uses: Uses) -> bool:
    """Whether data of these uses is sent to the API, and never by it."""
    return REQUEST in uses and RESPONSE not in uses


def only_answered(uses: Uses) -> bool:
    """Whether data of these uses is sent by the API, and never to it."""
    return RESPONSE in uses and REQUEST not in uses
