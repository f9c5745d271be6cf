"""Random valid blueprints: every feature, names that are SQL keywords, texts that break careless templates.

Blueprints are drawn freely and then pruned: whatever a check complains of is taken out until none does.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st

from knowledge.blueprint.checks import check_blueprint
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.problems import Path
from knowledge.blueprint.reader import named

DRAWN = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
"""For tests that draw blueprints: to make a failing one smaller takes minutes, to read it does not."""
RESOURCE_NAMES = (
    "order user group select check primary grant window offset limit union join where constraint default collate "
    "product invoice category address box city person stock_level audit_log match case k9_unit "
    "a_resource_name_of_forty_characters_long"
).split()
FIELD_NAMES = (
    "order group select user where check desc key primary references to when then end start default limit cursor "
    "type match case index count table column label total rank state hash name title note value_2 row "
    "a_field_name_that_has_forty_characters_x"
).split()
RELATION_NAMES = "parent author origin source target in_reply_to successor primary_group".split()
LINK_NAMES = "tags members watchers related_items labels".split()
ROLES = ("role:staff", "role:manager", "role:auditor-2")
NASTY_TEXTS = (
    "It says \"hello\" and 'bye'.",
    'Three quotes: """ and a backslash \\',
    "{{ braces }} {% raw %} {# comment #} ${shell} %s %(name)s",
    "Two\nlines, \ttabbed.",
    "Größe in € 😀, 日本語",
    "'; DROP TABLE users; --",
    "<script>alert(1)</script> & co: *anchor",
    "no",
    "1e5",
    "# not a comment",
    'ends with a quote"',
)


def descriptions() -> st.SearchStrategy[str]:
    """Mostly empty."""
    return st.sampled_from(["", "", "", "", "Plain words.", *NASTY_TEXTS])


def enum_values() -> st.SearchStrategy[list[str]]:
    """Values that are hard to make identifiers of."""
    fixed = [
        "draft",
        "in-progress",
        "Done",
        "done",
        "1st",
        "a b",
        "class",
        "None",
        "it's",
        'say "x"',
        "é",
        "yes",
        "x" * 63,
    ]
    return st.lists(st.sampled_from(fixed), min_size=1, max_size=5, unique=True)


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    """A field with options of its type."""
    kind = draw(st.sampled_from("string text integer decimal boolean datetime date uuid enum json".split()))
    spec: dict[str, Any] = {"type": kind, "description": draw(descriptions())}
    spec["required"] = draw(st.booleans())
    spec.update(draw(_SIZES[kind]))
    if kind not in ("text", "json", "boolean", "enum") and draw(st.integers(0, 3)) == 0:
        spec["unique"] = True
    elif draw(st.booleans()):
        spec["default"] = draw(_defaults(spec))
    spec[draw(st.sampled_from(["immutable", "write_only", "read_only", *["required"] * 5]))] = True
    return spec


def _decimals() -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.fixed_dictionaries({"precision": st.integers(4, 15), "scale": st.integers(0, 3)})
    return st.tuples(bounds, st.sampled_from([{}, {"minimum": 0}, {"maximum": 5}, {"minimum": -3, "maximum": 9}])).map(
        lambda pair: {**pair[0], **pair[1]}
    )


def _strings() -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(
        [
            {},
            {"max_length": 40},
            {"min_length": 1},
            {"min_length": 3, "max_length": 3},
            {"min_length": 0, "max_length": 2000},
            {"format": "email"},
            {"format": "url"},
            {"format": "slug", "max_length": 60},
        ]
    )


_SIZES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "string": _strings(),
    "text": st.sampled_from([{}, {"min_length": 2}, {"max_length": 100_000}]),
    "integer": st.sampled_from(
        [
            {},
            {"minimum": 0},
            {"maximum": 10},
            {"minimum": -5, "maximum": 5},
            {"minimum": -(2**53 - 1), "maximum": 2**53 - 1},
        ]
    ),
    "decimal": _decimals(),
    "enum": enum_values().map(lambda values: {"values": values}),
    "boolean": st.just({}),
    "datetime": st.just({}),
    "date": st.just({}),
    "uuid": st.just({}),
    "json": st.just({}),
}


