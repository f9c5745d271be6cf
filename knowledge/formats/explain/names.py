"""The property names of ``EXPLAIN (FORMAT JSON)`` and the kind of value behind each.

Source: the calls of ``ExplainProperty*`` in PostgreSQL's ``explain.c``, versions 9.6 to 18. XML says no
types and text says neither types nor all names, so their readers need to know.
"""

from __future__ import annotations


def names_in(text: str) -> frozenset[str]:
    """The names in a text that stand apart by bars and line ends."""
    return frozenset(name.strip() for line in text.strip().split("\n") for name in line.split("|"))


NUMBERS = names_in(
    """
    Startup Cost|Total Cost|Plan Rows|Plan Width|Actual Startup Time|Actual Total Time|Actual Rows|Actual Loops
    Rows Removed by Filter|Rows Removed by Join Filter|Rows Removed by Index Recheck|Rows Removed by Conflict Filter
    Heap Fetches|Index Searches|Workers Planned|Workers Launched|Worker Number|Subplans Removed
    Sort Space Used|Group Count|Average Sort Space Used|Peak Sort Space Used
    Hash Buckets|Original Hash Buckets|Hash Batches|Original Hash Batches|Peak Memory Usage|Disk Usage|HashAgg Batches
    Planned Partitions|Cache Hits|Cache Misses|Cache Evictions|Cache Overflows|Maximum Storage
    Exact Heap Blocks|Lossy Heap Blocks|Tuples Inserted|Tuples Updated|Tuples Deleted|Tuples Skipped|Conflicting Tuples
    Shared Hit Blocks|Shared Read Blocks|Shared Dirtied Blocks|Shared Written Blocks
    Local Hit Blocks|Local Read Blocks|Local Dirtied Blocks|Local Written Blocks|Temp Read Blocks|Temp Written Blocks
    I/O Read Time|I/O Write Time|Shared I/O Read Time|Shared I/O Write Time|Local I/O Read Time|Local I/O Write Time
    Temp I/O Read Time|Temp I/O Write Time|WAL Records|WAL FPI|WAL Bytes|WAL Buffers Full
    Planning Time|Execution Time|Query Identifier|Memory Used|Memory Allocated|Output Volume|Time|Calls
    Functions|Generation|Deform|Inlining|Optimization|Emission|Total
    """
)
"""Properties whose value is a number."""

BOOLEANS = frozenset(
    ["Parallel Aware", "Async Capable", "Inner Unique", "Single Copy", "Disabled", "Expressions", "Deforming"]
)
"""Properties whose value is true or false (``Inlining`` and ``Optimization`` are so among JIT's options)."""

LISTS = frozenset(
    [
        "Output",
        "Sort Key",
        "Presorted Key",
        "Group Key",
        "Group Keys",
        "Hash Keys",
        "Conflict Arbiter Indexes",
        "Sampling Parameters",
        "Sort Methods Used",
    ]
)
"""Properties whose value is a list."""

TEXTS = names_in(
    """
    Filter|Join Filter|Hash Cond|Merge Cond|Index Cond|Recheck Cond|TID Cond|Order By|One-Time Filter
    Function Call|Table Function Call|Cache Key|Cache Mode|Conflict Resolution|Conflict Filter|Run Condition|Window
    Sort Method|Sort Space Type|Storage|Relations|Remote SQL|Foreign File|Foreign Program|Query Parameters
    Node Type|Strategy|Partial Mode|Operation|Parent Relationship|Subplan Name|Custom Plan Provider|Relation Name|Schema
    Alias|Index Name|Scan Direction|Join Type|Command|Function Name|Table Function Name|CTE Name|Tuplestore Name
    Sampling Method|Repeatable Seed|Trigger Name|Constraint Name|Relation|Format|Query Text
    """
)
"""Properties whose value is a text, whatever it looks like (``One-Time Filter`` may be ``false``)."""
