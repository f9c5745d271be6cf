"""TPC-H of any scale in a scratch database of the embedded server; the rows come from ``tpcgen-cli``."""

from __future__ import annotations

import asyncio
import sysconfig
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.scratch import Scratch

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")

SCHEMA = """
CREATE TABLE region (
  r_regionkey integer PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152)
);
CREATE TABLE nation (
  n_nationkey integer PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey integer NOT NULL, n_comment varchar(152)
);
CREATE TABLE supplier (
  s_suppkey integer PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
  s_nationkey integer NOT NULL, s_phone char(15) NOT NULL, s_acctbal decimal(15, 2) NOT NULL,
  s_comment varchar(101) NOT NULL
);
CREATE TABLE customer (
  c_custkey integer PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
  c_nationkey integer NOT NULL, c_phone char(15) NOT NULL, c_acctbal decimal(15, 2) NOT NULL,
  c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL
);
CREATE TABLE part (
  p_partkey integer PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL,
  p_type varchar(25) NOT NULL, p_size integer NOT NULL, p_container char(10) NOT NULL,
  p_retailprice decimal(15, 2) NOT NULL, p_comment varchar(23) NOT NULL
);
CREATE TABLE partsupp (
  ps_partkey integer NOT NULL, ps_suppkey integer NOT NULL, ps_availqty integer NOT NULL,
  ps_supplycost decimal(15, 2) NOT NULL, ps_comment varchar(199) NOT NULL,
  PRIMARY KEY (ps_partkey, ps_suppkey)
);
CREATE TABLE orders (
  o_orderkey bigint PRIMARY KEY, o_custkey integer NOT NULL, o_orderstatus char(1) NOT NULL,
  o_totalprice decimal(15, 2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
  o_clerk char(15) NOT NULL, o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL
);
CREATE TABLE lineitem (
  l_orderkey bigint NOT NULL, l_partkey integer NOT NULL, l_suppkey integer NOT NULL, l_linenumber integer NOT NULL,
  l_quantity decimal(15, 2) NOT NULL, l_extendedprice decimal(15, 2) NOT NULL, l_discount decimal(15, 2) NOT NULL,
  l_tax decimal(15, 2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL,
  l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
  l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL,
  PRIMARY KEY (l_orderkey, l_linenumber)
);
"""
"""Tables and primary keys (TPC-H 3.0.1, 1.4.1)."""

FOREIGN_KEYS = """
ALTER TABLE nation ADD FOREIGN KEY (n_regionkey) REFERENCES region;
ALTER TABLE supplier ADD FOREIGN KEY (s_nationkey) REFERENCES nation;
ALTER TABLE customer ADD FOREIGN KEY (c_nationkey) REFERENCES nation;
ALTER TABLE partsupp ADD FOREIGN KEY (ps_partkey) REFERENCES part;
ALTER TABLE partsupp ADD FOREIGN KEY (ps_suppkey) REFERENCES supplier;
ALTER TABLE orders ADD FOREIGN KEY (o_custkey) REFERENCES customer;
ALTER TABLE lineitem ADD FOREIGN KEY (l_orderkey) REFERENCES orders;
ALTER TABLE lineitem ADD FOREIGN KEY (l_partkey, l_suppkey) REFERENCES partsupp;
"""
"""Foreign keys (TPC-H 3.0.1, 1.4.2); made after loading, which is quicker."""

EIGHT_INDEXES = (
    "CREATE INDEX l_shipdate_idx ON lineitem (l_shipdate)",
    "CREATE INDEX l_partkey_suppkey_idx ON lineitem (l_partkey, l_suppkey)",
    "CREATE INDEX l_suppkey_idx ON lineitem (l_suppkey) INCLUDE (l_extendedprice, l_discount)",
    "CREATE INDEX o_custkey_idx ON orders (o_custkey)",
    "CREATE INDEX o_orderdate_idx ON orders (o_orderdate)",
    "CREATE INDEX c_mktsegment_idx ON customer (c_mktsegment)",
    "CREATE INDEX p_size_type_idx ON part (p_size, p_type)",
    "CREATE INDEX ps_suppkey_idx ON partsupp (ps_suppkey)",
)

PRODUCTION = {"max_parallel_workers_per_gather": "2", "max_parallel_maintenance_workers": "2"}
"""PostgreSQL's defaults that our throw-away server changes."""


def generator() -> Path:
    """The program of ``tpcgen-cli`` beside this Python.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    program = Path(sysconfig.get_path("scripts")) / "tpcgen-cli"
    if not program.exists():
        raise FileNotFoundError("tpcgen-cli is not installed (dependency group dev)")
    return program


async def generate(scale: float, folder: Path) -> None:
    """Write the eight tables as CSV with a header line into ``folder``.

    Raises:
        RuntimeError: the generator failed.
    """
    process = await asyncio.create_subprocess_exec(
        str(generator()), "tpch", "csv", "--scale-factor", f"{scale:g}", "--quiet", "--output-dir", str(folder)
    )
    if await process.wait() != 0:
        raise RuntimeError(f"tpcgen-cli ended with {process.returncode}")


@asynccontextmanager
async def populated(host: PostgresHost, scale: float) -> AsyncIterator[Scratch]:
    """A database with the tables, keys and rows of that scale, vacuumed and analysed.

    Raises:
        RuntimeError: the generator failed.
    """
    async with host.scratch() as scratch:
        with tempfile.TemporaryDirectory() as folder:
            await generate(scale, Path(folder))
            await load(scratch, Path(folder))
        yield scratch


async def load(scratch: Scratch, folder: Path) -> None:
    """Create and fill the tables, then the keys; VACUUM ANALYZE."""
    session = await production_session(scratch)
    try:
        await session.execute(SCHEMA)
        for table in TABLES:
            await session.copy_to_table(table, source=folder / f"{table}.csv", format="csv", header=True, timeout=600.0)
        await session.execute(FOREIGN_KEYS, timeout=600.0)
        for table in TABLES:
            await session.execute(f"VACUUM (ANALYZE) {table}", timeout=600.0)
    finally:
        await session.close()


async def production_session(scratch: Scratch) -> asyncpg.Connection:
    """A guest's session with PostgreSQL's default settings of the planner. The caller closes it."""
    session = await scratch.connect()
    for name, value in PRODUCTION.items():
        await session.execute(f"SET {name} = {value}")
    return session
