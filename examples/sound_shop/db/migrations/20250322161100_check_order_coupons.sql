-- migrate:up
alter table orders validate constraint orders_coupon_id_fkey;

-- migrate:down
set local lock_timeout = '2s';
alter table orders drop constraint orders_coupon_id_fkey;
alter table orders
    add constraint orders_coupon_id_fkey foreign key (coupon_id) references coupons (id) not valid;
