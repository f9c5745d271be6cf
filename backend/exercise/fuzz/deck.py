"""Everything that is tried of one operation: a deck of changes to a valid request, dealt in an order of chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from backend.exercise.calls import NOTHING
from backend.exercise.contract import Contract, Operation, Parameter
from backend.exercise.fuzz.case import Case, Wish
from backend.exercise.fuzz.judge import OPAQUE
from backend.exercise.schemas import Schema
from backend.exercise.values import hostile
from backend.exercise.values.faults import UNKNOWN_KEY, Fault, faults
from backend.exercise.values.places import places, put, settled

VALID_SHARE = 0.35
"""Of the deck."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE")

Change = Callable[[Case, Random], Case | None]
"""``None`` where the change does not apply to this request."""


@dataclass(frozen=True)
class Card:
    """One thing to try."""

    about: str
    change: Change
    odd: bool = False
    """It starts from a request with values that need care, where others start from an ordinary one."""
    early: bool = False
    """It is dealt in the first part of the deck, for budgets that do not reach the end."""


def deck(contract: Contract, operation: Operation, strict: bool) -> list[Card]:
    """The cards of an operation, in a fixed order; ``strict`` where it must refuse what it does not know."""
    special = [
        *_body_cards(contract, operation, strict),
        *_parameter_cards(contract, operation),
        *_protocol_cards(contract, operation, strict),
    ]
    valid = max(2, round(len(special) * VALID_SHARE / (1 - VALID_SHARE)))
    early = round(valid * sum(card.early for card in special) / max(1, len(special)))
    return [
        *([Card("valid", _unchanged, odd=True, early=True)] * early),
        *([Card("valid", _unchanged, odd=True)] * (valid - early)),
        *special,
    ]


def _unchanged(case: Case, _random: Random) -> Case:
    return case


def shuffled(cards: list[Card], random: Random) -> list[Card]:
    """An order of chance, early cards first."""
    return sorted(random.sample(cards, len(cards)), key=lambda card: not card.early)


def _body_cards(contract: Contract, operation: Operation, strict: bool) -> Iterator[Card]:
    if operation.body is None:
        return
    if strict and contract.schemas.resolve(operation.body).get("additionalProperties") is not False:
        yield Card(f"body {UNKNOWN_KEY}: unknown key", _unknown_key, early=True)
    for fault in faults(contract.schemas, operation.body):
        yield _body_fault(contract, operation.body, fault)
    for place in places(contract.schemas, operation.body):
        if place.path:
            yield Card(f"hostile value in body {place.name}", _hostile_part(place.path, place.schema))
    for name, raw in hostile.BODIES.items():
        refused = name in hostile.REFUSABLE or (name == "no body" and operation.body_required)
        yield _raw_body(name, raw, Wish.REFUSE if refused else Wish.EITHER)
    for kind in hostile.CONTENT_TYPES:
        yield _header(f"body as {kind or 'nothing'}", "content-type", kind)


def _body_fault(contract: Contract, schema: Schema, fault: Fault) -> Card:
    def change(case: Case, _random: Random) -> Case | None:
        body = fault.apply(case.body)
        if contract.schemas.valid(schema, body):
            return None  # another alternative of the schema allows it
        return replace(case, body=body, wish=Wish.REFUSE)

    return Card(f"body {fault}", change, early=_telling(fault))


def _unknown_key(case: Case, _random: Random) -> Case | None:
    if not isinstance(case.body, dict):
        return None
    return replace(case, body={**case.body, UNKNOWN_KEY: "surprise"}, wish=Wish.REFUSE)


def _telling(fault: Fault) -> bool:
    """Whether programs differ in it; that a number is refused where a text belongs is seen soon enough."""
    return "instead of" not in fault.kind and fault.kind not in ("null", "far too large", "far too long")


def _hostile_part(path: tuple[str | int, ...], schema: Schema) -> Change:
    def change(case: Case, random: Random) -> Case:
        return replace(case, body=put(case.body, path, hostile.part(schema, random)), wish=Wish.EITHER)

    return change


def _raw_body(name: str, raw: bytes, wish: Wish) -> Card:
    return Card(f"body is {name}", lambda case, _random: replace(case, body=NOTHING, raw_body=raw, wish=wish))


def _header(about: str, name: str, value: str, wish: Wish = Wish.EITHER) -> Card:
    def change(case: Case, _random: Random) -> Case:
        return replace(case, headers={**case.headers, name: value}, wish=wish)

    return Card(about, change)


def _parameter_cards(contract: Contract, operation: Operation) -> Iterator[Card]:
    for parameter in operation.of("path"):
        yield from _path_cards(contract, operation, parameter)
    for parameter in (*operation.of("query"), *operation.of("header")):
        if parameter.name.lower() in ("authorization", "accept", "content-type"):
            continue
        if parameter.required:
            yield _left_out(parameter)
        for fault in faults(contract.schemas, parameter.schema):
            if not fault.drop and not fault.place.path:
                yield _parameter_fault(contract, parameter, fault)
        if parameter.location == "query":
            yield _query_hostile(contract, parameter)


def _left_out(parameter: Parameter) -> Card:
    def change(case: Case, _random: Random) -> Case:
        kept = {name: value for name, value in case.query.items() if name != parameter.name}
        headers = {name: value for name, value in case.headers.items() if name.lower() != parameter.name.lower()}
        return replace(case, query=kept, headers=headers, wish=Wish.REFUSE)

    return Card(f"{parameter.location} {parameter.name}: left out", change)


