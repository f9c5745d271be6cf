-- migrate:up
create type order_status as enum ('pending', 'paid', 'shipped', 'cancelled');

create table customers (
    id         uuid primary key default gen_random_uuid(),
    email      text not null unique,
    name       text not null,
    phone      text,
    created_at timestamptz not null default now()
);

create table products (
    id          uuid primary key default gen_random_uuid(),
    sku         text not null unique,
    title       text not null,
    price_cents bigint not null check (price_cents >= 0),
    created_at  timestamptz not null default now()
);

create table orders (
    id          uuid primary key default gen_random_uuid(),
    number      integer not null unique,
    customer_id uuid not null references customers (id),
    status      order_status not null,
    total_cents bigint not null,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

create table order_items (
    order_id    uuid not null references orders (id) on delete cascade,
    product_id  uuid not null references products (id),
    quantity    integer not null check (quantity > 0),
    price_cents bigint not null,
    primary key (order_id, product_id)
);
create index order_items_product_id_idx on order_items (product_id);

-- migrate:down
drop table order_items;
drop table orders;
drop table products;
drop table customers;
drop type order_status;
