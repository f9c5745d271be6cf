"""Which functions a query may call while somebody's database executes it.

PostgreSQL's own functions are harmless unless volatile (their effects or answers then differ from call to
call), with the exceptions listed here. What is on no list is refused.
"""

from __future__ import annotations

import re

HARMLESS_VOLATILE = frozenset(
    """
    random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday pg_is_in_recovery
    pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size pg_database_size
    bernoulli system uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt
    """.split()
)
"""Volatile because their answers differ; they change nothing anybody else can see."""

_DANGEROUS = re.compile(
    r"""
    pg_(advisory|try_advisory|backup|cancel|clear|copy|create|current_logfile|current_xact_id|drop|export|file|import
      |input|logical|log_|ls_|notify|prewarm|promote|read|reload|replication|reset|restore|rotate|set_|sleep|start
      |stat_file|stat_force|stat_clear|stat_reset|stat_statements_reset|stop|switch|sync|terminate|truncate|wal_).*
    | lo | lo_.* | loread | lowrite | dblink.* | .*_to_xml.* | set_config | setval | nextval | currval | lastval
    | setseed | txid_current | ts_stat | ts_rewrite | binary_upgrade.* | crosstab.* | connectby | xpath_table
    | satisfies_hash_partition | currtid.*
    """,
    re.VERBOSE | re.IGNORECASE,
)

READABLE_LANGUAGES = frozenset({"sql", "plpgsql"})
"""Languages whose bodies are read here, to see what they call in turn."""

CONSTRUCTORS = frozenset(
    """
    range_constructor2 range_constructor3 multirange_constructor0 multirange_constructor1 multirange_constructor2
    """.split()
)
"""What the functions are made of that PostgreSQL itself adds to a new range type."""

HARMLESS_EXTENSIONS = frozenset(
    """
    btree_gin btree_gist citext cube earthdistance fuzzystrmatch hstore intarray isn ltree pg_trgm pgcrypto postgis seg
    unaccent uuid-ossp vector
    """.split()
)
"""Extensions whose immutable and stable functions compute and do nothing else, though written in C."""


def is_dangerous(name: str) -> bool:
    """Whether a function of PostgreSQL or an extension acts, waits, reads files or runs a query given as text,
    whatever its declared volatility."""
    return _DANGEROUS.fullmatch(name) is not None and not name.endswith("_if_assigned")
