"""Sentences put into a blueprint: that of the project where there is one, else a new one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.reader import read_blueprint
from knowledge.blueprint.routes import RouteKind, routes
from knowledge.blueprint.writer import write_blueprint
from knowledge.design.sentence import Clause, FeatureError, Sentence, read_sentences

Values = dict[str, Any]

KINDS: Final = frozenset("string text integer decimal boolean datetime date uuid json".split())
_ACCESS: Final = frozenset({"public", "authenticated", "owner", "role"})
"""Clauses that say who may."""
_GUESSES: Final = (
    (r".*_(at|time)|timestamp", {"type": "datetime"}),
    (r".*_(on|date)|date|birthday|deadline", {"type": "date"}),
    (r"(is|has|can|was)_.*|.*able|active|enabled|done|archived|featured", {"type": "boolean"}),
    (r"(price|amount|total|cost|balance|fee)(_.*)?|.*_(price|amount|total|cost|fee)", {"type": "decimal"}),
    (r".*_?(count|quantity|number|age|year|position|rank|score|size|points|likes)", {"type": "integer"}),
    (r".*_?email", {"type": "string", "format": "email"}),
    (r".*_?(url|link|website|homepage)", {"type": "string", "format": "url"}),
    (r".*_?slug|handle", {"type": "string", "format": "slug", "max_length": 100}),
    (r"body|text|content|description|comment|message|notes?|bio", {"type": "text"}),
    (r"status|state|kind|type|category|priority|role", {"type": "string", "max_length": 40}),
)
"""What a field's name says of its type, where nobody did. First match counts; else a string of 200 characters."""


@dataclass(frozen=True)
class Design:
    """A blueprint in which something was designed."""

    blueprint: Blueprint
    text: str
    """The blueprint as YAML."""
    focus: tuple[str, ...]
    """Ids of the operations that were asked for."""
    assumptions: tuple[str, ...] = ()
    """What was not said and had to be settled, each with how to say it."""


def design_feature(text: str, base: Blueprint | None = None) -> Design:
    """The blueprint with the described operations in it.

    Args:
        text: sentences as :func:`knowledge.design.sentence.read_sentences` takes them.
        base: the project's blueprint; its resources keep what they have.

    Raises:
        FeatureError: a part is not understood, or names what the project does not have.
        BlueprintError: what comes out contradicts itself.
    """
    draft = _Draft(base)
    for sentence in read_sentences(text):
        draft.add(sentence)
    draft.support()
    blueprint = read_blueprint(draft.yaml(), path="the described feature")
    return Design(blueprint, write_blueprint(blueprint), _focus(blueprint, draft.asked), tuple(draft.assumptions))


