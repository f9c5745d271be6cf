"""What type a column has that nobody declared: from how it is used, else from its name."""

from __future__ import annotations

import re
from typing import Any

from knowledge.type_names import type_text

_WORDS = {
    "uuid": "uuid guid",
    "date": "date birthday dob day",
    "integer": "count quantity qty position order rank age year size version attempts retries level score rating views"
    " n num number",
    "numeric": "price amount total balance cost rate tax discount salary percent weight fee",
    "jsonb": "json jsonb metadata meta settings payload data options config attributes preferences extra",
    "double precision": "lat lng lon latitude longitude",
    "inet": "ip ip_address",
    "tsvector": "tsv tsvector search_vector",
    "vector(3)": "embedding",
    "boolean": "active enabled disabled archived verified hidden flag deleted",
    "timestamp with time zone": "at on time timestamp until since ts created updated expires published",
}
"""Last words of column names, and the type they go with."""

_BY_LAST_WORD = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_QUESTION = re.compile(r"(is|has|can|should|was|allows?|uses?)_")
_WHOLE = {"tags": "text[]", "search_vector": "tsvector", "ip_address": "inet", "on": "boolean"}

CHANGED_FROM = {
    "smallint": "smallint",
    "integer": "smallint",
    "bigint": "integer",
    "numeric": "integer",
    "real": "integer",
    "double precision": "real",
    "text": "character varying(50)",
    "citext": "text",
    "timestamp with time zone": "timestamp without time zone",
    "timestamp without time zone": "timestamp with time zone",
    "date": "timestamp with time zone",
    "jsonb": "json",
    "json": "jsonb",
    "character varying": "character varying(50)",
}
"""The type a column is taken to have before ``ALTER TYPE`` gives it another one without USING."""

_TEXT_FUNCTIONS = frozenset(
    "lower upper trim btrim ltrim rtrim length char_length octet_length md5 concat substring split_part initcap"
    " regexp_replace regexp_match replace left right to_tsvector unaccent similarity strpos position".split()
)
_ARGUMENTS = {
    **dict.fromkeys(_TEXT_FUNCTIONS, "text"),
    "date_trunc": "timestamp with time zone",
    "age": "timestamp with time zone",
    "sum": "numeric",
    "avg": "numeric",
    "jsonb_array_length": "jsonb",
    "jsonb_array_elements": "jsonb",
    "jsonb_typeof": "jsonb",
    "jsonb_set": "jsonb",
    "array_length": "text[]",
    "cardinality": "text[]",
    "unnest": "text[]",
}
_OPERATORS = {
    "~": "text",
    "~*": "text",
    "!~": "text",
    "!~*": "text",
    "~~": "text",
    "~~*": "text",
    "||": "text",
    "->": "jsonb",
    "->>": "jsonb",
    "#>": "jsonb",
    "#>>": "jsonb",
    "?": "jsonb",
    "@@": "tsvector",
    "<->": "vector(3)",
    "<=>": "vector(3)",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_MOMENTS = frozenset({"now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp"})


def type_by_name(name: str) -> str:
    """The type a column of this name most likely has; text where the name says nothing."""
    lowered = name.lower()
    if lowered in _WHOLE:
        return _WHOLE[lowered]
    if lowered == "id" or lowered.endswith("_id"):
        return "bigint"
    if _QUESTION.match(lowered):
        return "boolean"
    return _BY_LAST_WORD.get(lowered.rpartition("_")[2], "text")


def type_of_argument(function: str) -> str:
    """The type a function's column argument must have, or ``""``."""
    return _ARGUMENTS.get(function, "")


def type_of_operand(operator: str) -> str:
    """The type an operator's column operand must have, or ``""``."""
    return _OPERATORS.get(operator, "")


def type_of_value(node: Any) -> str:
    """The type of a literal, a cast or a well-known function call; ``""`` where it is not evident.

    A quoted literal that is neither a date nor a UUID says ``text``.
    """
    which = node.WhichOneof("node")
    if which == "a_const":
        return _type_of_constant(node.a_const)
    if which == "type_cast":
        return type_text(node.type_cast.type_name)
    if which == "func_call":
        name = node.func_call.funcname[-1].string.sval
        if name in _MOMENTS:
            return "timestamp with time zone"
        return "uuid" if name in ("gen_random_uuid", "uuid_generate_v4", "uuidv7", "uuidv4") else ""
    if which == "sqlvalue_function":
        return "date" if "date" in str(node.sqlvalue_function).lower() else "timestamp with time zone"
    if which == "a_array_expr":
        elements = [type_of_value(item) for item in node.a_array_expr.elements]
        return f"{elements[0]}[]" if elements and elements[0] else "text[]"
    if which == "a_expr" and len(node.a_expr.name) == 1 and node.a_expr.name[0].string.sval in "+-":
        return type_of_value(node.a_expr.lexpr) or type_of_value(node.a_expr.rexpr)
    return ""


def _type_of_constant(constant: Any) -> str:
    if constant.isnull:
        return ""
    which = constant.WhichOneof("val")
    if which == "sval":
        value = constant.sval.sval
        if _UUID.match(value):
            return "uuid"
        if _DATE.match(value):
            return "date"
        return "timestamp with time zone" if _MOMENT.match(value) else "text"
    return {"ival": "integer", "fval": "numeric", "boolval": "boolean", "bsval": "bit(1)"}.get(which or "", "")


def literal(node: Any) -> str | None:
    """The text of a quoted literal (casts passed through), or ``None``."""
    which = node.WhichOneof("node")
    if which == "type_cast":
        return literal(node.type_cast.arg)
    if which == "a_const" and node.a_const.WhichOneof("val") == "sval":
        return str(node.a_const.sval.sval)
    return None
