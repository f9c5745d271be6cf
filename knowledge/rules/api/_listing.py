"""Lists among the operations, and the parameters that page through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import Node
from knowledge.rules.api._answers import answers, json_schema, parameters, succeeds
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own, said, type_names
from knowledge.rules.api._templates import collections, is_literal, looks_plural, normalised, segments

SIZES = frozenset(
    "limit page_size per_page size max_results max_items page_limit top first take results_per_page items_per_page "
    "max_page_size rows num_results".split()
)
PAGES = frozenset("page offset skip page_number page_no page_offset page_index start_index start_at page_num".split())
CURSORS = frozenset(
    "cursor page_token next_token continuation_token continuation starting_after ending_before after before since_id "
    "max_id min_id marker page_after page_before page_cursor next_cursor scroll_id start_cursor start_key "
    "exclusive_start_key next_page next_page_token bookmark skip_token last_id from_id".split()
)
OTHERS = frozenset("count start from to last num since until range next".split())
"""Names that page in some APIs, and mean other things elsewhere: enough to keep quiet, not to judge by."""

MEMBERS = frozenset("data items results records entries values value rows list elements content objects edges".split())


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that an operation answers."""

    member: str
    """The property that holds the rows; empty where the answer is the bare array."""
    array: Mapping[str, Any]
    headers: Mapping[str, Any]


def paging(operation: Node, context: ApiContext) -> dict[str, Mapping[str, Any]]:
    """The query parameters that page, by their names in snake case."""
    found = {
        in_snake_case(str(value.get("name"))): value
        for value in parameters(operation, context)
        if value.get("in") == "query"
    }
    return {name: value for name, value in found.items() if name in SIZES | PAGES | CURSORS}


def in_snake_case(name: str) -> str:
    """``pageSize``, ``page-size``, ``page[size]`` and ``$top`` as ``page_size`` and ``top``."""
    return "_".join(words(name))


def may_page(operation: Node, context: ApiContext) -> bool:
    """Whether some parameter may page, even if by a name of many meanings; or the Range header does."""
    for value in parameters(operation, context):
        name = in_snake_case(str(value.get("name")))
        if value.get("in") == "header" and name == "range":
            return True
        if value.get("in") == "query" and name in SIZES | PAGES | CURSORS | OTHERS:
            return True
    return False


def listing(operation: Node, context: ApiContext) -> Listing | None:
    """The list that a GET on a collection answers with; ``None`` where it answers none, or that is not clear."""
    if operation.method != "get" or not own(operation):
        return None
    parts = segments(operation.path)
    if not parts or not is_literal(parts[-1]):
        return None
    if normalised(operation.path) not in collections(context) and not looks_plural(parts[-1]):
        return None
    for answer in answers(operation, context):
        if not succeeds(answer.status):
            continue
        resolved = context.resolve(json_schema(answer.content))
        schema = said(resolved, context) if isinstance(resolved, Mapping) else {}
        if type_names(schema) == {"array"}:
            return Listing("", schema, answer.headers) if _of_objects(schema, context) else None
        member = rows(schema, parts[-1], context)
        if member:
            array = said(schema["properties"][member], context)
            return Listing(member, array, answer.headers) if _of_objects(array, context) else None
    return None


def rows(schema: Mapping[str, Any], segment: str, context: ApiContext) -> str:
    """The property of an object that holds the rows; empty where none is plainly that."""
    found = schema.get("properties")
    properties = found if isinstance(found, Mapping) else {}
    arrays = [name for name, value in properties.items() if type_names(_said(value, context)) == {"array"}]
    if len(arrays) != 1:
        return ""
    name = in_snake_case(arrays[0])
    return arrays[0] if name in MEMBERS or name == in_snake_case(segment) else ""


def _said(value: Any, context: ApiContext) -> Mapping[str, Any]:
    return said(value, context) if isinstance(value, Mapping) else {}


def _of_objects(array: Mapping[str, Any], context: ApiContext) -> bool:
    items = context.resolve(array.get("items"))
    if not isinstance(items, Mapping):
        return False
    whole = said(items, context)
    return "object" in type_names(whole) or "properties" in whole or any(key in whole for key in ("anyOf", "oneOf"))
