"""A large schema of one's own making: valid DDL that loads into an empty PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

SUBJECTS = (
    "account", "address", "basket", "campaign", "carrier", "category", "contract", "coupon", "customer", "delivery",
    "invoice", "ledger", "message", "order", "parcel", "payment", "product", "refund", "review", "warehouse",
)  # fmt: skip


def generated_ddl(characters: int) -> str:
    """At least ``characters`` of DDL: tables, keys, indexes, views, functions, comments and alterations."""
    parts: list[str] = []
    size = number = 0
    while size < characters:
        block = "\n".join(_block(number)) + "\n\n"
        parts.append(block)
        size += len(block)
        number += 1
    return "".join(parts)


def _name(number: int) -> str:
    return f"{SUBJECTS[number % len(SUBJECTS)]}_{number // len(SUBJECTS)}"


def _block(number: int) -> Iterator[str]:
    name, parent = _name(number), _name(max(number - 1, 0))
    yield f"-- What the shop knows of each {name}."
    yield (
        f"create table {name} (\n"
        "    id uuid not null default gen_random_uuid(),\n"
        f"    {'parent_id uuid,' if number else 'root boolean not null default true,'}\n"
        "    code varchar(40) not null,\n"
        "    title text not null,\n"
        "    quantity integer not null default 0,\n"
        "    price numeric(12, 2) not null default 0.00,\n"
        "    state text not null default 'draft',\n"
        "    details jsonb not null default '{}'::jsonb,\n"
        f"    created_at {'timestamp' if number % 9 == 4 else 'timestamptz'} not null default now(),\n"
        "    updated_at timestamptz not null default now(),\n"
        f"    constraint {name}_pkey primary key (id),\n"
        f"    constraint {name}_code_key unique (code),\n"
        f"    constraint {name}_state_check check (state in ('draft', 'active', 'retired'))\n"
        ");"
    )
    yield f"comment on table {name} is 'One row for each {name}; written by the shop, read by reports.';"
    if number:
        yield (
            f"alter table {name} add constraint {name}_parent_fkey\n"
            f"    foreign key (parent_id) references {parent} (id) on delete set null;"
        )
    if number % 5:
        yield f"create index {name}_parent_idx on {name} ({'parent_id' if number else 'root'}, created_at desc);"
    yield f"create index {name}_active_idx on {name} (updated_at) where state = 'active';"
    yield f"alter table {name} add column note text;"
    yield f"alter table {name} alter column quantity set default 1;"
    if number % 4 == 0:
        yield f"create view {name}_open as select id, code, title, price from {name} where state <> 'retired';"
    if number % 8 == 0:
        yield (
            f"create function {name}_touch() returns trigger language plpgsql as $$\n"
            "begin\n    new.updated_at := now();\n    return new;\nend\n$$;\n"
            f"create trigger {name}_touch before update on {name}\n"
            f"    for each row execute function {name}_touch();"
        )


def generated_migration(tables: int, statements: int) -> tuple[str, str]:
    """A schema of ``tables`` tables, and ``statements`` alterations of it such as migrations make."""
    setup = "\n".join(
        f"create table t{number} (id bigint primary key, n integer, s varchar(50), u uuid);\n"
        f"insert into t{number} select i, i, i::text, gen_random_uuid() from generate_series(1, 20) i;"
        for number in range(tables)
    )
    kinds = (
        "alter table {t} add column c{i} text;",
        "create index {t}_n{i} on {t} (n);",
        "alter table {t} add constraint {t}_check{i} check (n >= 0) not valid;",
        "alter table {t} add column d{i} integer not null default 7;",
        "alter table {t} alter column s type varchar({width});",
        "alter table {t} add constraint {t}_unique{i} unique (u);",
        "alter table {t} alter column n set default {i};",
        "alter table {t} add column v{i} uuid default gen_random_uuid();",
    )
    made = [
        kinds[i % len(kinds)].format(t=f"t{(i // len(kinds)) % tables}", i=i, width=60 + i) for i in range(statements)
    ]
    return setup, "\n".join(made)
