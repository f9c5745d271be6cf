"""Sentences put into a blueprint: that of the project where there is one, else a new one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.plurals import plural_of
from knowledge.design.field_words import declared, guessed
from knowledge.design.sentence import Clause, FeatureError, Sentence
from knowledge.design.singulars import is_plural

Values = dict[str, Any]

_ACCESS: Final = frozenset({"public", "authenticated", "owner", "role"})
"""Clauses that say who may."""
_PAGING: Final = frozenset({"cursor", "offset"})
_TOPICS: Final = {
    "access": "callers", "paging": "paging", "limit": "rate limit", "cache": "caching", "page_size": "size of pages",
}  # fmt: skip
COMPARED: Final = 200
"""Characters of a text that is filtered or sorted by."""
_EVENTS: Final = {"create": "created", "update": "updated", "delete": "deleted"}


class Draft:
    """A blueprint in the making, as plain data."""

    def __init__(self, base: Blueprint | None) -> None:
        self._base = base
        dumped = base.model_dump(mode="json", exclude_defaults=True) if base is not None else {}
        self._data: Values = dumped or {"name": "design", "resources": {}}
        self._new: dict[str, None] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.assumptions: list[str] = []
        self._said: dict[tuple[str, str, str], set[tuple[Any, ...]]] = {}
        self._told: dict[str, None] = {}
        self._guessed: set[tuple[str, str]] = set()
        """Fields of which only the name is known so far."""

    def yaml(self) -> str:
        """As text for the reader; JSON is YAML."""
        return json.dumps(self._data)

    def add(self, sentence: Sentence) -> None:
        """Put an operation in.

        Raises:
            FeatureError: it contradicts itself, an earlier sentence or the project.
        """
        noun, parent = self._named(sentence.noun), self._named(sentence.parent)
        sentence = replace(sentence, noun=noun, parent=parent)
        self._agree(sentence)
        if parent:
            self._resource(parent)
        resource = self._resource(noun)
        if parent and self._linked(sentence):
            self.asked.append((sentence.verb, noun, parent))
            return
        if parent:
            self._nest(resource, noun, parent)
        operation: Values = resource["operations"].setdefault(sentence.verb, {})
        before = dict(operation)
        self._defaults(sentence, operation)
        if {clause.kind for clause in sentence.clauses} & _ACCESS:
            operation["access"] = []
        for clause in sentence.clauses:
            self._apply(sentence, resource, operation, clause)
        self._settle(sentence, operation)
        changed = sorted(key for key in operation if key in before and operation[key] != before[key])
        if changed:
            self._assume(f"{sentence.verb} {noun} is there already, and this changes its {', '.join(changed)}")
        self.asked.append((sentence.verb, noun, parent))

    def _named(self, name: str) -> str:
        """A resource by its name, or by the plural that its blueprint says."""
        resources = self._data["resources"]
        if not name or name in resources or self._base is None:
            return name
        plurals = {each.plural: key for key, each in self._base.resources.items()}
        return plurals.get(name) or plurals.get(plural_of(name)) or name

    def _agree(self, sentence: Sentence) -> None:
        """Refuse what was said of the same operation in another way: lists of one resource share their rules."""
        said: dict[str, list[tuple[Any, ...]]] = {}
        for clause in sentence.clauses:
            group = "access" if clause.kind in _ACCESS else "paging" if clause.kind in _PAGING else clause.kind
            if group in ("access", "paging", "limit", "cache", "page_size"):
                said.setdefault(group, []).append((clause.kind, *clause.names, clause.number, clause.seconds))
        for group, values in said.items():
            place = (sentence.noun, sentence.verb, group)
            if (group != "access" and len(set(values)) > 1) or self._said.get(place, set(values)) != set(values):
                raise FeatureError(f"two things are said about the {_TOPICS[group]} of {sentence.verb} {sentence.noun}")
            self._said[place] = set(values)

    def _linked(self, sentence: Sentence) -> bool:
        """Whether the rows are linked to the parent, many to many: then there is a list of them.

        Raises:
            FeatureError: they are linked the other way round, or are to be made within it.
        """
        resources = self._data["resources"]
        links = resources[sentence.parent].get("many_to_many", {}).values()
        if any(link["resource"] == sentence.noun for link in links):
            if sentence.verb != "list":
                raise FeatureError(
                    f"{sentence.noun} and {sentence.parent} are linked many to many: {sentence.verb} it alone"
                )
            if any(clause.kind != "newest" for clause in sentence.clauses):
                raise FeatureError(
                    f"the {sentence.noun} list of a {sentence.parent} is that of a link: it has pages and the rules of "
                    f"get {sentence.parent}, nothing else can be said of it"
                )
            return True
        others = resources[sentence.noun].get("many_to_many", {})
        found = next((name for name, link in others.items() if link["resource"] == sentence.parent), None)
        if found is not None:
            raise FeatureError(
                f"a {sentence.noun} has many {found}, listed from its side: list a {sentence.noun}'s {found}"
            )
        return False

    def _settle(self, sentence: Sentence, operation: Values) -> None:
        """What follows from the clauses together."""
        kinds = {clause.kind for clause in sentence.clauses}
        if sentence.verb == "list" and operation.get("sort"):
            if "cursor" in kinds:
                raise FeatureError(
                    f"list {sentence.noun}: a cursor walks newest first only; leave out page by cursor, or sort by"
                )
            operation["pagination"] = "offset"
        shared = operation.get("cache", {}).get("shared_max_age")
        if shared and operation.get("access") != ["public"]:
            operation["cache"] = {key: value for key, value in operation["cache"].items() if key != "shared_max_age"}
            self._assume(
                f"{sentence.verb} {sentence.noun} is not public any more: no CDN keeps it (it did for {shared} s)"
            )
        if sentence.many and sentence.verb in ("create", "update", "delete"):
            self._assume(f"{sentence.verb} {sentence.noun} is about one row: no operation here is about many at once")
        if sentence.parent and sentence.verb in ("get", "update", "delete"):
            self._assume(f"{sentence.verb} {sentence.noun} is not nested in {sentence.parent}: a row has one address")

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
                come = "comes" if len(missing) == 1 else "come"
                self._assume(f"{' and '.join(missing)} of {name} {come} along, so that there are rows to try it with")
        for name in self._told:
            resource = self._data["resources"][name]
            resource["events"] = [event for verb, event in _EVENTS.items() if verb in resource["operations"]]
            for relation in resource.get("belongs_to", {}).values():
                if "deleted" in resource["events"] and relation.get("on_delete") == "cascade":
                    relation["on_delete"] = "restrict"
                    self._assume(
                        f"a {relation['resource']} with a {name} stays: going along would tell nobody (events)"
                    )

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
        if plural_of(name) == name:
            resources[name]["plural"] = f"{name}_items"
            self._assume(f"{name} has no plural of its own: its rows are {name}_items")
        self._new[name] = None
        made: Values = resources[name]
        return made

    def _nest(self, resource: Values, noun: str, parent: str) -> None:
        relations = resource.setdefault("belongs_to", {})
        existing = next((name for name, each in relations.items() if each["resource"] == parent), None)
        if existing is None and parent == noun:
            relations["parent"] = {"resource": noun, "nested": True, "required": False}
            self._assume(f"each {noun} belongs to one other {noun}, called parent, or to none")
        elif existing is None:
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
            names = [name for name in clause.names if (kind, name) != ("sort", "created_at")]  # how lists come
            for name in names:
                self._field(sentence.noun, resource, name)
                if kind != "search":
                    self._compared(sentence.noun, resource["fields"].get(name), name)
            if names:
                listed = operation.get(kind, [])
                found = [name for name in dict.fromkeys(map(_related(resource), names)) if name not in listed]
                operation[kind] = [*listed, *found]
        elif kind == "embed":
            for name in clause.names:
                self._relation(resource, sentence.noun, name)
                if name not in operation.get("embed", []):
                    operation["embed"] = [*operation.get("embed", []), name]
        elif kind == "fields":
            for text in clause.names:
                self._declare(sentence.noun, resource, text)
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
                self._told[sentence.noun] = None
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

    def _declare(self, noun: str, resource: Values, text: str) -> None:
        """A field that is said to be there, or that is there as it is said."""
        name, spec, optional = declared(text)
        there = resource["fields"].get(name)
        if (noun, name) in self._guessed and spec is not None:
            self._guessed.discard((noun, name))
            self.assumptions = [told for told in self.assumptions if not told.startswith(f"{noun}.{name} is ")]
            there = None
        if there is None:
            resource["fields"][name] = (spec or guessed(name)) | ({"required": False} if optional else {})
            if noun not in self._new:
                self._assume(f"{noun} gets a field {name}")
        elif spec is not None and any(there.get(key) != value for key, value in spec.items()):
            raise FeatureError(
                f"{noun} has a field {name} already, of type {there['type']}: leave it out here, or change it in the "
                "blueprint"
            )

    def _relation(self, resource: Values, noun: str, name: str) -> None:
        if name in resource.get("belongs_to", {}):
            return
        if is_plural(name):
            raise FeatureError(
                f"a {noun} has many {name}: only what it belongs to comes along; say: list a {noun}'s {name}"
            )
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
        resource["fields"][name] = guessed(name)
        self._guessed.add((noun, name))
        self._assume(f"{noun}.{name} is a {resource['fields'][name]['type']}; say: fields {name} <type> or a|b|c")

    def _compared(self, noun: str, spec: Values | None, name: str) -> None:
        """Text without end is not indexed: what is filtered or sorted by has a length."""
        if spec is not None and spec["type"] == "text":
            spec |= {"type": "string", "max_length": min(spec.get("max_length", COMPARED), COMPARED)}
            self._assume(f"{noun}.{name} is compared, so it has at most {spec['max_length']} characters and an index")

    def _assume(self, text: str) -> None:
        if text not in self.assumptions:
            self.assumptions.append(text)


def _related(resource: Values) -> Any:
    """``author_id`` -> ``author``: blueprints name the relation."""
    relations = resource.get("belongs_to", {})
    return lambda name: name.removesuffix("_id") if name.removesuffix("_id") in relations else name
