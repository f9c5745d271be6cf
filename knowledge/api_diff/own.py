"""What the keywords of one schema object say by themselves, its references and compositions apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowledge.api_diff.admission import admits
from knowledge.api_diff.shape import Bound, Branch, text_of, type_of
from knowledge.api_diff.source import Place

OF_TYPE: Mapping[str, frozenset[str]] = {
    "string": frozenset("minLength maxLength pattern contentEncoding contentMediaType contentSchema".split()),
    "number": frozenset("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()),
    "array": frozenset(
        "items prefixItems additionalItems minItems maxItems uniqueItems contains minContains maxContains "
        "unevaluatedItems".split()
    ),
    "object": frozenset(
        "properties patternProperties additionalProperties required minProperties maxProperties propertyNames "
        "dependentRequired dependentSchemas dependencies unevaluatedProperties".split()
    ),
}
_TYPE_OF = {keyword: kind for kind, keywords in OF_TYPE.items() for keyword in keywords}
GENERIC = frozenset({"enum", "const", "not", "if", "then", "else", "type", "format"})
CONSTRAINTS = frozenset(_TYPE_OF) | GENERIC
NOTES = frozenset(
    "default deprecated readOnly writeOnly discriminator title x-sunset x-stability-level x-deprecated".split()
)
TYPES = frozenset("string number integer boolean object array null".split())
_NUMERIC = frozenset({"number", "integer"})
_ANY_TEXT = frozenset({"", ".*", "^.*$", "^", "$", "^.*", ".*$"})
_TWIN_FORMATS = {"byte": ("contentEncoding", "base64"), "binary": ("contentMediaType", "application/octet-stream")}


def own_branches(place: Place) -> list[Branch]:
    """The alternatives of one schema object by type, its compositions and references left out."""
    value: Mapping[str, Any] = place.value
    keywords = CONSTRAINTS.intersection(value)
    if not keywords:
        return [Branch("any", place)]
    kinds, stated = _kinds(value, keywords)
    values = _values(value, kinds if stated else None)
    if values is not None:
        return _enumerated(values, place, value)
    return [_branch(kind, place, value, implied=not stated and kind != "any") for kind in kinds]


def _kinds(value: Mapping[str, Any], keywords: frozenset[str]) -> tuple[list[str], bool]:
    written = value.get("type")
    if written == "file":  # of OpenAPI 2.0: a string of bytes
        return ["string"], True
    stated = written if isinstance(written, list) else [written]
    kinds = [kind for kind in dict.fromkeys(stated) if isinstance(kind, str) and kind in TYPES]
    if kinds:
        return [kind for kind in kinds if not (kind == "integer" and "number" in kinds)], True
    implied = {_TYPE_OF[keyword] for keyword in keywords if keyword in _TYPE_OF}
    return (list(implied) if len(implied) == 1 and not keywords & {"enum", "const"} else ["any"]), False


def _values(value: Mapping[str, Any], kinds: list[str] | None) -> dict[str, Any] | None:
    """The values of ``enum`` and ``const`` that are of the stated types."""
    found: dict[str, Any] | None = None
    if isinstance(value.get("enum"), list):
        found = {text_of(item): item for item in value["enum"]}
    if "const" in value:
        only = text_of(value["const"])
        found = {only: value["const"]} if found is None or only in found else {}
    if found is None or kinds is None:
        return found
    return {name: item for name, item in found.items() if fits(type_of(item), kinds)}


def fits(kind: str, kinds: list[str]) -> bool:
    """Whether a value of type ``kind`` is of one of ``kinds``."""
    return kind in kinds or (kind == "integer" and "number" in kinds) or "any" in kinds


def _enumerated(values: dict[str, Any], place: Place, value: Mapping[str, Any]) -> list[Branch]:
    nothing = text_of(None)
    made = []
    proper = {name: item for name, item in values.items() if name != nothing}
    if set(proper) == {"true", "false"}:
        made.append(_branch("boolean", place, value))
    elif proper:
        kinds = {type_of(item) for item in proper.values()}
        kind = kinds.pop() if len(kinds) == 1 else "number" if kinds == {"integer", "number"} else "enum"
        branch = _branch(kind, place, value)
        proper = {name: item for name, item in proper.items() if admits(branch, item)}
        kept = branch if branch.maps or branch.single or branch.prefix or branch.contains else Branch(kind, place)
        if proper:
            excluded, conditions = branch.excluded, branch.conditions
            made.append(replace(kept, kind="enum", values=proper, excluded=excluded, conditions=conditions))
    if nothing in values:
        made.append(Branch("null", place))
    return made


def _branch(kind: str, place: Place, value: Mapping[str, Any], implied: bool = False) -> Branch:
    branch = Branch(kind, place, implied)
    if kind in _NUMERIC or kind in ("any", "enum"):
        _numbers(branch, value)
    if kind in ("string", "any", "enum"):
        _text(branch, value)
    if kind in ("array", "any"):
        _array(branch, place, value)
    if kind in ("object", "any"):
        _object(branch, place, value)
    written = value.get("format")
    if isinstance(written, str) and kind in ("string", "number", "integer", "any", "enum"):
        keyword, item = _TWIN_FORMATS.get(written, ("format", written))
        branch.sets[keyword] = branch.sets.get(keyword, frozenset()) | {item}
    elif value.get("type") == "file":
        branch.sets["contentMediaType"] = frozenset({"application/octet-stream"})
    if "not" in value:
        branch.excluded = (place.child("not"),)
    if "if" in value and ("then" in value or "else" in value):
        branch.conditions = ((place.child("if"), _or_true(place, "then"), _or_true(place, "else")),)
    return branch


def _or_true(place: Place, key: str) -> Place:
    return place.child(key) if key in place.value else Place(True, place.pointer)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _least_and_most(branch: Branch, value: Mapping[str, Any], unit: str) -> None:
    least, most = _number(value.get(f"min{unit}")), _number(value.get(f"max{unit}"))
    if least:
        branch.least[unit] = least
    if most is not None:
        branch.most[unit] = most


def _numbers(branch: Branch, value: Mapping[str, Any]) -> None:
    whole = branch.kind == "integer"
    branch.minimum = _bound(value, "minimum", "exclusiveMinimum", 1, whole)
    branch.maximum = _bound(value, "maximum", "exclusiveMaximum", -1, whole)
    factor = _number(value.get("multipleOf"))
    if factor and not (whole and factor == 1):
        branch.sets["multipleOf"] = frozenset({factor})


def _bound(value: Mapping[str, Any], plain: str, exclusive: str, sign: int, whole: bool) -> Bound | None:
    """The tighter of both forms; Boolean exclusives are those of OpenAPI 2.0 and 3.0. Of whole numbers inclusive."""
    found: list[Bound] = []
    limit, other = _number(value.get(plain)), value.get(exclusive)
    if limit is not None:
        found.append((limit, other is True))
    outer = _number(other)
    if outer is not None:
        found.append((outer, True))
    if not found:
        return None
    bound = max(found, key=lambda item: (sign * item[0], item[1]))
    return whole_bound(bound, sign) if whole else bound


def whole_bound(bound: Bound, sign: int) -> Bound:
    """The inclusive limit of whole numbers that says the same; ``sign`` is 1 for a lower limit and -1 for an upper."""
    limit, exclusive = bound
    rounded = -(-sign * limit // 1) * sign if limit % 1 else limit
    return (rounded + sign if exclusive and rounded == limit else rounded), False


def _text(branch: Branch, value: Mapping[str, Any]) -> None:
    _least_and_most(branch, value, "Length")
    pattern = value.get("pattern")
    if isinstance(pattern, str) and pattern not in _ANY_TEXT:
        branch.sets["pattern"] = frozenset({pattern})
    for keyword in ("contentEncoding", "contentMediaType"):
        if isinstance(value.get(keyword), str):
            branch.sets[keyword] = frozenset({value[keyword]})
    _single(branch, branch.place, value, "contentSchema")


def _array(branch: Branch, place: Place, value: Mapping[str, Any]) -> None:
    _least_and_most(branch, value, "Items")
    branch.unique = value.get("uniqueItems") is True
    tuple_form = isinstance(value.get("items"), list)
    prefix = "items" if tuple_form else "prefixItems"
    branch.prefix = tuple(place.items(prefix))
    _single(branch, place, value, "additionalItems" if tuple_form else "items", "items")
    _single(branch, place, value, "unevaluatedItems")
    if "contains" in value:
        least, most = _number(value.get("minContains")), _number(value.get("maxContains"))
        bounds = (1 if least is None else least, float("inf") if most is None else most)
        if bounds != (0, float("inf")):
            branch.contains = ((place.child("contains"), *bounds),)


def _object(branch: Branch, place: Place, value: Mapping[str, Any]) -> None:
    _least_and_most(branch, value, "Properties")
    required = value.get("required")
    if isinstance(required, list):
        branch.required = frozenset(str(name) for name in required)
    for keyword in ("properties", "patternProperties", "dependentSchemas"):
        holder = value.get(keyword)
        if isinstance(holder, Mapping) and holder:
            above = place.child(keyword)
            branch.maps[keyword] = {str(name): above.child(name) for name in holder}
    for keyword in ("additionalProperties", "propertyNames", "unevaluatedProperties"):
        _single(branch, place, value, keyword)
    for keyword in ("dependentRequired", "dependencies"):
        holder = value.get(keyword)
        for name, needed in holder.items() if isinstance(holder, Mapping) else ():
            if isinstance(needed, list) and needed:
                branch.dependent[str(name)] = frozenset(map(str, needed))
            elif isinstance(needed, Mapping):
                branch.maps.setdefault("dependentSchemas", {})[str(name)] = place.child(keyword).child(name)


def _single(branch: Branch, place: Place, value: Mapping[str, Any], keyword: str, name: str = "") -> None:
    found = value.get(keyword)
    if found is False or (isinstance(found, Mapping) and found):
        branch.single[name or keyword] = place.child(keyword)
