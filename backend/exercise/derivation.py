"""Resources from paths: ``/posts`` and ``/posts/{post_id}`` are one, ``/users/{user_id}/posts`` is a view of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend.exercise.contract import Contract, Link, Nested, Operation, Resource
from backend.exercise.schemas import Schema, Schemas

PARAMETER = re.compile(r"^\{([^{}]+)\}$")
ROW_KEYS = ("data", "items", "results", "rows", "records")
"""Where lists that are not bare keep their rows."""


def resources(contract: Contract) -> tuple[Resource, ...]:
    """All resources of a contract; those that others refer to come first, as far as there is no circle."""
    paths = {operation.path: None for operation in contract.operations}
    items = {path.rpartition("/")[0]: path for path in paths if _is_item(path)}
    collections = [*dict.fromkeys([*items, *(path for path in paths if _is_collection(contract, path))])]
    own = [path for path in collections if not _view_of(path, collections)]
    views = [path for path in collections if path not in own]
    names: dict[str, str] = {}
    for path in own:
        names[path] = _unused(_name(path, items.get(path, "")), names.values())
    found = {names[path]: _resource(contract, path, items.get(path, ""), names) for path in own}
    for path in views:
        _add_view(contract, found, path, items.get(path, ""))
    known = {name: name for name in found}
    complete = [
        replace(resource, references=references(contract.schemas, resource.create, known))
        for resource in found.values()
    ]
    return tuple(_ordered(complete))


def references(schemas: Schemas, create: Operation | None, known: Mapping[str, str]) -> dict[str, str]:
    """Body fields of ``create`` whose name says that they hold the id of a known resource."""
    if create is None or create.body is None:
        return {}
    found = {}
    for field in properties(schemas, create.body):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field).lower()
        name = words.removesuffix("_id")
        if name != words and name in known:
            found[field] = known[name]
    return found


def properties(schemas: Schemas, schema: Schema) -> dict[str, Schema]:
    """The fields that an object schema names, those of its ``allOf`` and alternatives included."""
    whole = schemas.resolve(schema)
    found: dict[str, Schema] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        for part in whole.get(key, []):
            found.update(properties(schemas, part))
    found.update(whole.get("properties", {}))
    return found


def singular(word: str) -> str:
    """The singular of an English plural, by its ending."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ses", "se")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + instead
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 2 else word


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _is_item(path: str) -> bool:
    last = _segments(path)[-2:]
    return len(last) == 2 and PARAMETER.match(last[1]) is not None and PARAMETER.match(last[0]) is None


def _is_collection(contract: Contract, path: str) -> bool:
    if PARAMETER.match(_segments(path)[-1]):
        return False
    listing = contract.operation("GET", path)
    promise = listing.promise(200) if listing else None
    return (
        promise is not None and promise.schema is not None and rows_schema(contract.schemas, promise.schema) is not None
    )


def rows_schema(schemas: Schemas, schema: Schema) -> Schema | None:
    """The schema of one row of a list's answer; ``None`` where the answer is no list."""
    whole = schemas.resolve(schema)
    fields = properties(schemas, whole)
    for candidate in (whole, *(fields[key] for key in ROW_KEYS if key in fields)):
        array = schemas.resolve(candidate)
        if array.get("type") == "array" and isinstance(array.get("items"), Mapping):
            return array["items"]  # type: ignore[no-any-return]
    return None


def _view_of(path: str, collections: Iterable[str]) -> bool:
    """Whether another collection with the same last word needs fewer parameters."""
    last, depth = _segments(path)[-1], path.count("{")
    return depth > 0 and any(_segments(each)[-1] == last and each.count("{") < depth for each in collections)


def _name(path: str, item: str) -> str:
    word = re.sub(r"\W", "_", _segments(path)[-1]).lower()
    parameter = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", _segments(item)[-1].strip("{}")).lower() if item else ""
    for ending in ("_id", "_uuid", "_slug", "_key"):
        if parameter.endswith(ending) and parameter.removesuffix(ending)[:2] == word[:2]:
            return parameter.removesuffix(ending)
    return singular(word)


def _unused(name: str, used: Iterable[str]) -> str:
    taken = set(used)
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 1000) if f"{name}_{n}" not in taken)


def _resource(contract: Contract, path: str, item: str, names: Mapping[str, str]) -> Resource:
    within = path.rpartition("/")[0] if "{" in path else ""
    return Resource(
        name=names[path],
        collection=path,
        item=item,
        id_parameter=_segments(item)[-1].strip("{}") if item else "",
        parent=names.get(within.rpartition("/")[0], "") if within.endswith("}") else "",
        list=contract.operation("GET", path),
        create=contract.operation("POST", path),
        get=contract.operation("GET", item),
        update=contract.operation("PATCH", item) or contract.operation("PUT", item),
        delete=contract.operation("DELETE", item),
    )


def _add_view(contract: Contract, found: dict[str, Resource], path: str, item: str) -> None:
    """Note a nested list with its resource, or a many-to-many relation with the resource it starts from."""
    prefix = path.rpartition("/")[0]
    parent = next((each for each in found.values() if each.item == prefix), None)
    same = [each for each in found.values() if _segments(each.collection)[-1] == _segments(path)[-1]]
    if parent is None or not same:
        return
    child, parameter = same[0], _segments(prefix)[-1].strip("{}")
    put = contract.operation("PUT", item) if item else None
    if put is not None and put.body is None:
        link = Link(
            other=child.name,
            path=path,
            parameter=parameter,
            other_parameter=_segments(item)[-1].strip("{}"),
            list=contract.operation("GET", path),
            link=put,
            unlink=contract.operation("DELETE", item),
        )
        found[parent.name] = replace(parent, links=(*parent.links, link))
        return
    nested = Nested(parent.name, path, parameter, contract.operation("GET", path), contract.operation("POST", path))
    found[child.name] = replace(child, nested=(*child.nested, nested))


def _ordered(found: list[Resource]) -> list[Resource]:
    """Depth first along references and parents; a circle is cut where it closes."""
    by_name = {resource.name: resource for resource in found}
    done: dict[str, Resource] = {}
    under_way: set[str] = set()

    def visit(resource: Resource) -> None:
        if resource.name in done or resource.name in under_way:
            return
        under_way.add(resource.name)
        for name in (resource.parent, *resource.references.values()):
            if name in by_name:
                visit(by_name[name])
        done[resource.name] = resource

    for resource in found:
        visit(resource)
    return list(done.values())
