"""Execute statements on a scratch database and tell what PostgreSQL did for each: locks, rewrites,
scans, waiting readers and writers, its own words, errors, WAL and time.

Importing this package imports asyncpg: import it where it is used.
"""

from backend.engines.trace.script import trace_script, trace_statements
from backend.engines.trace.tracer import Tracer

__all__ = ["Tracer", "trace_script", "trace_statements"]