def _defaults(spec: dict[str, Any]) -> st.SearchStrategy[Any]:
    formats = {"email": "info@example.org", "url": "https://example.org/a", "slug": "first-post"}
    lengths = spec.get("min_length", 0), spec.get("max_length", 40)
    text = formats.get(spec.get("format", ""))
    fitting: dict[str, st.SearchStrategy[Any]] = {
        "string": st.just(text)
        if text
        else st.sampled_from(["yes", 'a"b', "null"]).map(lambda word: word[: lengths[1]]),
        "text": st.sampled_from(NASTY_TEXTS),
        "integer": st.integers(-5, 10),
        "decimal": st.sampled_from(["0", "1.5", 2, "3.25"]),
        "boolean": st.booleans(),
        "datetime": st.just("2030-01-31T12:00:00Z"),
        "date": st.just("2030-01-31"),
        "uuid": st.just("0190163d-8694-739b-aea5-966c26f8ad91"),
        "enum": st.sampled_from(spec.get("values", ["none"])),
        "json": st.sampled_from([[], {}, {"a": [1, 2.5, None, True, "x"]}, "text", 7, False]),
    }
    return fitting[spec["type"]]


@st.composite
def _access(draw: st.DrawFn, *, scheme: str, tenant: bool, owned: bool) -> list[str]:
    if scheme == "none":
        return ["public"]
    wide = ["authenticated", "tenant"] if tenant else ["public", "public", "authenticated"]
    if draw(st.booleans()):
        return [draw(st.sampled_from(wide))]
    narrow = st.sampled_from([*ROLES, *(["owner"] * 3 if owned else [])])
    return draw(st.lists(narrow, min_size=1, max_size=3, unique=True))


def _caches() -> st.SearchStrategy[dict[str, int]]:
    return st.sampled_from(
        [
            {},
            {"server": 30},
            {"max_age": 5},
            {"shared_max_age": 60, "stale_while_revalidate": 10},
            {"server": 5, "max_age": 5, "shared_max_age": 60},
        ]
    )


@st.composite
def _operations(draw: st.DrawFn, resource: dict[str, Any], scheme: str) -> dict[str, Any]:
    """All operations mostly, so that there is something to do."""
    all_of_them = ["list", "get", "create", "update", "delete"]
    names = (
        all_of_them
        if draw(st.integers(0, 2))
        else draw(st.lists(st.sampled_from(all_of_them), min_size=1, unique=True))
    )
    access = _access(scheme=scheme, tenant=resource.get("tenant", False), owned="owner" in resource)
    offered: dict[str, Any] = {name: {"access": draw(access)} for name in names}
    for operation in offered.values():
        if draw(st.integers(0, 3)) == 0:
            operation["rate_limit"] = {"requests": draw(st.integers(1, 1000)), "seconds": draw(st.integers(1, 3600))}
    for name in ("list", "get"):
        if name in offered:
            offered[name]["cache"] = draw(_caches())
    if "create" in offered:
        offered["create"]["idempotency"] = draw(st.sampled_from(["none", "optional", "required"]))
    if "list" in offered:
        columns, relations = list(resource["fields"]), list(resource["belongs_to"])
        if relations and scheme == "jwt" and draw(st.booleans()):
            offered["list"]["access"] = list(draw(st.sampled_from([ROLES[:1], ("tenant",), ("authenticated",)])))
        some = st.lists(st.sampled_from(columns), max_size=4, unique=True)
        offered["list"] |= {
            "pagination": draw(st.sampled_from(["offset", "cursor"])),
            "filter": draw(st.lists(st.sampled_from([*columns, *relations]), max_size=4, unique=True)),
            "search": draw(some),
            "embed": draw(st.lists(st.sampled_from(relations), unique=True)) if relations else [],
            "default_limit": draw(st.integers(1, 20)),
            "max_limit": draw(st.integers(20, 200)),
        }
        if offered["list"]["pagination"] == "offset":
            offered["list"]["sort"] = draw(some)
    return offered


