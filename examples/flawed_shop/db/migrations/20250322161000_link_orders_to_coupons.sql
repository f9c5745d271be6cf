-- migrate:up
create table coupons (
    id         uuid primary key default gen_random_uuid(),
    code       text not null unique,
    percent    integer not null check (percent between 1 and 100),
    expires_at timestamp not null
);
alter table orders add column coupon_id uuid;
alter table orders add constraint orders_coupon_id_fkey foreign key (coupon_id) references coupons (id);

-- migrate:down
alter table orders drop column coupon_id;
drop table coupons;
