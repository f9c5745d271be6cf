"""Types and extensions that the text uses and does not create."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knowledge.ddl import enum_name, strings
from knowledge.synthesis.guesses import literal
from knowledge.synthesis.world import World
from knowledge.type_names import INTERNAL, SERIAL

BUILT_IN = frozenset(
    """
    aclitem bit bool boolean box bpchar bytea char cid cidr circle date datemultirange daterange float4 float8
    inet int int2 int2vector int4 int4multirange int4range int8 int8multirange int8range interval json jsonb
    jsonpath line lseg macaddr macaddr8 money name numeric nummultirange numrange oid oidvector path pg_lsn
    pg_snapshot point polygon record refcursor regclass regcollation regconfig regdictionary regnamespace regoper
    regoperator regproc regprocedure regrole regtype text tid time timestamp timestamptz timetz trigger tsmultirange
    tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot uuid varbit varchar void xid xid8 xml
    anyelement anyarray decimal real
    """.split()
) | frozenset((*INTERNAL, *SERIAL))

EXTENSION_TYPES = {
    "citext": "citext",
    "hstore": "hstore",
    "ltree": "ltree",
    "lquery": "ltree",
    "vector": "vector",
    "halfvec": "vector",
    "sparsevec": "vector",
    "cube": "cube",
    "earth": "earthdistance",
    "isbn": "isn",
}
EXTENSION_FUNCTIONS = {
    "uuid_generate_v4": "uuid-ossp",
    "uuid_generate_v1": "uuid-ossp",
    "uuid_generate_v1mc": "uuid-ossp",
    "uuid_generate_v5": "uuid-ossp",
    "crypt": "pgcrypto",
    "gen_salt": "pgcrypto",
    "digest": "pgcrypto",
    "hmac": "pgcrypto",
    "gen_random_bytes": "pgcrypto",
    "similarity": "pg_trgm",
    "word_similarity": "pg_trgm",
    "unaccent": "unaccent",
    "levenshtein": "fuzzystrmatch",
    "soundex": "fuzzystrmatch",
}


def need_type(world: World, node: Any, attached: Iterable[Any]) -> None:
    """Assume the type of a column, if neither PostgreSQL nor the script has it.

    A type whose default is a quoted literal is taken for an enum with that label; any other for text.

    Args:
        world: what is known so far.
        node: the TypeName.
        attached: the column's constraints, whose DEFAULT may show a label.
    """
    parts = strings(node.names)
    if not parts or parts[0] == "pg_catalog" or parts[-1] in BUILT_IN or parts[-1] in world.types:
        return
    if parts[-1] in EXTENSION_TYPES:
        world.extensions.setdefault(EXTENSION_TYPES[parts[-1]])
        return
    if len(parts) > 1:
        world.need_schema(parts[-2])
    name = ".".join(parts[-2:])
    defaults = [item for item in attached if enum_name(item, "contype") == "CONSTR_DEFAULT"]
    label = next((text for item in defaults if (text := literal(item.raw_expr)) is not None), None)
    if label is not None:
        world.domains.pop(name, None)
        world.enums.setdefault(name, {}).setdefault(label)
    elif name not in world.enums and not any(known.endswith(f".{name}") for known in world.builder.tables):
        world.domains.setdefault(name)


def need_extensions(world: World, names: Iterable[str]) -> None:
    """Assume the extensions whose functions are called."""
    for name in names:
        if name in EXTENSION_FUNCTIONS and name not in world.functions:
            world.extensions.setdefault(EXTENSION_FUNCTIONS[name])
