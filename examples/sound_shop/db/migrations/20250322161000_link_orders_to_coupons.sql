-- migrate:up
set local lock_timeout = '2s';
create table coupons (
    id         uuid primary key default gen_random_uuid(),
    code       text not null unique,
    percent    integer not null check (percent between 1 and 100),
    expires_at timestamptz not null
);
alter table orders add column coupon_id uuid;
-- New rows are checked from here on; the next migration checks the old ones without blocking writers.
alter table orders
    add constraint orders_coupon_id_fkey foreign key (coupon_id) references coupons (id) not valid;

-- migrate:down
set local lock_timeout = '2s';
alter table orders drop column coupon_id;
drop table coupons;