@st.composite
def _resource(
    draw: st.DrawFn, name: str, earlier: list[str], callers: str, scheme: str, tenants: bool
) -> dict[str, Any]:
    columns = draw(st.lists(st.sampled_from(FIELD_NAMES), min_size=1, max_size=6, unique=True))
    resource: dict[str, Any] = {
        "description": draw(descriptions()),
        "fields": {column: draw(fields()) for column in columns},
        "belongs_to": {},
        "many_to_many": {},
        "tenant": tenants and draw(st.integers(0, 4)) > 0,
        "soft_delete": draw(st.booleans()),
        "optimistic_locking": draw(st.booleans()),
        "events": draw(st.lists(st.sampled_from(["created", "updated", "deleted"]), unique=True)),
    }
    relations = draw(st.lists(st.sampled_from([*RELATION_NAMES, *earlier]), max_size=3, unique=True)) if earlier else []
    for relation in relations:
        target = relation if relation in earlier else draw(st.sampled_from([*earlier, name]))
        required = target != name and draw(st.booleans())
        resource["belongs_to"][relation] = {
            "resource": target,
            "required": required,
            "on_delete": draw(
                st.sampled_from(["restrict", "cascade"] if required else ["restrict", "cascade", "set_null"])
            ),
            "nested": draw(st.booleans()),
            "immutable": draw(st.booleans()),
            "description": draw(descriptions()),
        }
    for link in draw(st.lists(st.sampled_from(LINK_NAMES), max_size=2, unique=True)) if earlier else []:
        resource["many_to_many"][link] = {"resource": draw(st.sampled_from(earlier))}
    groups = st.lists(st.sampled_from([*columns, *relations]), min_size=2, max_size=3, unique=True)
    resource["unique"] = draw(st.lists(groups, max_size=2)) if len(columns) + len(relations) > 1 else []
    if scheme == "jwt" and draw(st.booleans()):
        resource["owner"] = "owner_id" if earlier else draw(st.sampled_from(["owner_id", "self", "self"]))
        if callers and draw(st.integers(0, 3)):
            resource["owner"] = "author"
            resource["belongs_to"]["author"] = {"resource": callers, "nested": draw(st.booleans())}
            resource["tenant"] = tenants
    resource["operations"] = draw(_operations(resource, scheme))
    return resource


@st.composite
def blueprints(draw: st.DrawFn, *, max_resources: int = 4) -> Blueprint:
    """A valid blueprint of one to four resources."""
    scheme = draw(st.sampled_from(["jwt", "jwt", "jwt", "jwt", "none"]))
    tenants = scheme == "jwt" and draw(st.booleans())
    names = draw(st.lists(st.sampled_from(RESOURCE_NAMES), min_size=1, max_size=max_resources, unique=True))
    resources: dict[str, Any] = {}
    for name in names:
        callers = names[0] if resources.get(names[0], {}).get("owner") == "self" else ""
        resources[name] = draw(_resource(name, list(resources), callers, scheme, tenants))
    data: dict[str, Any] = {
        "name": draw(st.sampled_from(["shop", "my-backend", "order_service", "a1"])),
        "description": draw(descriptions()),
        "api_version": draw(st.integers(1, 3)),
        "auth": {"scheme": scheme},
        "rate_limit": {"requests": draw(st.integers(1, 1000)), "seconds": 60},
        "resources": resources,
    }
    return _pruned(data)


def _pruned(data: dict[str, Any]) -> Blueprint:
    """The blueprint without what the checks complain of."""
    for _ in range(40):
        resources = data["resources"].values()
        if not resources or not all(resource.get("fields") and resource.get("operations") for resource in resources):
            break
        blueprint = named(Blueprint.model_validate_json(json.dumps(data)))
        problems = check_blueprint(blueprint)
        if not problems:
            return blueprint
        for path in {problem.path[1]: problem.path for problem in problems}.values():
            _delete(data, path)
    assume(False)
    raise AssertionError


def _delete(data: Any, path: Path) -> None:
    """Take out what stands at a path, or the deepest part of the path that exists and can be missing."""
    inmost = [data]
    for part in path:
        if not _holds(inmost[-1], part):
            break
        inmost.append(inmost[-1][int(part)] if isinstance(inmost[-1], list) else inmost[-1][part])
    depth = len(inmost) - 2
    while path[depth] in ("resource", "type"):
        depth -= 1
    holder, part = inmost[depth], path[depth]
    del holder[int(part) if isinstance(holder, list) else part]


def _holds(value: Any, part: str) -> bool:
    if isinstance(value, list):
        return part.isdigit() and int(part) < len(value)
    return isinstance(value, dict) and part in value
