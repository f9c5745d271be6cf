"""The table that all candidates serve."""

from __future__ import annotations

from uuid import UUID

from backend.engines.postgres.scratch import Scratch

# A scaffolded backend has made the table by its own migration, which has no defaults.
CREATE = """
create table if not exists items (
    id uuid primary key,
    title varchar(200) not null,
    body text not null,
    price numeric(12, 2) not null,
    quantity integer not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
alter table items alter column created_at set default now(), alter column updated_at set default now();
create index if not exists items_created_at_id_idx on items (created_at desc, id desc);
"""

FILL = """
insert into items (id, title, body, price, quantity, created_at, updated_at)
select gen_random_uuid(), 'Item ' || n, repeat('Lorem ipsum dolor sit amet. ', 8), n % 1000 + 0.5, n % 50,
       now() - n * interval '1 second', now() - n * interval '1 second'
from generate_series(1, $1::integer) n
"""


async def create(scratch: Scratch) -> None:
    """Make the table where it does not exist."""
    connection = await scratch.connect()
    try:
        await connection.execute(CREATE)
    finally:
        await connection.close()


async def fill(scratch: Scratch, rows: int, sample: int = 500) -> list[UUID]:
    """Make the table hold ``rows`` fresh rows, and return the ids of some of them."""
    connection = await scratch.connect()
    try:
        await connection.execute("truncate items")
        await connection.execute(FILL, rows)
        await connection.execute("analyze items")
        found = await connection.fetch("select id from items order by id limit $1", sample)
    finally:
        await connection.close()
    return [row["id"] for row in found]


async def tidy(scratch: Scratch) -> None:
    """Remove the rows that measuring made."""
    connection = await scratch.connect()
    try:
        await connection.execute("delete from items where title = 'Posted'")
        await connection.execute("vacuum analyze items")
    finally:
        await connection.close()
