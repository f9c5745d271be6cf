-- migrate:up transaction:false
create index concurrently orders_coupon_id_idx on orders (coupon_id);

-- migrate:down transaction:false
drop index concurrently orders_coupon_id_idx;
