-- migrate:up transaction:false
create index concurrently orders_customer_id_created_at_idx on orders (customer_id, created_at desc);

-- migrate:down transaction:false
drop index concurrently orders_customer_id_created_at_idx;
