"""Path templates taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.api.context import ApiContext
from knowledge.api.walk import METHODS
from knowledge.blueprint.plurals import plural_of
from knowledge.rules.api._name_parts import words

_PARAMETER = re.compile(r"\{[+#./;?&]?([^{}]*?)[*+]?\}")
_VERSION = re.compile(r"v[0-9]+([._-]?[0-9]+)*((alpha|beta)[0-9]*)?\Z", re.IGNORECASE)
_PLURALS = frozenset(
    "criteria data feet geese media men mice people children phenomena teeth women alumni staff".split()
)


def segments(template: str) -> list[str]:
    """What stands between the slashes, without empty ones."""
    return [part for part in template.partition("?")[0].split("/") if part]


def names(template: str) -> list[str]:
    """The template variables, in their order; operators of RFC 6570 are not part of a name."""
    return _PARAMETER.findall(template)


def is_variable(segment: str) -> bool:
    """Whether a segment is one variable and nothing else."""
    return segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1


def is_literal(segment: str) -> bool:
    """Whether a segment holds no variable."""
    return "{" not in segment


def noun(segment: str) -> str:
    """A literal segment without the custom verb after a colon (AIP-136)."""
    return segment.partition(":")[0]


def is_version(segment: str) -> bool:
    """Whether a segment is a version: ``v1``, ``v2.1``, ``v1beta1``."""
    return _VERSION.match(segment) is not None


def normalised(template: str) -> str:
    """The template with every variable's name taken out: equal ones are the same path to OpenAPI."""
    return _PARAMETER.sub("{}", template)


def looks_plural(segment: str) -> bool:
    """Whether the last word of a segment may be a plural; words that end in s are given the benefit of the doubt."""
    found = words(noun(segment))
    word = found[-1] if found else ""
    return word in _PLURALS or plural_of(word) == word or (word.endswith("s") and not word.endswith("ss"))


def methods(item: Mapping[str, object]) -> list[str]:
    """The methods of a path item, in the order of the document."""
    return [key for key in item if key in METHODS]


def collections(context: ApiContext) -> frozenset[str]:
    """The paths (variables nameless) below which another path has one variable more: ``/orders`` of ``/orders/{id}``.

    Only where that item can be read, changed or deleted, and is no path of its own (``/proxy/{path}``).
    """

    def find() -> frozenset[str]:
        found = context.root.get("paths")
        items = found.items() if isinstance(found, Mapping) else ()
        return frozenset(
            normalised(template).rpartition("/")[0]
            for template, item in items
            if is_variable(template.rpartition("/")[2])
            and words(template.rpartition("/")[2])[-1:] not in (["path"], ["proxy"])
            and isinstance(item, Mapping)
            and any(method in item for method in ("get", "put", "patch", "delete"))
        )

    return context.memo("collections", find)