def _parameter_fault(contract: Contract, parameter: Parameter, fault: Fault) -> Card:
    def change(case: Case, _random: Random) -> Case | None:
        text = _as_text(fault.value)
        if text is None or any(contract.schemas.valid(parameter.schema, each) for each in _readings(text)):
            return None
        if parameter.location == "header":
            if not text.isascii() or not text.isprintable() or text != text.strip():
                return None  # no client could send it
            return replace(case, headers={**case.headers, parameter.name: text}, wish=Wish.REFUSE)
        return replace(case, query={**case.query, parameter.name: text}, wish=Wish.REFUSE)

    return Card(f"{parameter.location} {parameter.name}: {fault.kind}", change, early=_telling(fault))


def _as_text(value: Any) -> str | None:
    """How a value stands in an address or a header; those that are no single text do not."""
    if isinstance(value, bool):
        return "maybe"
    return str(value) if isinstance(value, str | int | float) else None


def _readings(text: str) -> list[Any]:
    """What a text can be read as: itself, a number, a Boolean, nothing, a list of one."""
    found: list[Any] = [text, [text]]
    for read in (int, float):
        try:
            found.append(read(text))
        except ValueError:
            continue
    if text.lower() in ("true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"):
        found.append(True)
    return found if text else [*found, None]


def _query_hostile(contract: Contract, parameter: Parameter) -> Card:
    schema, _ = settled(contract.schemas, parameter.schema)

    def change(case: Case, random: Random) -> Case:
        value = hostile.part(schema, random)
        value = value[:4000] if isinstance(value, str) else value
        return replace(case, query={**case.query, parameter.name: value}, wish=Wish.EITHER)

    return Card(f"hostile value in query {parameter.name}", change)


def _path_cards(contract: Contract, operation: Operation, parameter: Parameter) -> Iterator[Card]:
    schema, _ = settled(contract.schemas, parameter.schema)
    for text in hostile.SEGMENTS:
        yield _segment(parameter.name, text)
    if schema.get("format") == "uuid":
        yield Card(
            f"path {parameter.name}: of no row",
            _absent(parameter.name, _wish_of_absent(contract, operation, parameter)),
        )
    for fault in faults(contract.schemas, parameter.schema):
        wrong = _as_text(fault.value)
        if not fault.place.path and not fault.drop and wrong and len(wrong) < 3000:
            yield _bad_path(contract, parameter, fault.kind, wrong)


def _segment(name: str, text: str) -> Card:
    return Card(
        f"path {name}: {text[:20]}",
        lambda case, _random: replace(case, raw_segment=(name, text), wish=Wish.EITHER),
    )


def _wish_of_absent(contract: Contract, operation: Operation, parameter: Parameter) -> Wish:
    """A link to what is not there is gone already, so that taking it away is done."""
    links = [link for resource in contract.resources for link in resource.links]
    gone = any(link.unlink == operation and link.other_parameter == parameter.name for link in links)
    return Wish.EITHER if gone else Wish.ABSENT


def _absent(name: str, wish: Wish) -> Change:
    def change(case: Case, random: Random) -> Case:
        unknown = str(UUID(int=random.getrandbits(128), version=4))
        return replace(case, path={**case.path, name: unknown}, wish=wish)

    return change


def _bad_path(contract: Contract, parameter: Parameter, kind: str, text: str) -> Card:
    def change(case: Case, _random: Random) -> Case | None:
        if any(contract.schemas.valid(parameter.schema, each) for each in _readings(text)):
            return None
        return replace(case, path={**case.path, parameter.name: text}, wish=Wish.REFUSE)

    return Card(f"path {parameter.name}: {kind}", change)


def _protocol_cards(contract: Contract, operation: Operation, strict_query: bool) -> Iterator[Card]:
    offered = contract.methods(operation.path)
    if operation.method == offered[0] and not _shadowed(contract, operation.path):  # once a path
        for method in METHODS:
            if method not in offered:
                yield _method(method)
    if operation.method != "GET":
        yield Card(
            "the same request again", lambda case, _random: replace(case, twice=True, wish=Wish.EITHER), early=True
        )
    for accept in hostile.ACCEPTS:
        yield _header(f"accept {accept}", "accept", accept)
    for query in hostile.QUERIES:
        yield _query(f"query {query[:20]}", query, Wish.EITHER)
    if UNKNOWN_KEY not in {parameter.name for parameter in operation.of("query")}:
        yield _query("unknown query parameter", f"{UNKNOWN_KEY}=1", Wish.REFUSE if strict_query else Wish.EITHER)


def _method(method: str) -> Card:
    return Card(
        f"method {method}",
        lambda case, _random: replace(case, method=method, body=NOTHING, query={}, wish=Wish.NOT_ALLOWED),
    )


def _query(about: str, raw: str, wish: Wish) -> Card:
    return Card(about, lambda case, _random: replace(case, raw_query=raw, wish=wish))


def _shadowed(contract: Contract, path: str) -> bool:
    """Whether an address of this path could also be one of another template, as ``/users/me`` is."""
    parts = path.split("/")

    def same(other: str) -> bool:
        pairs = list(zip(parts, other.split("/"), strict=False))
        return len(other.split("/")) == len(parts) and all(a == b or "{" in a or "{" in b for a, b in pairs)

    return any(same(each.path) for each in contract.operations if each.path != path)


def opaque(parameter: Parameter) -> bool:
    """Whether no valid value can be made up from the schema alone."""
    return parameter.name.lower() in OPAQUE
