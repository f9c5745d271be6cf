-- migrate:up
create index orders_customer_id_created_at_idx on orders (customer_id, created_at desc);

-- migrate:down
drop index orders_customer_id_created_at_idx;
