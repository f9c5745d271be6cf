-- migrate:up
alter table orders add column public_token uuid not null default gen_random_uuid();
alter table orders add constraint orders_public_token_key unique (public_token);

-- migrate:down
alter table orders drop column public_token;
