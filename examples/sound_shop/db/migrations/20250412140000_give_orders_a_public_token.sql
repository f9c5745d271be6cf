-- migrate:up
-- Added empty and only then given its default, the column costs no rewrite; a job fills the old rows.
set local lock_timeout = '2s';
alter table orders add column public_token uuid;
alter table orders alter column public_token set default gen_random_uuid();

-- migrate:down
set local lock_timeout = '2s';
alter table orders drop column public_token;
