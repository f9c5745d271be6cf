-- migrate:up transaction:false
create unique index concurrently orders_public_token_key on orders (public_token);

-- migrate:down transaction:false
drop index concurrently orders_public_token_key;