def _focus(blueprint: Blueprint, asked: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    found = []
    for verb, noun, parent in asked:
        nested = {"list": RouteKind.NESTED_LIST, "create": RouteKind.NESTED_CREATE}.get(verb) if parent else None
        kind = nested or RouteKind(verb)
        found += [
            route.operation_id
            for route in routes(blueprint)
            if route.kind is kind and route.resource == noun and (nested is None or route.other == parent)
        ]
    return tuple(dict.fromkeys(found))


class _Draft:
    """A blueprint in the making, as plain data."""

    def __init__(self, base: Blueprint | None) -> None:
        self._base = base
        dumped = base.model_dump(mode="json", exclude_defaults=True) if base is not None else {}
        self._data: Values = dumped or {"name": "design", "resources": {}}
        self._new: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.assumptions: list[str] = []

    def yaml(self) -> str:
        """As text for the reader; JSON is YAML."""
        return json.dumps(self._data)

    def add(self, sentence: Sentence) -> None:
        """Put an operation in."""
        if sentence.parent:
            self._resource(sentence.parent)
        resource = self._resource(sentence.noun)
        if sentence.parent:
            self._nest(resource, sentence.noun, sentence.parent)
        operation: Values = resource["operations"].setdefault(sentence.verb, {})
        self._defaults(sentence, operation)
        if {clause.kind for clause in sentence.clauses} & _ACCESS:
            operation["access"] = []
        for clause in sentence.clauses:
            self._apply(sentence, resource, operation, clause)
        if sentence.verb == "list" and operation.get("sort"):
            operation["pagination"] = "offset"
        self.asked.append((sentence.verb, sentence.noun, sentence.parent))

    def support(self) -> None:
        """Give new resources what a row needs to come into being, so that the design can be run."""
        for name in self._new:
            resource = self._data["resources"][name]
            if not resource["fields"]:
                resource["fields"]["name"] = {"type": "string", "max_length": 200}
                self._assume(f"{name} has a field name; say: fields title string, body text")
            owned = resource.get("owner")
            missing = [verb for verb in ("get", "create") if verb not in resource["operations"]]
            reader = "public" if name in self._shown_to_all() else "authenticated"
            for verb in missing:
                rule = reader if verb == "get" else "owner" if owned else "authenticated"
                resource["operations"][verb] = {"access": [rule]}
            if missing:
                self._assume(f"{' and '.join(missing)} of {name} come along, so that there are rows to try it with")

    def _shown_to_all(self) -> set[str]:
        """Resources whose rows come along in public lists, or that public lists lie within."""
        found: set[str] = set()
        for name, resource in self._data["resources"].items():
            listing = resource["operations"].get("list") or {}
            if "public" not in listing.get("access", []):
                continue
            relations = resource.get("belongs_to", {})
            nested = [each for each in relations if relations[each].get("nested")]
            found |= {name, *(relations[each]["resource"] for each in (*nested, *listing.get("embed", [])))}
        return found

    def _resource(self, name: str) -> Values:
        resources = self._data["resources"]
        if name in resources:
            found: Values = resources[name]
            return found
        if self._base is not None:
            self._assume(f"{name} is new: the project has {', '.join(sorted(self._base.resources))}")
        resources[name] = {"fields": {}, "operations": {}}
        self._new.add(name)
        made: Values = resources[name]
        return made

    def _nest(self, resource: Values, noun: str, parent: str) -> None:
        relations = resource.setdefault("belongs_to", {})
        existing = next((name for name, each in relations.items() if each["resource"] == parent), None)
        if existing is None:
            relations[parent] = {"resource": parent, "nested": True, "on_delete": "cascade"}
            self._assume(f"each {noun} belongs to one {parent} and goes with it (on_delete: cascade)")
        else:
            relations[existing]["nested"] = True

    def _defaults(self, sentence: Sentence, operation: Values) -> None:
        said = {clause.kind for clause in sentence.clauses}
        if not said & _ACCESS and "access" not in operation:
            operation["access"] = ["authenticated"]
            self._assume(f"{sentence.verb} {sentence.noun}: any signed-in caller; say public, owner only or role admin")
        if sentence.verb == "list" and "pagination" not in operation:
            operation["pagination"] = "offset" if said & {"offset", "sort"} else "cursor"
            if not said & {"offset", "sort", "cursor"}:
                self._assume("the list may grow without end, so it is walked by cursor; say: with totals")

    def _apply(self, sentence: Sentence, resource: Values, operation: Values, clause: Clause) -> None:
        kind = clause.kind
        if kind in ("filter", "sort", "search", "embed") and sentence.verb != "list":
            raise FeatureError(f"{kind} is of lists, and this is {sentence.verb} {sentence.noun}")
        if kind in ("filter", "sort", "search"):
            for name in clause.names:
                self._field(sentence.noun, resource, name)
            listed = operation.setdefault(kind, [])
            listed += [name for name in map(_related(resource), clause.names) if name not in listed]
        elif kind == "embed":
            for name in clause.names:
                self._relation(resource, sentence.noun, name)
                operation.setdefault("embed", []).append(name)
        elif kind == "fields":
            resource["fields"] |= dict(_declared(text) for text in clause.names)
        elif kind == "unique":
            for name in clause.names:
                self._field(sentence.noun, resource, name)
                resource["fields"][name]["unique"] = True
        else:
            self._flag(sentence, resource, operation, clause)

    def _flag(self, sentence: Sentence, resource: Values, operation: Values, clause: Clause) -> None:
        access = operation.setdefault("access", [])
        match clause.kind:
            case "cursor" | "offset":
                operation["pagination"] = clause.kind
            case "public" | "authenticated":
                access.append(clause.kind)
            case "owner":
                access.append("owner")
                self._owned(resource, sentence)
            case "role":
                access.append(f"role:{clause.names[0]}")
            case "idempotent":
                operation["idempotency"] = "required"
            case "limit":
                operation["rate_limit"] = {"requests": clause.number, "seconds": clause.seconds}
            case "cache":
                shared = {"shared_max_age": clause.seconds} if "public" in access else {}
                operation["cache"] = {"server": clause.seconds, "max_age": clause.seconds, **shared}
            case "page_size":
                operation["default_limit"] = clause.number
                operation["max_limit"] = max(100, clause.number)
            case "soft_delete" | "tenant":
                resource[clause.kind] = True
            case "locking":
                resource["optimistic_locking"] = True
            case "events":
                resource["events"] = ["created", "updated", "deleted"]
            case _:  # newest first is how lists come
                pass

    def _owned(self, resource: Values, sentence: Sentence) -> None:
        if resource.get("owner"):
            return
        if sentence.parent == "user" or "user" in resource.get("belongs_to", {}):
            resource["owner"] = next(
                name for name, each in resource["belongs_to"].items() if each["resource"] == (sentence.parent or "user")
            )
            self._data["resources"][sentence.parent or "user"].setdefault("owner", "self")
            self._assume(f"the owner of a {sentence.noun} is its {sentence.parent or 'user'}")
        else:
            resource["owner"] = "owner_id"
            self._assume(f"{sentence.noun} has owner_id, set from the caller")

    def _relation(self, resource: Values, noun: str, name: str) -> None:
        if name in resource.get("belongs_to", {}):
            return
        target = name if name in self._data["resources"] else {"author": "user", "owner": "user"}.get(name, name)
        self._resource(target)
        resource.setdefault("belongs_to", {})[name] = {"resource": target}
        self._assume(f"each {noun} belongs to one {target}, called {name}")

    def _field(self, noun: str, resource: Values, name: str) -> None:
        known = {*resource["fields"], *resource.get("belongs_to", {})}
        known |= {f"{relation}_id" for relation in resource.get("belongs_to", {})} | {"created_at"}
        if name in known:
            return
        if noun not in self._new:
            raise FeatureError(f"{noun} has no field {name}; it has {', '.join(sorted(known))}")
        guess = next((dict(kind) for pattern, kind in _GUESSES if re.fullmatch(pattern, name)), None)
        resource["fields"][name] = guess or {"type": "string", "max_length": 200}
        self._assume(f"{noun}.{name} is a {resource['fields'][name]['type']}; say: fields {name} <type> or a|b|c")

    def _assume(self, text: str) -> None:
        if text not in self.assumptions:
            self.assumptions.append(text)


def _related(resource: Values) -> Any:
    """``author_id`` -> ``author``: blueprints name the relation."""
    relations = resource.get("belongs_to", {})
    return lambda name: name.removesuffix("_id") if name.removesuffix("_id") in relations else name


def _declared(text: str) -> tuple[str, Values]:
    """``title string`` or ``status open|done`` as a field."""
    name, _, kind = text.strip().partition(" ")
    name = re.sub(r"[^a-z0-9]+", "_", name.rstrip(":").lower()).strip("_")
    words = kind.strip().split()
    optional = {"required": False} if "optional" in words else {}
    words = [word for word in words if word != "optional"]
    if not words:
        guess = next((dict(kind) for pattern, kind in _GUESSES if re.fullmatch(pattern, name)), None)
        return name, (guess or {"type": "string", "max_length": 200}) | optional
    if "|" in words[0]:
        return name, {"type": "enum", "values": words[0].split("|"), **optional}
    if words[0] not in KINDS:
        raise FeatureError(f"field {name}: {words[0]!r} is no type; use {', '.join(sorted(KINDS))} or values as a|b|c")
    return name, {"type": words[0], **optional}
